import { describe, expect, it } from 'vitest';
import { Dice } from '../dice.ts';
import { judge, type Sample } from './judge.ts';

const mebibyte = 1024 * 1024;
const tolerance = { absolute: 24 * mebibyte, share: 0.1 };
const minutes = 10;
const warmUp = 100;

/** A sample a second for ten minutes. */
const series = (value: (second: number) => number): readonly Sample[] =>
  Array.from({ length: minutes * 60 }, (_, at) => ({ at, value: value(at) }));

/** Memory as it is: a saw whose teeth are collections, on a floor. */
function saw(dice: Dice, floor: (second: number) => number): readonly Sample[] {
  let above = 0;
  return series((second) => {
    above = above > 40 * mebibyte * (0.7 + dice.share()) ? 0 : above + 6 * mebibyte * dice.share();
    return floor(second) + above;
  });
}

const base = 90 * mebibyte;
const growing = (perSecond: number) => (second: number) => base + perSecond * second;
const verdictOf = (samples: readonly Sample[]): string => judge(samples, warmUp, tolerance).verdict;
const seeds = Array.from({ length: 200 }, (_, seed) => seed);

describe('judge', () => {
  it('finds the slope of a line', () => {
    const { growth, perHour, least } = judge(series(growing(mebibyte)), warmUp, tolerance);

    expect(perHour / mebibyte).toBeCloseTo(3600, -2);
    expect(growth / least).toBeCloseTo(1, 1);
    // From the middle of the first window to that of the last: eleven twelfths.
    expect(growth / mebibyte).toBeCloseTo((499 * 11) / 12, -1);
  });

  it('calls a saw without a slope flat, whatever its teeth', () => {
    const verdicts = seeds.map((seed) => verdictOf(saw(new Dice(seed), () => base)));

    expect(verdicts.filter((verdict) => verdict !== 'flat')).toEqual([]);
  });

  it('finds a leak of 100 KiB a second below such a saw', () => {
    const leak = growing(100 * 1024);
    const verdicts = seeds.map((seed) => verdictOf(saw(new Dice(seed), leak)));

    expect(verdicts.filter((verdict) => verdict !== 'grows')).toEqual([]);
  });

  it('asks for more than what is tolerated', () => {
    expect(verdictOf(series(growing((20 * mebibyte) / 500)))).toBe('flat');
    expect(verdictOf(series(growing((30 * mebibyte) / 500)))).toBe('grows');
  });

  it('does not care for growth while the process warms up', () => {
    const warm = (second: number): number => base + Math.min(second, warmUp) * mebibyte;

    expect(verdictOf(series(warm))).toBe('flat');
  });

  it('does not take one step for a slope, nor a window in which everything was otherwise', () => {
    const step = series((second) => base + (second < 580 ? 0 : 500 * mebibyte));
    const outage = series((second) => base + (second > 300 && second < 340 ? 900 * mebibyte : 0));

    expect(verdictOf(step)).toBe('flat');
    expect(verdictOf(outage)).toBe('flat');
  });

  it('takes for a leak what was taken once and is kept in less than one of 100 cases', () => {
    const verdicts = [150, 200, 300, 400, 500].flatMap((when) => {
      const seen = (second: number): number => base + (second < when ? 0 : 90 * mebibyte);
      return seeds.map((seed) => verdictOf(saw(new Dice(seed), seen)));
    });

    expect(verdicts).toHaveLength(1_000);
    expect(verdicts.filter((verdict) => verdict !== 'flat').length).toBeLessThan(10);
  });

  it('finds what grows in steps', () => {
    expect(verdictOf(series((second) => base + Math.floor(second / 60) * 10 * mebibyte))).toBe(
      'grows',
    );
  });

  it('says nothing of what falls', () => {
    expect(verdictOf(series(growing(-mebibyte / 10)))).toBe('flat');
  });

  it('knows descriptors: a few more are none, one in ten seconds is a leak', () => {
    const few = { absolute: 8, share: 0 };
    const noise = new Dice(1);
    const descriptors = (perSecond: number) =>
      series((second) => 40 + Math.floor(perSecond * second) + noise.between(0, 6));

    expect(judge(descriptors(0), warmUp, few).verdict).toBe('flat');
    expect(judge(descriptors(0.1), warmUp, few).verdict).toBe('grows');
  });

  it('judges what is left where samples are missing, and says where there are too few', () => {
    const leak = series(growing(mebibyte)).filter(({ at }) => at % 97 > 40);

    expect(verdictOf(leak)).toBe('grows');
    expect(verdictOf(leak.slice(0, 2))).toBe('too few samples');
    expect(verdictOf([])).toBe('too few samples');
  });
});
