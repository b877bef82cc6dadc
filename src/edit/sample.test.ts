import { describe, expect, it } from 'vitest';
import type { SampleConfig } from '../config/record-rules.ts';
import { millis } from '../lib/units.ts';
import { aRecord } from '../record/testing.ts';
import { compileSample, type Share } from './sample.ts';

const plain: SampleConfig = {
  rate: 0.1,
  rules: [],
  keepsErrors: true,
  keepSlower: undefined,
};

const ordinary = aRecord({ response_code: 200, request_time: 10 });
const segments = Array.from({ length: 40 }, (_, at) => `179602334026${at}-${at}-8617d70a`);

/** Indices that go on, over many segments. */
function kept(config: SampleConfig, record = ordinary, shares: readonly Share[] = []): Set<string> {
  const weigh = compileSample(config, shares);
  const ids = segments.flatMap((segment) =>
    Array.from({ length: 1000 }, (_, index) => ({ segment, index })),
  );
  return new Set(
    ids
      .filter(({ segment, index }) => weigh(record, segment, index) > 0)
      .map(({ segment, index }) => `${segment}:${index}`),
  );
}

describe('a sample', () => {
  it.each([0.01, 0.1, 0.5, 0.9])('lets a share of %d go on', (rate) => {
    const share = kept({ ...plain, rate }).size / 40_000;
    // Six standard deviations.
    expect(Math.abs(share - rate)).toBeLessThan(6 * Math.sqrt((rate * (1 - rate)) / 40_000));
  });

  it('lets all go on, or none', () => {
    expect(kept({ ...plain, rate: 1 }).size).toBe(40_000);
    expect(kept({ ...plain, rate: 0 }).size).toBe(0);
  });

  it('decides alike every time, and takes a smaller share from the larger one', () => {
    const larger = kept({ ...plain, rate: 0.5 });
    expect(kept({ ...plain, rate: 0.5 })).toEqual(larger);
    const smaller = [...kept({ ...plain, rate: 0.2 })];
    expect(smaller.filter((id) => !larger.has(id))).toEqual([]);
  });

  it('gives each record the number of records that it stands for', () => {
    const weigh = compileSample({ ...plain, rate: 0.25 }, []);
    const weights = Array.from({ length: 1000 }, (_, index) => weigh(ordinary, 'a', index));
    expect(new Set(weights)).toEqual(new Set([0, 4]));
  });

  it('keeps errors unless told not to', () => {
    const failed = aRecord({ response_code: 400 });
    expect(kept({ ...plain, rate: 0 }, failed).size).toBe(40_000);
    expect(kept({ ...plain, rate: 0, keepsErrors: false }, failed).size).toBe(0);
    expect(compileSample(plain, [])(failed, 'a', 0)).toBe(1);
  });

  it('keeps what was slow', () => {
    const slow = { ...plain, rate: 0, keepSlower: millis(500) };
    expect(kept(slow, aRecord({ request_time: 500 })).size).toBe(40_000);
    expect(kept(slow, aRecord({ request_time: 499 })).size).toBe(0);
  });

  it('takes the share of the first rule that holds', () => {
    const shares = [
      { holds: () => false, rate: 1 },
      { holds: () => true, rate: 0.5 },
      { holds: () => true, rate: 0 },
    ];
    expect(kept(plain, ordinary, shares)).toEqual(kept({ ...plain, rate: 0.5 }));
  });
});
