import { expect, test } from 'vitest';
import { memoryLog } from '../../../../test/services/memory-log.ts';
import { FakeClock, settled } from '../../../lib/fake-clock.testing.ts';
import { CountingMetrics } from '../../../lib/metrics.testing.ts';
import { seconds } from '../../../lib/units.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { Supervisor, type WorkerExit } from './supervisor.ts';

/** A supervisor whose workers are what the test says. */
async function bench(count: number) {
  const clock = new FakeClock();
  const log = memoryLog();
  const metrics = new CountingMetrics();
  const workers: {
    readonly index: number;
    readonly heard: ToWorker['kind'][];
    isKilled: boolean;
    say(message: FromWorker): void;
    exit(exit: WorkerExit): void;
  }[] = [];
  const fork = (index: number) => {
    const worker = {
      index,
      heard: [] as ToWorker['kind'][],
      isKilled: false,
      say: (message: FromWorker): void => expect(message).toBeUndefined(),
      exit: (exit: WorkerExit): void => expect(exit).toBeUndefined(),
    };
    workers.push(worker);
    return {
      pid: workers.length,
      send: ({ kind }: ToWorker) => void worker.heard.push(kind),
      onMessage: (hear: typeof worker.say) => {
        worker.say = hear;
      },
      onExit: (hear: typeof worker.exit) => {
        worker.exit = hear;
      },
      kill: () => {
        worker.isKilled = true;
      },
    };
  };
  const supervisor = new Supervisor({
    ...{ count, fork, stopTime: seconds(5), clock, log, metrics },
  });
  const stop = new AbortController();
  const ended = supervisor.run(stop.signal);
  await settled();
  return { clock, log, metrics, workers, supervisor, stop, ended };
}

const killed: WorkerExit = { code: null, signal: 'SIGKILL' };
const inOrder: WorkerExit = { code: 0, signal: null };

test('a worker that dies again and again is waited for longer each time, and not for ever', async () => {
  const { clock, workers, metrics, stop, ended } = await bench(1);
  workers[0]?.say({ kind: 'up' });
  const waited: number[] = [];
  for (let time = 0; time < 8; time++) {
    workers.at(-1)?.exit(killed);
    await settled();
    const before = workers.length;
    let passed = 0;
    for (; workers.length === before; passed += 500) await clock.advance(500);
    waited.push(passed);
  }
  expect(waited).toEqual([500, 1000, 2000, 5000, 10_000, 30_000, 30_000, 30_000]);
  expect(metrics.of('sluice_capture_workers_replaced_total')).toBe(8);
  await clock.advance(10_000);
  workers.at(-1)?.exit(killed);
  await settled();
  await clock.advance(1);
  expect(workers).toHaveLength(10);
  stop.abort();
  await settled();
  workers.at(-1)?.exit(inOrder);
  expect(await ended).toBe(0);
});

test('one that cannot begin ends all of them', async () => {
  const { workers, ended } = await bench(2);
  workers[1]?.say({ kind: 'up' });
  workers[0]?.exit({ code: 1, signal: null });
  await settled();
  expect(workers[1]?.heard).toEqual(['stop']);
  workers[1]?.exit(inOrder);
  expect(await ended).toBe(1);
  expect(workers).toHaveLength(2);
});

test('one that does not end in time is killed, and the exit code says so', async () => {
  const { clock, workers, stop, ended, log } = await bench(2);
  for (const worker of workers) worker.say({ kind: 'up' });
  await settled();
  stop.abort();
  await settled();
  workers[0]?.exit(inOrder);
  await clock.advance(5000);
  expect(await ended).toBe(1);
  expect(workers.map(({ isKilled }) => isKilled)).toEqual([false, true]);
  expect(log.lines.at(-1)?.message).toBe('A worker does not end, and is killed.');
});

test('nobody takes the place of one that has seen everything', async () => {
  const { workers, ended } = await bench(2);
  for (const worker of workers) {
    worker.say({ kind: 'up' });
    worker.say({ kind: 'finished' });
    worker.exit(inOrder);
  }
  expect(await ended).toBe(0);
  expect(workers).toHaveLength(2);
});

test('one that does not answer is left out of what is shown', async () => {
  const { clock, workers, supervisor } = await bench(2);
  const reports = supervisor.reports();
  const readiness = { ready: true, records: { state: 'up' }, sources: [] } as const;
  workers[0]?.say({ kind: 'report', id: 1, readiness, metrics: [], diagnostics: {} });
  await clock.advance(2000);
  expect((await reports).map((report) => report?.readiness.ready)).toEqual([true, undefined]);
});
