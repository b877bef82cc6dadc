import { freePort } from '../../test/services/process.ts';
import { shortCount } from '../cell.ts';
import { contendersOf } from '../matrix/matrix.ts';
import { spreadOf } from '../measure/statistics.ts';
import type { BenchOptions } from '../options.ts';
import type { Watched } from '../results.ts';
import { runOnce } from '../run.ts';
import { bulkSink } from '../sinks/bulk-sink.ts';
import { startChild } from '../sinks/child.ts';
import { inSession } from './session.ts';

const cell = { sink: 'elasticsearch', size: '1KB', encoding: 'msgpack' } as const;
/** How many have the console open, in turns with nobody. */
const tabs = 5;

/** What a drain costs while the console is open in some tabs, in turns with a drain that nobody looks at. */
export function measureWatched(options: BenchOptions, args: readonly string[]): Promise<number> {
  const backlog = options.backlog ?? 300_000;
  return inSession(options, args, async (bench, keep) => {
    const sink = await bulkSink();
    const watchers = await startChild('../extra/watchers.ts');
    const seen: Watched[] = [];
    let failures = 0;
    try {
      for (let round = 1; round <= options.rounds; round++) {
        for (const contender of contendersOf(options).filter(({ name }) => name !== 'naive')) {
          // Who is first takes turns too: the machine may change with time.
          for (const open of round % 2 === 0 ? [tabs, 0] : [0, tabs]) {
            const healthPort = await freePort();
            const order = { ...cell, backlog, contender, round };
            let asked = 0;
            const run = await runOnce(bench, sink, order, {
              healthPort,
              onStarting: () => watchers.ask('begin', { port: healthPort, tabs: open }),
              onArrived: async () => {
                asked = (await watchers.ask('end'))['answers'] ?? 0;
              },
            });
            const { seconds, recordsPerSecond, cpuPer100k, failure } = run;
            const problem =
              failure ?? (open > 0 && asked === 0 ? 'no tab was answered' : undefined);
            if (problem !== undefined) failures++;
            const line: Watched = {
              ...{ kind: 'watched', pump: contender.name, backlog, round, tabs: open, asked },
              ...{ seconds, recordsPerSecond, cpuPer100k },
              ...(problem === undefined ? {} : { failure: problem }),
            };
            keep(line);
            seen.push(line);
            console.log(
              `round ${round}: ${contender.name}, ${open} tabs: ${problem ?? `${seconds.toFixed(2)} s, ${cpuPer100k.toFixed(2)} CPU s per 100,000, ${asked} answers`}`,
            );
          }
        }
      }
    } finally {
      await watchers.close();
      await sink.close();
    }
    printMedians(seen, backlog);
    return failures > 0 ? 1 : 0;
  });
}

function printMedians(seen: readonly Watched[], backlog: number): void {
  const good = seen.filter(({ failure }) => failure === undefined);
  for (const open of [0, tabs]) {
    const runs = good.filter((run) => run.tabs === open);
    if (runs.length === 0) continue;
    const { median, min, max } = spreadOf(runs.map(({ cpuPer100k }) => cpuPer100k));
    const rate = spreadOf(runs.map(({ recordsPerSecond }) => recordsPerSecond)).median;
    console.log(
      `${shortCount(backlog)}, ${open} tabs: ${median.toFixed(2)} (${min.toFixed(2)} – ${max.toFixed(2)}) CPU s per 100,000, ${Math.round(rate)} records/s`,
    );
  }
}
