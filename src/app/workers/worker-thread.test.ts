import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Clock, systemClock } from '../../lib/clock.ts';
import type { FromWorker } from './messages.ts';
import { good, ready, say, state, threadOf } from './threads.testing.ts';
import { WorkerThread } from './worker-thread.ts';

const never = new AbortController().signal;
const ended = say(`{ kind: 'ended', unsettled: 0, state: ${state(5)} }`);

describe('A worker thread, seen from the main one', () => {
  const threads: WorkerThread[] = [];
  afterEach(async () => {
    for (const thread of threads.splice(0)) {
      thread.end('the test is over');
      await thread.ending;
    }
  });

  function aThread(script: string, { clock = systemClock, data = {}, onEnded = () => {} } = {}) {
    const heard: FromWorker[] = [];
    const worker = threadOf(script, { workerData: data });
    const hear = (message: FromWorker): void => {
      heard.push(message);
      if (message.kind === 'ended') onEnded();
    };
    const thread = new WorkerThread(worker, hear, clock);
    threads.push(thread);
    const hears = (kind: FromWorker['kind']) =>
      vi.waitUntil(() => heard.some((message) => message.kind === kind), 20_000);
    const exit = new Promise<void>((resolve) => {
      worker.once('exit', () => resolve());
    });
    return { thread, heard, hears, exit };
  }

  it('has handed over what it had, whatever happens to it after it said so', async () => {
    const failing = new Int32Array(new SharedArrayBuffer(4));
    const { thread } = aThread(
      `const { workerData: failing } = require('node:worker_threads');
      ${ended}
      setImmediate(() => {
        Atomics.store(failing, 0, 1);
        Atomics.notify(failing, 0);
        throw new Error('of a library');
      });`,
      {
        data: failing,
        onEnded: () => {
          Atomics.wait(failing, 0, 0);
          // Until the error is on its way here, with nobody to look at it.
          Atomics.wait(failing, 0, 1, 200);
        },
      },
    );

    expect(await thread.ending).toEqual({ kind: 'ended', unsettled: 0 });
  });

  it('is not heard any more once it counts as over', async () => {
    // In no time, as to a main thread that was busy for longer than a thread gets to be gone in.
    const clock: Clock = { ...systemClock, sleep: () => Promise.resolve() };
    const told = new Int32Array(new SharedArrayBuffer(4));
    const { thread, heard, hears, exit } = aThread(
      `${ready} const { workerData: told } = require('node:worker_threads');
      port.on('message', () => {
        ${say(`{ kind: 'state', state: ${state(100)} }`)}
        ${say("{ kind: 'ready' }")}
        Atomics.store(told, 0, 1);
        Atomics.notify(told, 0);
      });`,
      { clock, data: told },
    );
    await hears('ready');
    thread.tell({ kind: 'abandon' });
    // It has said what nobody has read yet.
    Atomics.wait(told, 0, 0);
    const before = heard.length;

    thread.end('it gave no sign of life');

    expect(await thread.ending).toMatchObject({ kind: 'died', reason: 'it gave no sign of life' });
    await exit;
    expect(heard).toHaveLength(before);
  });

  it('answers each question by its number, and an answer that comes twice or for nobody is nothing', async () => {
    const { thread, hears } = aThread(`${ready} const asked = [];
      const answer = ({ id, question }) => port.postMessage({ kind: 'answer', id, answer: { health: { state: question.route } } });
      port.on('message', (question) => {
        asked.push(question);
        if (asked.length < 2) return;
        port.postMessage({ kind: 'answer', id: 99, answer: {} });
        for (const each of [...asked].reverse()) { answer(each); answer(each); }
      });`);
    await hears('ready');

    const answers = await Promise.all([
      thread.ask({ about: 'health', route: 'A' }, never),
      thread.ask({ about: 'health', route: 'B' }, never),
    ]);

    expect(answers).toEqual([{ health: { state: 'A' } }, { health: { state: 'B' } }]);
  });

  it('refuses questions once it is gone', async () => {
    const { thread } = aThread(good);
    thread.end('it is told to');
    await thread.ending;

    await expect(thread.ask({ about: 'state' }, never)).rejects.toThrow('the worker is gone');
  });
});
