/** A soak in small: a minute of load and trouble, as it is and with a leak that has to be found. `npm run soak` is the long one. */
import { describe, expect, it } from 'vitest';
import { buildUnderTest } from '../build.ts';
import type { Leak } from './leaks.ts';
import type { Measure } from './measures.ts';
import { planOf } from './plan.ts';
import { reportText } from './report.ts';
import { type SoakReport, soak } from './soak.ts';

const seconds = 50;
const rate = 400;
const timeout = 300_000;

async function play(leak?: Leak): Promise<{ readonly report: SoakReport; readonly text: string }> {
  const plan = planOf(seconds, rate);
  const report = await soak({ main: buildUnderTest(), plan, leak, say: () => undefined });
  return { report, text: reportText(report) };
}

/** So short a run is all warming up to these: it takes ten minutes to judge them. */
const warming: ReadonlySet<string> = new Set<Measure>(['rss', 'redis_bytes']);
const isOfWarming = (problem: string): boolean => warming.has(problem.split(/[ :]/)[0] ?? '');

describe.skipIf(process.platform !== 'linux')('a soak of a minute', () => {
  it.concurrent('loses nothing, and nothing grows', { timeout }, async () => {
    const { report, text } = await play();

    expect(
      report.problems.filter((problem) => !isOfWarming(problem)),
      text,
    ).toEqual([]);
    expect(report.confirmed).toBeGreaterThan((seconds * rate) / 4);
    expect(report.happened.troubles).toBeGreaterThan(2);
  });

  it.concurrent.each([
    ['heap', 'heap'],
    ['descriptors', 'descriptors'],
    ['keys', 'redis_keys'],
  ] as const)('finds a leak of %s', { timeout }, async (leak, measure) => {
    const { report, text } = await play(leak);

    expect(report.judgements[measure].verdict, text).toBe('grows');
    // What leaks is lost by nobody else.
    expect(text).not.toMatch(/records (lost|stored twice|that nobody pushed)/);
  });
});
