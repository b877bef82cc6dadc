import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../lib/fake-clock.testing.ts';
import { millis } from '../lib/units.ts';
import type { FailureKind } from '../pump/verdict.ts';
import { backoffDelay, type FailedAttempt, retryDelay } from './backoff.ts';

const clock = new FakeClock();
const backoff = { base: millis(100), max: millis(30_000) };
const delayOf = (failed: Partial<FailedAttempt>): number =>
  Math.round(
    retryDelay(
      { attempts: 1, kind: 'throttled', isAlone: false, isSinkDown: false, ...failed },
      backoff,
      clock,
    ),
  );

describe('back-off', () => {
  it('is between nothing and a ceiling that doubles up to the longest', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 1, max: 100_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (failures, base, more, chance) => {
          const chancy = new FakeClock();
          chancy.chance = () => chance;
          const max = base + more;
          const delay = backoffDelay({ base: millis(base), max: millis(max) }, failures, chancy);

          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(Math.min(max, base * 2 ** (failures - 1)));
        },
      ),
    );
  });

  it('doubles with each attempt of a record that may be to blame', () => {
    const kinds: FailureKind[] = ['unexpected', 'invalid', 'unauthorised'];

    expect(kinds.map((kind) => delayOf({ kind, attempts: 4 }))).toEqual([800, 800, 800]);
    expect(delayOf({ kind: 'timeout', isAlone: true, attempts: 4 })).toBe(800);
  });

  it('grows slowly where a working sink had no capacity', () => {
    expect([1, 8, 9, 17, 1000].map((attempts) => delayOf({ attempts }))).toEqual([
      100, 100, 200, 400, 30_000,
    ]);
  });

  it('leaves waiting for a sink that is down to the breaker', () => {
    expect(delayOf({ attempts: 20, isSinkDown: true })).toBe(0);
  });

  it('is none for what was only split', () => {
    expect(delayOf({ kind: 'oversize', attempts: 0 })).toBe(0);
  });
});
