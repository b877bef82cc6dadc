/** Worker threads that do as a test wants: real ones, whose few lines speak as src/worker.ts does. */
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** `port` is the thread's end of what it and the main thread say to each other. */
export const threadOf = (script: string, options: WorkerOptions = {}): Worker =>
  new Worker(`const port = require('node:worker_threads').parentPort; ${script}`, {
    ...options,
    eval: true,
  });

export const say = (message: string): string => `port.postMessage(${message});`;

const metrics = (value: number, labels = '{}') =>
  `[{ name: 'a_total', help: '', type: 'counter', aggregator: 'sum', values: [{ value: ${value}, labels: ${labels} }] }]`;

/** What it has counted, and what it has on disk. */
export const state = (counted: number, spill = '[]'): string =>
  `{ metrics: ${metrics(counted)}, spill: ${spill} }`;

export const ready = `${say(`{ kind: 'state', state: ${state(2)} }`)} ${say("{ kind: 'ready' }")}`;

/** Answers for its routes, and ends when it is told to stop. */
const obedient = `port.on('message', (message) => {
  if (message.kind === 'ask') ${say("{ kind: 'answer', id: message.id, answer: { health: { state: 'up' } } }")}
  if (message.kind === 'stop') ${say(`{ kind: 'ended', unsettled: 0, state: ${state(5)} }`)}
});`;

export const good = `${ready} ${obedient}`;
