import { describe, expect, it } from 'vitest';
import type { Run } from '../results.ts';
import { runOf } from '../testing/runs.testing.ts';
import { farAway, judge, judgeDistance, judgementLine } from './judge.ts';

/** Three rounds in which ours and the baseline take so many seconds. */
const rounds = (pairs: readonly (readonly [ours: number, naive: number])[]): readonly Run[] =>
  pairs.flatMap(([ours, naive], index) => [
    runOf({ pump: 'sluice', round: index + 1, cpuPer100k: ours, startCpu: 0 }),
    runOf({ pump: 'naive', round: index + 1, cpuPer100k: naive, startCpu: 0 }),
  ]);

const isLoss = (runs: readonly Run[]): boolean | undefined => judge(runs, { csv: 4 })[0]?.isLoss;

describe('the guard', () => {
  it('is content with the expected lead, a smaller one, and a larger one', () => {
    expect(isLoss(rounds([[1, 4]]))).toBe(false);
    expect(isLoss(rounds([[1, 2.7]]))).toBe(false);
    expect(isLoss(rounds([[1, 9]]))).toBe(false);
  });

  it('calls it a loss when more than a third of the lead is gone', () => {
    expect(isLoss(rounds([[1, 2.6]]))).toBe(true);
    expect(isLoss(rounds([[1.6, 4]]))).toBe(true);
  });

  it('compares within a round: a machine that becomes slow is no loss', () => {
    const slowing = [
      [1, 4],
      [2, 8],
      [3, 12],
    ] as const;

    expect(isLoss(rounds(slowing))).toBe(false);
  });

  it('goes by the median: one odd round decides nothing', () => {
    const odd = [
      [1, 4],
      [9, 4],
      [1, 4],
    ] as const;

    expect(isLoss(rounds(odd))).toBe(false);
  });

  it('leaves the start of the processes out', () => {
    const runs = rounds([[1.5, 3]]).map((run) => ({ ...run, startCpu: 1 }));

    expect(judge(runs, { csv: 4 })[0]?.ratio.median).toBe(4);
  });

  it('does not pass when it has seen nothing', () => {
    const failed = rounds([[1, 4]]).map((run) => ({ ...run, failure: '1 records lost' }));

    expect(() => judge([], { csv: 4 })).toThrow('No round of csv');
    expect(() => judge(failed, { csv: 4 })).toThrow('No round of csv');
  });

  it('compares what a distance leaves of the rate within a round, and goes by the median', () => {
    const far = (pairs: readonly (readonly [near: number, far: number])[]) =>
      pairs.flatMap(([near, away], index) => [
        runOf({ rtt: 0, round: index + 1, recordsPerSecond: near }),
        runOf({ rtt: farAway, round: index + 1, recordsPerSecond: away }),
      ]);
    const slowing = far([
      [100_000, 70_000],
      [50_000, 35_000],
      [10_000, 100],
    ]);

    expect(judgeDistance(slowing, 0.7)).toMatchObject({ ratio: { median: 0.7 }, isLoss: false });
    expect(judgeDistance(far([[100_000, 46_000]]), 0.7).isLoss).toBe(true);
    expect(() => judgeDistance(far([]), 0.7)).toThrow('No round from afar');
    expect(() => judgeDistance([runOf({ rtt: farAway })], 0.7)).toThrow('No round from afar');
  });

  it('says what it has seen', () => {
    const [judgement] = judge(rounds([[1, 2]]), { csv: 4 });

    expect(judgementLine(judgement!)).toBe(
      'csv            baseline ÷ ours 2.00 (2.00 – 2.00), expected 4.00, loss below 2.67: LOSS',
    );
  });
});
