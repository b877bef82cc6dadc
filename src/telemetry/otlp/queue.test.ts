import { describe, expect, it } from 'vitest';
import { type MemoryLog, memoryLog } from '../../../test/services/memory-log.ts';
import { FakeClock, settled } from '../../lib/fake-clock.testing.ts';
import { CountingMetrics } from '../../lib/metrics.testing.ts';
import type { Sent } from './exporter.ts';
import { Failures } from './failures.ts';
import { Queue } from './queue.ts';

const taken: Sent = { isTaken: true, refused: 0 };
const away: Sent = { isTaken: false, reason: 'nobody listens', isFinal: false };
const refused: Sent = { isTaken: false, reason: 'HTTP 400 Bad Request', isFinal: true };

/** A queue of texts that weigh as much as they are long; at most two in a request, ten characters in all. */
function aQueue(answer: Sent = taken) {
  const clock = new FakeClock();
  const metrics = new CountingMetrics();
  const log = memoryLog();
  const requests: string[][] = [];
  const state = { answer, dropped: 0 };
  const counter = metrics.counter({ name: 'failures' });
  const queue = new Queue<string>({
    exporter: {
      send(items) {
        requests.push([...items]);
        return Promise.resolve(state.answer);
      },
    },
    ...{ most: 2, bound: 10, weightOf: (text) => text.length, clock },
    failures: new Failures('logs', { counter, log, clock }),
    onDropped: (items) => {
      state.dropped += items;
    },
  });
  return { clock, log, queue, requests, state, running: queue.run() };
}

const messagesOf = ({ lines }: MemoryLog): readonly string[] => lines.map(({ message }) => message);

describe('what waits to be sent', () => {
  it('goes together after a second, as many as a request may have', async () => {
    const { clock, queue, requests } = aQueue();
    for (const text of ['a', 'b', 'c']) queue.add(text);
    await clock.advance(999);
    expect(requests).toEqual([]);
    await clock.advance(1);

    expect(requests).toEqual([['a', 'b'], ['c']]);
  });

  it('is dropped beyond the bound, and is counted', async () => {
    const { clock, queue, requests, state } = aQueue();
    for (const text of ['1234', '5678', '90a', 'b']) queue.add(text);
    await clock.advance(1000);

    expect(requests.flat()).toEqual(['1234', '5678', 'b']);
    expect(state.dropped).toBe(1);
    queue.add('1234567890');
    await clock.advance(1000);
    expect(requests.at(-1)).toEqual(['1234567890']);
  });

  it('stays while the receiver is away, and comes in its order later', async () => {
    const { clock, queue, requests, state } = aQueue(away);
    queue.add('a');
    await clock.advance(1000);
    queue.add('b');
    await clock.advance(4999);
    expect(requests).toEqual([['a']]);
    state.answer = taken;
    await clock.advance(1);

    expect(requests).toEqual([['a'], ['a', 'b']]);
    expect(state.dropped).toBe(0);
  });

  it('is lost where the receiver refuses it, and what comes behind is not', async () => {
    const { clock, queue, requests, state } = aQueue(refused);
    for (const text of ['a', 'b', 'c']) queue.add(text);
    await clock.advance(1000);

    expect(requests).toEqual([['a', 'b'], ['c']]);
    expect(state.dropped).toBe(3);
  });

  it('is lost in part where the receiver takes only some of it', async () => {
    const { clock, queue, state } = aQueue({ isTaken: true, refused: 1 });
    for (const text of ['a', 'b']) queue.add(text);
    await clock.advance(1000);

    expect(state.dropped).toBe(1);
  });

  it.each([taken, away])('is sent once more at the end, and not again: %j', async (answer) => {
    const { queue, requests, running } = aQueue(answer);
    queue.add('a');
    queue.close();
    await running;

    expect(requests.flat().length).toBeGreaterThan(0);
    expect(new Set(requests.flat())).toEqual(new Set(['a']));
    expect(requests.length).toBeLessThan(3);
  });

  it('is said once a minute where it fails, and once when it works again', async () => {
    const { clock, log, queue, state } = aQueue(away);
    queue.add('a');
    await clock.advance(30_000);
    expect(messagesOf(log)).toEqual(['The service’s own telemetry could not be sent.']);
    await clock.advance(40_000);
    expect(messagesOf(log)).toHaveLength(2);
    state.answer = taken;
    await clock.advance(5_000);
    await settled();

    expect(messagesOf(log).slice(2)).toEqual(['The service’s own telemetry is sent again.']);
  });
});
