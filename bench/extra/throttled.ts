import { contendersOf } from '../matrix/matrix.ts';
import { spreadOf } from '../measure/statistics.ts';
import type { BenchOptions } from '../options.ts';
import { runOnce } from '../run.ts';
import { bulkSink } from '../sinks/bulk-sink.ts';
import { inSession } from './session.ts';

const cell = { sink: 'elasticsearch', size: '1KB', encoding: 'msgpack' } as const;
const refusedPercent = 30;

/** How much longer a drain takes when 30 % of the documents are answered 429 each time; healthy runs in between. */
export function measureThrottled(options: BenchOptions, args: readonly string[]): Promise<number> {
  const backlog = options.backlog ?? 100_000;
  return inSession(options, args, async (bench, keep) => {
    const sinks = [
      { refused: 0, sink: await bulkSink() },
      { refused: refusedPercent, sink: await bulkSink({ refused: refusedPercent / 100 }) },
    ];
    const contenders = contendersOf(options);
    const taken = new Map<string, number[]>();
    let failures = 0;
    try {
      for (let round = 1; round <= options.rounds; round++) {
        for (const contender of contenders) {
          for (const { refused, sink } of sinks) {
            const run = await runOnce(bench, sink, { ...cell, backlog, contender, round });
            const { seconds, failure } = run;
            if (failure !== undefined) failures++;
            const problem = failure === undefined ? {} : { failure };
            keep({
              ...{ kind: 'throttled', pump: contender.name, backlog, round, refused, seconds },
              ...problem,
            });
            const name = `${contender.name}, ${refused} % refused`;
            console.log(`round ${round}: ${name}: ${failure ?? `${seconds.toFixed(2)} s`}`);
            if (failure === undefined) taken.set(name, [...(taken.get(name) ?? []), seconds]);
          }
        }
      }
    } finally {
      for (const { sink } of sinks) await sink.close();
    }
    for (const { name } of contenders) {
      const [healthy, refused] = sinks.map((one) => taken.get(`${name}, ${one.refused} % refused`));
      if (healthy === undefined || refused === undefined) continue;
      const times = spreadOf(refused).median / spreadOf(healthy).median;
      console.log(`${name}: ${times.toFixed(1)} times the time of a healthy run`);
    }
    // The baseline does not try again, so it fails by its nature.
    return failures > 0 && !options.withNaive ? 1 : 0;
  });
}
