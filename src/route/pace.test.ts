import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../lib/fake-clock.ts';
import { millis } from '../lib/units.ts';
import { Gate } from './pace.ts';

const clock = new FakeClock(0);
const now = millis(0);
let gate: Gate;

beforeEach(() => {
  gate = new Gate({ inFlight: 4, backoff: { base: millis(100), max: millis(1000) }, clock });
});

const fail = (times: number): void => {
  for (let time = 0; time < times; time++) gate.failed(now, undefined);
};

describe('the gate', () => {
  it('lets as many begin as the limit allows', () => {
    expect(gate.room(now, 1)).toBe(3);
  });

  it('stays open after two whole failures', () => {
    fail(2);

    expect(gate.isDown).toBe(false);
  });

  it('forgets failures at a success', () => {
    fail(2);
    gate.succeeded();
    fail(2);

    expect(gate.isDown).toBe(false);
  });

  it('shuts after three, until a back-off has passed', () => {
    fail(3);

    expect(gate.room(now, 0)).toBe(0);
    expect(gate.nextAt(now)).toBeCloseTo(100);
  });

  it('then lets one probe through, and no second beside it', () => {
    fail(3);

    expect(gate.room(millis(100), 0)).toBe(1);
    expect(gate.room(millis(100), 1)).toBe(0);
  });

  it('waits longer after each failed probe, up to the longest back-off', () => {
    fail(4);
    expect(gate.nextAt(now)).toBeCloseTo(200);
    fail(10);
    expect(gate.nextAt(now)).toBeCloseTo(1000);
  });

  it('waits as long as the sink asked for', () => {
    fail(2);
    gate.failed(now, millis(60_000));

    expect(gate.nextAt(now)).toBe(60_000);
  });

  it('opens at the first success', () => {
    fail(5);
    gate.succeeded();

    expect(gate.room(now, 0)).toBe(4);
  });
});
