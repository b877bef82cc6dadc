import { describe, expect, it } from 'vitest';
import { systemClock } from '../lib/clock.ts';
import { millis } from '../lib/units.ts';
import type { Purge, PurgeStatus } from '../purge/purge.ts';
import type { Refusal } from '../purge/refusals.ts';
import { readiness } from './readiness.ts';

const refusal: Refusal = {
  attempt: 'claim',
  rounds: 2,
  lists: ['one', 'two'],
  reason: 'NOPERM xadd',
};

function ready(status: Partial<PurgeStatus>) {
  const whole: PurgeStatus = {
    lastRound: systemClock.elapsed(),
    isHolding: false,
    retainedBytes: 0,
    lags: [],
    refusals: [],
    isRefused: false,
    ...status,
  };
  const purge = { mode: 'at-least-once', status: () => whole } as Purge;
  return readiness(
    {
      clock: systemClock,
      delay: millis(1000),
      redis: { isUp: () => true, trouble: () => undefined },
      purge,
      problem: () => undefined,
      routes: [{ name: 'A', type: 'csv' }],
      check: () => Promise.resolve({ state: 'up' }),
    },
    AbortSignal.timeout(1000),
  );
}

describe('readiness', () => {
  it('is there while lists can be claimed', async () => {
    expect(await ready({})).toMatchObject({ ready: true, claiming: { state: 'up' } });
  });

  it('stays where Redis refuses some of them, with its words', async () => {
    expect(await ready({ refusals: [refusal] })).toMatchObject({
      ready: true,
      claiming: { state: 'refused in part', reasons: ['claim, 2 lists (one): NOPERM xadd'] },
    });
  });

  it('is gone where Redis refuses all of them, with its words', async () => {
    expect(await ready({ refusals: [refusal], isRefused: true })).toMatchObject({
      ready: false,
      claiming: { state: 'down', reasons: ['claim, 2 lists (one): NOPERM xadd'] },
    });
  });
});
