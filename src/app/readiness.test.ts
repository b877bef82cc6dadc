import { describe, expect, it } from 'vitest';
import { FakeClock } from '../lib/fake-clock.testing.ts';
import { millis } from '../lib/units.ts';
import type { Health } from '../pump/sink.ts';
import type { PurgeStatus } from '../purge/purge.ts';
import type { Refusal } from '../purge/refusals.ts';
import { readiness } from './readiness.ts';

const up: Health = { state: 'up' };
const refused: Health = { state: 'down', reason: 'refused' };

const refusal: Refusal = {
  attempt: 'claim',
  rounds: 2,
  lists: ['one', 'two'],
  reason: 'NOPERM xadd',
};

function parts(
  healths: Readonly<Record<string, Health | Promise<Health>>>,
  changes: Partial<PurgeStatus> = {},
) {
  const clock = new FakeClock();
  const begun = clock.elapsed();
  const status = (): PurgeStatus => ({
    lastRound: begun,
    isHolding: false,
    refusals: [],
    isRefused: false,
    unreadBytes: 0,
    ...changes,
  });
  return {
    clock,
    delay: millis(1_000),
    redis: { isUp: () => true, trouble: () => undefined },
    purge: { mode: 'at-least-once', status } as const,
    problem: () => undefined,
    routes: Object.keys(healths).map((name) => ({
      name,
      type: 'test',
      records: name === 'uptime' ? ('uptime' as const) : ('analytics' as const),
    })),
    check: async (route: string) => healths[route] ?? up,
  };
}

describe('readiness', () => {
  it('is not taken from the healthy by a sink that never answers, and names that one', async () => {
    const asked = parts({ CSV: up, SILENT: new Promise(() => undefined) });
    const answer = readiness(asked);
    await asked.clock.advance(3_000);

    expect(await answer).toMatchObject({
      ready: true,
      routes: [
        { route: 'CSV', health: up },
        { route: 'SILENT', health: { state: 'down', reason: 'no answer within 3 s' } },
      ],
    });
    expect(await answer).not.toHaveProperty('reason');
  });

  it('is neither given nor taken by the pump of uptime records', async () => {
    const down = { state: 'down', reason: 'gone' } as const;

    expect(await readiness(parts({ CSV: up, uptime: down }))).toMatchObject({ ready: true });
    expect(await readiness(parts({ CSV: down, uptime: up }))).toMatchObject({
      ready: false,
      reason: 'no pump can deliver (CSV: gone)',
    });
  });

  it('names every sink and its reason where none can deliver', async () => {
    expect(await readiness(parts({ A: refused, B: { ...refused, reason: 'full' } }))).toMatchObject(
      {
        ready: false,
        reason: 'no pump can deliver (A: refused, B: full)',
      },
    );
  });

  it('counts a sink whose protocol cannot tell', async () => {
    const health: Health = { state: 'unknown', reason: 'UDP does not tell' };
    expect(await readiness(parts({ UDP: health, B: refused }))).toMatchObject({ ready: true });
  });

  it('says that the claiming stands still, and since when', async () => {
    const asked = parts({ CSV: up });
    await asked.clock.advance(40_000);
    expect(await readiness(asked)).toMatchObject({
      ready: false,
      reason: 'no round of claiming has ended for 40 s',
    });
  });

  it('names records that Redis cannot send', async () => {
    expect(await readiness(parts({ CSV: up }, { unreadBytes: 300 }))).toMatchObject({
      ready: true,
      claiming: { state: 'up', reasons: [expect.stringContaining('300 bytes')] },
    });
  });

  it('says that Redis is missing, and lists the pumps all the same', async () => {
    const asked = { ...parts({ CSV: refused }), redis: undefined, purge: undefined };
    expect(await readiness(asked)).toMatchObject({
      ready: false,
      reason: 'Redis has not answered yet; no pump can deliver (CSV: refused)',
      routes: [{ route: 'CSV', health: refused }],
    });
  });

  it('says what Redis refuses, and is gone where it refuses all lists', async () => {
    const reasons = ['claim, 2 lists (one): NOPERM xadd'];
    expect(await readiness(parts({ CSV: up }))).toMatchObject({ claiming: { state: 'up' } });
    expect(await readiness(parts({ CSV: up }, { refusals: [refusal] }))).toMatchObject({
      ready: true,
      claiming: { state: 'refused in part', reasons },
    });
    const isRefused = true;
    expect(await readiness(parts({ CSV: up }, { refusals: [refusal], isRefused }))).toMatchObject({
      ready: false,
      reason: `Redis refuses every list (${reasons[0] ?? ''})`,
      claiming: { state: 'down', reasons },
    });
  });

  it('says what stands in the way, and what Redis’s trouble is', async () => {
    const obstacle = 'nothing may be claimed';
    expect(await readiness({ ...parts({ CSV: up }), obstacle })).toMatchObject({
      ready: false,
      reason: obstacle,
    });
    const redis = { isUp: () => false, trouble: () => ({ reason: 'wrong password' }) };
    expect(await readiness({ ...parts({ CSV: up }), redis })).toMatchObject({
      ready: false,
      reason: 'wrong password',
    });
  });
});
