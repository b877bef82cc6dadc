import { type Bench, openBench, redisVersion } from '../bench.ts';
import { describeMachine } from '../measure/machine.ts';
import type { BenchOptions } from '../options.ts';
import { type Keep, keeperOf } from '../results.ts';

/** Opens a bench for one of the other measurements, keeps the machine's line, and closes it whatever happens. */
export async function inSession(
  options: BenchOptions,
  args: readonly string[],
  measure: (bench: Bench, keep: Keep) => Promise<number>,
): Promise<number> {
  const bench = await openBench(() => undefined);
  const keep = keeperOf(options.out);
  try {
    keep(describeMachine(await redisVersion(bench.redis), args));
    return await measure(bench, keep);
  } finally {
    await bench.close();
  }
}
