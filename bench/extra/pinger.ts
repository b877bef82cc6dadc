/**
 * Another client of a Redis, in a process of its own so that nobody's work delays its clock: asks PING over and over, one
 * at a time, and remembers how long each answer took.
 */
import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { percentile } from '../measure/statistics.ts';
import { answerParent } from '../sinks/child.ts';

/** Milliseconds between two questions. */
const pause = 1;

let waits: number[] = [];
let port = 0;

answerParent(0, {
  begin(values) {
    port = values['port'] ?? port;
    waits = [];
    ask ??= askForever(port);
    return {};
  },
  look() {
    // Nothing asked yet is nobody's wait.
    const known = waits.length === 0 ? [0] : waits;
    return {
      pings: waits.length,
      p50: percentile(known, 50),
      p99: percentile(known, 99),
      p999: percentile(known, 99.9),
      max: percentile(known, 100),
    };
  },
});

let ask: Promise<void> | undefined;

/** A bare socket: no client library shares the blame for a wait. */
async function askForever(to: number): Promise<void> {
  const socket = connect(to, '127.0.0.1').setNoDelay(true);
  for (;;) {
    // Of a question from before `begin` the answer is not counted: it may have waited for the backlog to be laid out.
    const asked = waits;
    const start = performance.now();
    await new Promise((resolve) => {
      socket.once('data', resolve);
      socket.write('PING\r\n');
    });
    asked.push(performance.now() - start);
    await delay(pause);
  }
}
