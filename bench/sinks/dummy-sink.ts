import { performance } from 'node:perf_hooks';
import { listsOf } from '../records/backlog.ts';
import type { BenchSink, SinkRun } from './sink.ts';

/** Milliseconds without work after which a pump with an empty list is taken to be done. */
const quietFor = 1_500;
/** Seconds of processor time that are no work: two of the ticks it is counted in. */
const rest = 0.021;

/** What is asked of Redis. */
export interface DummyBooks {
  hget(key: string, field: string): Promise<string | null>;
  llen(key: string): Promise<number>;
}

/**
 * No destination. Our own pump's books say what it has dropped; of others only the list and the processor are seen:
 * they are done when the list is empty and the process rests.
 */
export function dummySink(
  redis: DummyBooks,
  count: (command: string, times?: number) => void,
  now = (): number => performance.now(),
): BenchSink {
  let run: SinkRun | undefined;
  let last = { cpu: -1, at: 0 };
  let isDone = false;
  return {
    interval: 20,
    begin(next) {
      run = next;
      last = { cpu: -1, at: 0 };
      isDone = false;
      return Promise.resolve({ dummy: { type: 'dummy', meta: {} } });
    },
    async look() {
      const { records, encoding, pumpCpu } = run ?? unbegun();
      const lists = listsOf(encoding);
      count('hget', lists.length);
      const books = await Promise.all(
        lists.map((list) => redis.hget(`{${list}}:ledger`, 'DUMMY|delivered')),
      );
      if (books.some((booked) => booked !== null)) return arrivals(records, sum(books.map(Number)));
      count('llen', lists.length);
      const waiting = sum(await Promise.all(lists.map((list) => redis.llen(list))));
      const cpu = pumpCpu();
      if (cpu > last.cpu + rest || waiting > 0) last = { cpu, at: now() };
      // What a process does that has rested, its collector say, is no work of this run.
      isDone ||= waiting === 0 && now() - last.at > quietFor;
      // The last one is held back until the process rests.
      return { ...arrivals(records, isDone ? records : records - waiting - 1), lastAt: last.at };
    },
    close: () => Promise.resolve(),
  };
}

const arrivals = (records: number, arrived: number) => ({
  arrived: Math.max(0, arrived),
  lost: Math.max(0, records - arrived),
  invented: Math.max(0, arrived - records),
});

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);

function unbegun(): never {
  throw new Error('The sink was looked at before it began.');
}
