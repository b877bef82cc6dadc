import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Clock, millis, type SourceRedis } from '#source';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { type RedisServer, startRedis } from '../../../test/services/redis.ts';
import { QuietLog } from '../../shared/listen/quiet-log.ts';
import type { Limits } from '../policy/read-policies.ts';
import type { Limiter } from './limiter.ts';
import { memoryLimiter } from './memory-limiter.ts';
import { redisLimiter } from './redis-limiter.ts';

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

const none: Limits = { rate: 0, per: 0, quota: 0, quotaPeriod: 0 };
let number = 0;

function world() {
  let now = Date.UTC(2026, 11, 1);
  const clock = { now: () => millis(now), elapsed: () => millis(now) } as Clock;
  const redis: SourceRedis = {
    call: (command, ...args) => server.client.call(command, ...args),
  };
  const log = memoryLog();
  let uncounted = 0;
  return {
    ...{ clock, log },
    name: `key${number++}`,
    pass: (time: number) => {
      now += time;
    },
    uncounted: () => uncounted,
    redis: redisLimiter({
      ...{ redis, clock, log: new QuietLog(log, clock) },
      onUncounted: () => {
        uncounted++;
      },
    }),
    broken: redisLimiter({
      ...{ redis: { call: () => Promise.reject(new Error('down')) }, clock },
      log: new QuietLog(log, clock),
      onUncounted: () => {
        uncounted++;
      },
    }),
  };
}

const passed = async (limiter: Limiter, name: string, limits: Limits, calls: number) => {
  const counted = [];
  for (let i = 0; i < calls; i++) counted.push(await limiter.count(name, limits));
  return counted;
};

describe.each(['redis', 'memory'] as const)('limits in %s', (kind) => {
  const limiterOf = (at: ReturnType<typeof world>): Limiter =>
    kind === 'redis' ? at.redis : memoryLimiter(at.clock);

  it('let as many calls pass in a window as the rate says, and more when it has moved on', async () => {
    const at = world();
    const limiter = limiterOf(at);
    const limits = { ...none, rate: 3, per: 10 };
    const oks = (await passed(limiter, at.name, limits, 5)).map(({ ok }) => ok);
    expect(oks).toEqual([true, true, true, false, false]);
    expect(await limiter.count(`${at.name}-other`, limits)).toMatchObject({ ok: true });
    at.pass(10_001);
    expect(await limiter.count(at.name, limits)).toMatchObject({ ok: true });
  });

  it('let as many calls pass in a period as the quota says, and tell what is left', async () => {
    const at = world();
    const limits = { ...none, quota: 2, quotaPeriod: 60 };
    const renews = at.clock.now() / 1000 + 60;
    expect(await passed(limiterOf(at), at.name, limits, 3)).toEqual([
      { ok: true, quota: { max: 2, remaining: 1, renews } },
      { ok: true, quota: { max: 2, remaining: 0, renews } },
      { ok: false, of: 'quota' },
    ]);
  });

  it('have a quota that never renews', async () => {
    const at = world();
    const limits = { ...none, quota: 1, quotaPeriod: 0 };
    expect(await passed(limiterOf(at), at.name, limits, 2)).toEqual([
      { ok: true, quota: { max: 1, remaining: 0, renews: 0 } },
      { ok: false, of: 'quota' },
    ]);
  });
});

describe('limits in Redis', () => {
  it('are shared by all processes, under the gateway’s keys', async () => {
    const at = world();
    const limits = { ...none, rate: 2, per: 10, quota: 9, quotaPeriod: 60 };
    await passed(at.redis, at.name, limits, 1);
    expect(await server.client.zcard(`rate-limit-${at.name}`)).toBe(1);
    expect(await server.client.get(`quota-${at.name}`)).toBe('1');
    expect(await server.client.ttl(`rate-limit-${at.name}`)).toBe(10);
    // What a gateway counts in its own words.
    const nanos = String(at.clock.now() * 1e6 - 5);
    await server.client.zadd(`rate-limit-${at.name}`, nanos, nanos);
    expect(await at.redis.count(at.name, limits)).toEqual({ ok: false, of: 'rate' });
  });

  it('do not grow with calls that are refused', async () => {
    const at = world();
    await passed(at.redis, at.name, { ...none, rate: 3, per: 10 }, 50);
    expect(await server.client.zcard(`rate-limit-${at.name}`)).toBe(7);
  });

  it('give a counter its end again that has lost it', async () => {
    const at = world();
    await server.client.set(`quota-${at.name}`, '5');
    await at.redis.count(at.name, { ...none, quota: 9, quotaPeriod: 60 });
    expect(await server.client.ttl(`quota-${at.name}`)).toBe(60);
  });

  it('let calls pass while Redis is away, and say so', async () => {
    const at = world();
    const limits = { ...none, rate: 1, per: 10 };
    const oks = (await passed(at.broken, at.name, limits, 3)).map(({ ok }) => ok);
    expect(oks).toEqual([true, true, true]);
    expect(at.uncounted()).toBe(3);
    expect(at.log.warnings()).toEqual(['Calls pass unlimited: Redis does not count them.']);
  });
});
