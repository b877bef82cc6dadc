import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { scratchFolder } from '../../test/services/process.ts';
import { contendersOf } from '../matrix/matrix.ts';
import { usageOf } from '../measure/process-tree.ts';
import { commandsBetween, readCounters } from '../measure/redis-counters.ts';
import { rounded } from '../measure/statistics.ts';
import type { BenchOptions } from '../options.ts';
import { startPump } from '../pump-process.ts';
import { openSink } from '../sinks/open.ts';
import { inSession } from './session.ts';

/** Seconds until a started pump has come to rest, and for which it is then watched. */
const [settleSeconds, watchSeconds] = [5, 20];

/** What a pump costs that has four routes, all of the gateway's lists, and nothing in them. */
export function measureIdle(options: BenchOptions, args: readonly string[]): Promise<number> {
  return inSession(options, args, async (bench, keep) => {
    const sink = await openSink('four', bench);
    try {
      for (const contender of contendersOf(options).filter(({ name }) => name !== 'naive')) {
        await bench.redis.flushdb('SYNC');
        const folder = await scratchFolder('bench-idle');
        const stdout = path.join(folder, 'stdout', 'pump.out');
        await mkdir(path.dirname(stdout));
        const run = { records: 0, encoding: 'msgpack', folder, stdout, pumpCpu: () => 0 } as const;
        const pumps = await sink.begin(run);
        const pump = await startPump({ contender, redis: bench.server, pumps, folder, stdout });
        try {
          await delay(settleSeconds * 1_000);
          const [before, cpu] = [await readCounters(bench.redis), usageOf(pump.pid).cpu];
          await delay(watchSeconds * 1_000);
          const [after, used] = [await readCounters(bench.redis), usageOf(pump.pid).cpu - cpu];
          if (!pump.isRunning()) throw new Error(`${contender.name} ended:\n${pump.output()}`);
          const commands = commandsBetween(before, after, new Map()) / watchSeconds;
          const commandsPerSecond = rounded(commands, 2);
          const cpuPercent = rounded((used / watchSeconds) * 100, 2);
          keep({
            ...{ kind: 'idle', pump: contender.name, seconds: watchSeconds },
            ...{ commandsPerSecond, cpuPercent },
          });
          console.log(
            `${contender.name}: ${commandsPerSecond} Redis commands per second, ${cpuPercent} % of a core (${watchSeconds} s, 22 lists, four routes)`,
          );
        } finally {
          await pump.stop();
        }
      }
      return 0;
    } finally {
      await sink.close();
    }
  });
}
