import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../test/services/redis.ts';
import { systemClock } from '../lib/clock.ts';
import { silentLog } from '../lib/log.ts';
import { bytes, mebibytes } from '../lib/units.ts';
import { segmentKey } from '../redis/keys.ts';
import { ChunkCache } from './chunk-cache.ts';
import type { Range } from './lease.ts';
import { aList } from './testing.ts';

const list = aList();
const rangeSize = 10;

describe('ChunkCache on a real Redis', () => {
  let redis: RedisServer;

  beforeAll(async () => {
    redis = await startRedis();
    const elements = Array.from({ length: 100 }, () => 'x'.repeat(1000));
    await redis.client.rpush(segmentKey(list.key, 'one'), ...elements);
  });
  afterAll(() => redis.stop());
  beforeEach(() => redis.client.config('RESETSTAT'));

  function aCache(routes: number, limit = mebibytes(1)): ChunkCache {
    const parts = { client: redis.client, clock: systemClock, log: silentLog };
    return new ChunkCache({ ...parts, limit, routes: () => routes });
  }

  async function reads(): Promise<number> {
    const [, calls] = /lrange:calls=(\d+)/.exec(await redis.client.info('commandstats')) ?? [];
    return Number(calls ?? 0);
  }

  const read = (cache: ChunkCache, at: number) =>
    cache.read(aRange(at), new AbortController().signal);

  it('reads a range once for all routes, and lets it go when each has it', async () => {
    const cache = aCache(3);

    await Promise.all([read(cache, 0), read(cache, 0)]);
    expect(cache.bytes).toBe(rangeSize * 1000);
    const { chunk } = await read(cache, 0);

    expect(chunk.size).toBe(rangeSize);
    expect(await reads()).toBe(1);
    expect(cache.bytes).toBe(0);
  });

  it('keeps nothing for a single route', async () => {
    const cache = aCache(1);

    await read(cache, 0);

    expect(cache.bytes).toBe(0);
  });

  it('keeps what was used last when there is too much', async () => {
    const cache = aCache(3, bytes(2 * rangeSize * 1000));

    await read(cache, 0);
    await read(cache, 1);
    await read(cache, 0);
    await read(cache, 2);
    await read(cache, 1);

    expect(await reads()).toBe(4);
    expect(cache.bytes).toBeLessThanOrEqual(2 * rangeSize * 1000);
  });

  it('keeps nothing for a route that lags behind, where the others have it already', async () => {
    const cache = aCache(2, bytes(2 * rangeSize * 1000));

    for (const at of [0, 1, 2, 3]) await read(cache, at);
    const before = cache.bytes;
    await read(cache, 0);
    await read(cache, 1);

    expect(await reads()).toBe(6);
    expect(cache.bytes).toBe(before);
    // What is shared is still there.
    await read(cache, 2);
    await read(cache, 3);
    expect(await reads()).toBe(6);
    expect(cache.bytes).toBe(0);
  });
});

const aRange = (at: number): Range => ({
  list,
  segment: 'one',
  start: at * rangeSize,
  count: rangeSize,
  bytes: rangeSize * 1000,
  claimedAt: 0,
});
