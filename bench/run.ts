import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Child } from '../test/services/process.ts';
import { scratchFolder } from '../test/services/process.ts';
import type { Bench } from './bench.ts';
import type { Cell } from './cell.ts';
import type { Contender } from './contender.ts';
import { machineCpu, type Usage, usageOf } from './measure/process-tree.ts';
import { commandsBetween, readCounters } from './measure/redis-counters.ts';
import { rounded } from './measure/statistics.ts';
import { startPump } from './pump-process.ts';
import { listsOf } from './records/backlog.ts';
import type { Run } from './results.ts';
import type { Arrivals, BenchSink } from './sinks/sink.ts';
import { treated } from './treatment.ts';

/** Milliseconds without anything new after which a run is given up. */
const longestSilence = 30_000;
/** Milliseconds from the last record to the last look: what a pump still has to settle belongs to its cost. */
const settling = 500;

export interface RunOrder extends Cell {
  readonly contender: Contender;
  readonly round: number;
}

/** What is asked of a run besides its figures. */
export interface RunHooks {
  /** Where the pump answers; left out: anywhere. */
  readonly healthPort?: number;
  /** Records that have arrived so far. */
  readonly onProgress?: (arrived: number) => void;
  /** Everything is ready, the pump not started. */
  readonly onStarting?: () => Promise<unknown>;
  /** The last record has arrived, or the run was given up; the pump still runs. */
  readonly onArrived?: () => Promise<unknown>;
}

/** Lays out the backlog, lets the contender drain it into the sink, and measures both. */
export async function runOnce(
  bench: Bench,
  sink: BenchSink,
  order: RunOrder,
  hooks: RunHooks = {},
): Promise<Run> {
  const folder = await scratchFolder('bench-run');
  const stdout = path.join(folder, 'stdout', 'pump.out');
  await mkdir(path.dirname(stdout));
  await bench.backlog.prepare(order, bench.onLoading);
  await bench.backlog.layOut(order.encoding);
  let pump: Child | undefined;
  let usage: Usage = { cpu: 0, peakBytes: 0 };
  const look = (): Usage => {
    // What is gone shows nothing: the last look counts.
    if (pump?.isRunning() === true) usage = usageOf(pump.pid);
    return usage;
  };
  const { backlog: records, encoding } = order;
  const run = { records, encoding, folder, stdout, pumpCpu: () => look().cpu };
  const pumps = treated(await sink.begin(run), order.treatment);
  const redis = await bench.distances.at(order.rtt);
  bench.ownCommands.clear();
  await hooks.onStarting?.();
  const before = await readCounters(bench.redis);
  const others = foreignCpu();
  const started = performance.now();
  try {
    const { healthPort } = hooks;
    const setup = { ...order, redis, pumps, folder, stdout };
    pump = await startPump(healthPort === undefined ? setup : { ...setup, healthPort });
    const firstAt = await firstChange(bench, order, pump);
    const startCpu = look().cpu;
    const { arrivals, lastAt } = await untilArrived(sink, pump, look, hooks.onProgress);
    await hooks.onArrived?.();
    await delay(settling);
    look();
    const after = await readCounters(bench.redis);
    const span = (performance.now() - started) / 1000;
    const final = await sink.look();
    const seconds = Math.max(0.001, (lastAt - firstAt) / 1000);
    const failure = failureOf(final, pump);
    const note = arrivals.note ?? final.note;
    const { contender, ...cell } = order;
    return {
      kind: 'run',
      ...cell,
      pump: contender.name,
      ...(failure === undefined ? {} : { failure }),
      ...(note === undefined ? {} : { note }),
      recordsPerSecond: Math.round(final.arrived / seconds),
      seconds: rounded(seconds, 3),
      secondsFromStart: rounded((lastAt - started) / 1000, 3),
      cpuPer100k: rounded((usage.cpu / records) * 100_000, 3),
      startCpu: rounded(startCpu, 2),
      peakMiB: Math.round(usage.peakBytes / 2 ** 20),
      redisCommandsPer1000: rounded(
        (commandsBetween(before, after, bench.ownCommands) / records) * 1_000,
        2,
      ),
      redisKiBPer1000: Math.round(((after.bytesOut - before.bytesOut) / 1024 / records) * 1_000),
      lost: final.lost,
      invented: final.invented,
      foreignCores: rounded(Math.max(0, (foreignCpu() - others) / span), 2),
    };
  } finally {
    await pump?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** When the question was asked that showed the list changed; the start of the process is no part of the speed. */
async function firstChange(bench: Bench, order: RunOrder, pump: Child): Promise<number> {
  const lists = listsOf(order.encoding);
  const end = performance.now() + longestSilence;
  for (;;) {
    const asked = performance.now();
    bench.count('llen', lists.length);
    if ((await bench.backlog.waiting(lists)) !== order.backlog) return asked;
    if (!pump.isRunning() || asked > end)
      throw new Error(`${order.contender.name} takes nothing from Redis:\n${pump.output()}`);
    await delay(3);
  }
}

async function untilArrived(
  sink: BenchSink,
  pump: Child,
  look: () => Usage,
  onProgress: (arrived: number) => void = () => undefined,
): Promise<{ readonly arrivals: Arrivals; readonly lastAt: number }> {
  let [last, changedAt] = [-1, performance.now()];
  for (;;) {
    const arrivals = await sink.look();
    look();
    onProgress(arrivals.arrived);
    // Also where they have become fewer: until a pump's books say more, what it took from the list is taken to have arrived.
    if (arrivals.arrived !== last) [last, changedAt] = [arrivals.arrived, performance.now()];
    const isOver = !pump.isRunning() || performance.now() - changedAt > longestSilence;
    if (arrivals.lost === 0 || isOver) return { arrivals, lastAt: arrivals.lastAt ?? changedAt };
    await delay(sink.interval);
  }
}

function failureOf({ lost, invented }: Arrivals, pump: Child): string | undefined {
  if (!pump.isRunning()) return `the pump ended: ${pump.output()}`;
  if (lost + invented > 0) return `${lost} records lost, ${invented} invented`;
  return undefined;
}

/** Seconds of processor time of whatever is not this process or a descendant: Redis, sinks and pumps are. */
const foreignCpu = (): number => machineCpu() - usageOf(process.pid).cpu;
