import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { scratchFolder } from '../../test/services/process.ts';
import type { Bench } from '../bench.ts';
import type { Contender } from '../contender.ts';
import { contendersOf } from '../matrix/matrix.ts';
import { usageOf } from '../measure/process-tree.ts';
import { rounded } from '../measure/statistics.ts';
import type { BenchOptions } from '../options.ts';
import { startPump } from '../pump-process.ts';
import { openSink } from '../sinks/open.ts';
import type { BenchSink } from '../sinks/sink.ts';
import { inSession } from './session.ts';

const cell = { size: '1KB', encoding: 'msgpack' } as const;
const sinkNames = ['elasticsearch', 'csv'] as const;
/**
 * Seconds from the start of a process to the look at what it has used. A small backlog is drained long before; on a machine
 * that others use, that is waited for as well.
 */
const [watched, patience] = [6, 30];

/** What a start costs with nothing to do, and with a small backlog: what those records cost is the difference. */
export function measureStart(options: BenchOptions, args: readonly string[]): Promise<number> {
  const backlog = options.backlog ?? 10_000;
  return inSession(options, args, async (bench, keep) => {
    let failures = 0;
    for (const name of sinkNames) {
      const sink = await openSink(name, bench);
      try {
        for (let round = 1; round <= options.rounds; round++)
          for (const contender of contendersOf(options)) {
            const empty = await startOnce(bench, sink, contender, 0);
            const full = await startOnce(bench, sink, contender, backlog);
            if (full.lost > 0) failures++;
            keep({
              ...{ kind: 'start', pump: contender.name, sink: name, backlog, round },
              ...{ emptyCpu: empty.cpu, cpu: full.cpu, lost: full.lost },
            });
            const more = rounded(full.cpu - empty.cpu, 2);
            console.log(
              `${name}, round ${round} · ${contender.name}: ${empty.cpu} CPU s for a start, ${more} more for ${backlog} records${full.lost > 0 ? `; ${full.lost} LOST` : ''}`,
            );
          }
      } finally {
        await sink.close();
      }
    }
    return failures > 0 ? 1 : 0;
  });
}

async function startOnce(
  bench: Bench,
  sink: BenchSink,
  contender: Contender,
  records: number,
): Promise<{ readonly cpu: number; readonly lost: number }> {
  const folder = await scratchFolder('bench-start');
  const stdout = path.join(folder, 'stdout', 'pump.out');
  await mkdir(path.dirname(stdout));
  if (records === 0) await bench.redis.flushdb('SYNC');
  else {
    await bench.backlog.prepare({ ...cell, backlog: records }, () => undefined);
    await bench.backlog.layOut(cell.encoding);
  }
  const { encoding } = cell;
  const pumps = await sink.begin({ records, encoding, folder, stdout, pumpCpu: () => 0 });
  const pump = await startPump({ contender, redis: bench.server, pumps, folder, stdout });
  try {
    await delay(watched * 1_000);
    let { lost } = await sink.look();
    for (const end = Date.now() + patience * 1_000; lost > 0 && Date.now() < end; ) {
      await delay(100);
      ({ lost } = await sink.look());
    }
    if (!pump.isRunning()) throw new Error(`${contender.name} ended:\n${pump.output()}`);
    return { cpu: rounded(usageOf(pump.pid).cpu, 2), lost };
  } finally {
    await pump.stop();
  }
}
