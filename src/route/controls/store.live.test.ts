import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { type RedisServer, startRedis } from '../../../test/services/redis.ts';
import { type RedisCluster, startRedisCluster } from '../../../test/services/redis-cluster.ts';
import { systemClock } from '../../lib/clock.ts';
import { silentLog } from '../../lib/log.ts';
import type { RedisClient } from '../../redis/client.ts';
import { controlsKey, stateKey } from '../../redis/keys.ts';
import { Controls } from './controls.ts';
import { pauseRoute, readControls, renameControls, resumeRoute } from './store.ts';

const home = 'analytics-tyk-system-analytics';
const told = { by: 'ann@host', at: '2026-01-02T03:04:05.000Z' };
const never = new AbortController().signal;

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());

const pausedOf = async (...routes: readonly string[]) =>
  (await readControls(redis.client, home, routes)).map(({ paused }) => paused);

const watching = (client: RedisClient, log = silentLog) =>
  new Controls({ client, clock: systemClock, log, routes: [{ route: 'A', home }] });

describe('what operators want of a route', () => {
  it('is kept with who wants it, for that route alone', async () => {
    await pauseRoute(redis.client, home, 'A', told);
    expect(await pausedOf('A', 'B')).toEqual([told, undefined]);
    expect(await readControls(redis.client, home, ['A'])).toMatchObject([
      { last: { what: 'pause', ...told } },
    ]);
    await resumeRoute(redis.client, home, 'A', { ...told, by: 'bob@host' });
    expect(await readControls(redis.client, home, ['A'])).toMatchObject([
      { paused: undefined, last: { what: 'resume', by: 'bob@host' } },
    ]);
  });

  it.each(['', 'no json', '[]', '{"by": 7}', 'null'])(
    'holds although somebody else has written “%s” there',
    async (value) => {
      await redis.client.hset(controlsKey(home), 'A|paused', value);
      expect(await pausedOf('A')).toEqual([{ by: 'unknown', at: 'unknown' }]);
    },
  );

  it('goes to another name, which keeps its own', async () => {
    await pauseRoute(redis.client, home, 'A', told);
    await pauseRoute(redis.client, home, 'B', { ...told, by: 'bob@host' });
    expect(await renameControls(redis.client, home, { from: 'A', to: 'NEW' })).toBe(2);
    expect(await renameControls(redis.client, home, { from: 'NEW', to: 'B' })).toBe(0);
    expect(await pausedOf('A', 'NEW', 'B')).toEqual([
      undefined,
      undefined,
      { ...told, by: 'bob@host' },
    ]);
    expect(await renameControls(redis.client, home, { from: 'A', to: 'NEW' })).toBe(0);
  });

  it('is not changed on a list of another layout', async () => {
    await redis.client.hset(stateKey(home), 'layout', '99');
    await expect(pauseRoute(redis.client, home, 'A', told)).rejects.toThrow('its layout is 99');
    expect(await redis.client.exists(controlsKey(home))).toBe(0);
  });

  it('is known before a route begins, noticed while it runs, and goes on while Redis is away', async () => {
    await pauseRoute(redis.client, home, 'A', told);
    const controls = watching(redis.client);
    await controls.begin(never);
    const control = controls.of('A')!;
    expect(control.pausing.aborted).toBe(true);
    expect(controls.health('A')).toEqual({
      state: 'paused',
      reason: `paused by ${told.by} since ${told.at}`,
    });
    const over = new AbortController();
    const running = controls.watch(over.signal);
    await resumeRoute(redis.client, home, 'A', told);
    await control.untilResumed(AbortSignal.timeout(20_000));
    expect([control.paused, control.pausing.aborted]).toEqual([undefined, false]);
    over.abort();
    await running;
  });

  it('is nothing where Redis refuses to say, which is said once', async () => {
    await redis.client.set(controlsKey(home), 'of another type');
    const log = memoryLog();
    const controls = watching(redis.client, log);
    await controls.begin(never);
    await controls.begin(never);
    expect(controls.health('A')).toBeUndefined();
    expect(
      log.lines.filter(({ message }) =>
        message.startsWith('Redis does not say what operators want'),
      ),
    ).toHaveLength(1);
  });
});

describe('in a cluster', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster.stop());

  it('lies in the slot of its list', async () => {
    await pauseRoute(cluster.client, home, 'A', told);
    const controls = watching(cluster.client);
    await controls.begin(never);
    expect(controls.of('A')?.paused).toEqual(told);
    expect(await renameControls(cluster.client, home, { from: 'A', to: 'B' })).toBe(2);
  });
});
