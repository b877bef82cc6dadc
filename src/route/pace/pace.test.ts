import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../lib/fake-clock.testing.ts';
import { millis } from '../../lib/units.ts';
import type { FailureKind } from '../../pump/verdict.ts';
import type { AttemptEnd } from './attempt-end.ts';
import { Pace } from './pace.ts';

const clock = new FakeClock(0);
const now = millis(0);
const backoff = { base: millis(100), max: millis(1000) };
let pace: Pace;

beforeEach(() => {
  clock.chance = () => 1 - Number.EPSILON;
  pace = new Pace({ ceiling: 4, concurrency: 'fixed', backoff, clock });
});

function anEnd(overrides: Partial<AttemptEnd> = {}): AttemptEnd {
  const wholeFailure = undefined;
  return {
    begunAt: now,
    now,
    underWay: 1,
    records: 10,
    refused: 0,
    fill: 1,
    isNoNews: false,
    isDoubtful: false,
    wholeFailure,
    ...overrides,
  };
}

const aFailure = (after?: number, kind: FailureKind = 'unreachable'): AttemptEnd =>
  anEnd({
    refused: 10,
    wholeFailure: { kind, after: after === undefined ? undefined : millis(after) },
  });

const fail = (times: number): void => {
  for (let time = 0; time < times; time++) pace.ended(aFailure());
};

describe('the pace of a sink', () => {
  it('lets as many begin as is fixed', () => {
    expect(pace.room(now, 1)).toBe(3);
  });

  it('stays closed after two whole failures', () => {
    fail(2);

    expect([pace.state, pace.isDown]).toEqual(['closed', false]);
  });

  it('forgets failures at a success', () => {
    fail(2);
    pace.ended(anEnd());
    fail(2);

    expect(pace.state).toBe('closed');
  });

  it('opens after three, until a back-off has passed', () => {
    fail(3);

    expect(pace.state).toBe('open');
    expect(pace.room(now, 0)).toBe(0);
    expect(pace.nextAt(now)).toBeCloseTo(100);
  });

  it('waits no longer for failures of attempts begun before it opened', () => {
    fail(30);

    expect(pace.nextAt(now)).toBeCloseTo(100);
  });

  it('then lets one probe through, and no second beside it', () => {
    fail(3);
    expect([pace.room(millis(100), 1), pace.room(millis(100), 0)]).toEqual([0, 1]);
    pace.began();

    expect(pace.state).toBe('half-open');
    expect([pace.room(millis(100), 1), pace.room(millis(100), 0)]).toEqual([0, 0]);
  });

  it('waits longer after each failed probe, up to half of the outage and the longest back-off', () => {
    const waits: number[] = [];
    let time = 0;
    fail(3);
    for (let probe = 0; probe < 12; probe++) {
      const at = pace.nextAt(millis(time)) ?? millis(time);
      waits.push(Math.round(at - time));
      time = at;
      pace.began();
      pace.ended({ ...aFailure(), begunAt: at, now: at });
    }

    expect(waits.slice(0, 5)).toEqual([100, 100, 100, 150, 225]);
    expect(waits.slice(-2)).toEqual([1000, 1000]);
  });

  it('waits as long as the sink asked for', () => {
    fail(2);
    pace.ended(aFailure(60_000));
    pace.ended(aFailure(70_000));

    expect(pace.nextAt(now)).toBe(70_000);
  });

  it('closes at the first success', () => {
    fail(5);
    pace.ended(anEnd());

    expect(pace.room(now, 0)).toBe(4);
  });

  it('learns nothing from a record that fails while others are taken', () => {
    for (let time = 0; time < 9; time++) pace.ended({ ...aFailure(), isNoNews: true });

    expect(pace.state).toBe('closed');
  });

  it('lets others probe at once where one such record is all that fails', () => {
    for (let time = 0; time < 3; time++) pace.ended({ ...aFailure(), isDoubtful: true });
    expect([pace.state, pace.room(now, 0)]).toEqual(['open', 0]);
    pace.came(now);

    expect(pace.room(now, 0)).toBe(1);
  });

  it('makes others wait as well after a failure that is in no doubt', () => {
    for (let time = 0; time < 2; time++) pace.ended({ ...aFailure(), isDoubtful: true });
    fail(1);
    pace.came(now);

    expect([pace.state, pace.room(now, 0)]).toEqual(['open', 0]);
  });

  it('takes no outage for refusals of what is too much at once', () => {
    for (let time = 0; time < 3; time++) pace.ended(aFailure(undefined, 'throttled'));
    expect(pace.state).toBe('closed');
    pace.ended(aFailure(undefined, 'throttled'));

    expect(pace.state).toBe('open');
  });
});

const step = fc.record({
  passes: fc.nat(500),
  begins: fc.nat(5),
  ends: fc.nat(5),
  refused: fc.nat(10),
  after: fc.option(fc.nat(3000), { nil: undefined }),
  kind: fc.constantFrom<FailureKind | undefined>(undefined, 'throttled', 'timeout', 'unexpected'),
});

describe('any pace', () => {
  it('never exceeds its ceiling, never probes with two, and never stands still', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 64 }),
        fc.constantFrom('adaptive' as const, 'fixed' as const),
        fc.array(step, { maxLength: 200 }),
        (ceiling, concurrency, steps) => {
          const any = new Pace({ ceiling, concurrency, backoff, clock: new FakeClock(0) });
          const underWay: number[] = [];
          let time = 0;
          for (const { passes, begins, ends, refused, after, kind } of steps) {
            time += passes;
            for (
              let count = 0;
              count < begins && any.room(millis(time), underWay.length) > 0;
              count++
            ) {
              any.began();
              underWay.push(time);
              expect(underWay.length).toBeLessThanOrEqual(any.isDown ? 1 : ceiling);
            }
            for (let count = 0; count < ends && underWay.length > 0; count++) {
              const end = {
                begunAt: millis(underWay[0] ?? 0),
                now: millis(time),
                underWay: underWay.length,
              };
              underWay.shift();
              const wholeFailure = kind && {
                kind,
                after: after === undefined ? undefined : millis(after),
              };
              any.ended(
                anEnd({ ...end, refused: kind === undefined ? refused : 10, wholeFailure }),
              );
            }
            expect(any.concurrency).toBeGreaterThanOrEqual(1);
            expect(any.concurrency).toBeLessThanOrEqual(ceiling);
            if (underWay.length > 0) continue;
            expect(any.room(any.nextAt(millis(time)) ?? millis(time), 0)).toBeGreaterThan(0);
            expect((any.nextAt(millis(time)) ?? 0) - time).toBeLessThanOrEqual(3000);
          }
        },
      ),
    );
  });
});
