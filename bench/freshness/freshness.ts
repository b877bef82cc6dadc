import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { scratchFolder } from '../../test/services/process.ts';
import type { Bench } from '../bench.ts';
import type { Contender } from '../contender.ts';
import { inSession } from '../extra/session.ts';
import { contendersOf } from '../matrix/matrix.ts';
import { usageOf } from '../measure/process-tree.ts';
import { rounded } from '../measure/statistics.ts';
import type { BenchOptions } from '../options.ts';
import { startPump } from '../pump-process.ts';
import type { Freshness } from '../results.ts';
import { metaFor } from '../sinks/bulk-sink.ts';
import { type BenchChild, startChild } from '../sinks/child.ts';

const rates = [100, 1_000, 10_000];
/** Values of `purge_delay`; undefined: nothing is said, and what that means is each pump's own matter. */
const delays = [2, undefined];
/** Seconds that are judged, and those before them, in which a pump that was at rest finds out that records come. */
const [watched, warming] = [15, 20];
/** Seconds after which what has not arrived is not waited for. */
const patience = 30;

interface Parts {
  readonly bench: Bench;
  readonly sink: BenchChild;
  readonly feeder: BenchChild;
}

/** How old records are when the sink has them, while they come at a steady rate. */
export function measureFreshness(options: BenchOptions, args: readonly string[]): Promise<number> {
  return inSession(options, args, async (bench, keep) => {
    const sink = await startChild('bulk-server.ts');
    const feeder = await startChild('../freshness/feeder.ts');
    let isWhole = true;
    try {
      for (const rate of rates)
        for (const seconds of delays)
          for (const contender of contendersOf(options)) {
            const asked = { ...contender, config: { ...contender.config, purge_delay: seconds } };
            const line = await freshnessOf({ bench, sink, feeder }, asked, rate);
            const measured = { ...line, ...(seconds === undefined ? {} : { delay: seconds }) };
            keep(measured);
            print(measured);
            isWhole &&= line.missing === 0;
          }
      return isWhole ? 0 : 1;
    } finally {
      await feeder.close();
      await sink.close();
    }
  });
}

async function freshnessOf(
  { bench, sink, feeder }: Parts,
  contender: Contender,
  rate: number,
): Promise<Freshness> {
  await bench.redis.flushdb('SYNC');
  const folder = await scratchFolder('bench-freshness');
  const stdout = path.join(folder, 'stdout', 'pump.out');
  await mkdir(path.dirname(stdout));
  const interval = 1_000 / rate;
  // Time enough for the pump to start.
  const firstAt = Date.now() + 3_000;
  const records = rate * (warming + watched + patience);
  await sink.ask('begin', { records, firstAt, interval });
  const pumps = { elasticsearch: { type: 'elasticsearch', meta: metaFor(sink.port) } };
  const pump = await startPump({ contender, redis: bench.server, pumps, folder, stdout });
  try {
    await delay(firstAt - Date.now());
    await feeder.ask('begin', { port: bench.server.port, firstAt, interval });
    const from = firstAt + warming * 1_000;
    await delay(from - Date.now());
    const cpu = usageOf(pump.pid).cpu;
    const until = from + watched * 1_000;
    await delay(until - Date.now());
    const used = usageOf(pump.pid).cpu - cpu;
    let seen = await sink.ask('ages', { from, until });
    for (const end = Date.now() + patience * 1_000; seen['missing'] !== 0 && Date.now() < end; ) {
      await delay(100);
      seen = await sink.ask('ages', { from, until });
    }
    const { late = 0 } = await feeder.ask('end');
    if (!pump.isRunning()) throw new Error(`${contender.name} ended:\n${pump.output()}`);
    const { missing = 0, p50 = 0, p99 = 0, max = 0 } = seen;
    return {
      ...{ kind: 'freshness', pump: contender.name, rate, missing },
      ...{ p50: Math.round(p50), p99: Math.round(p99), max: Math.round(max) },
      ...{ late: Math.round(late), cpuPercent: rounded((used / watched) * 100, 1) },
    };
  } finally {
    await feeder.ask('end');
    await pump.stop();
  }
}

const print = ({
  pump,
  rate,
  delay: seconds,
  p50,
  p99,
  max,
  late,
  cpuPercent,
  missing,
}: Freshness) =>
  console.log(
    `${rate}/s, purge_delay ${seconds ?? 'unset'} · ${pump}: p50 ${p50} ms, p99 ${p99} ms, longest ${max} ms, ${cpuPercent} % of a core; pushed up to ${late} ms late${missing > 0 ? `; ${missing} MISSING` : ''}`,
  );
