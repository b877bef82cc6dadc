import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/services/redis.ts';
import { systemClock } from '../../lib/clock.ts';
import { silentLog } from '../../lib/log.ts';
import { type Memory, RegionPool } from '../../lib/region-pool.ts';
import { bytes, mebibytes, millis } from '../../lib/units.ts';
import { msgpackDecoder } from '../../record/msgpack/decoder.ts';
import { aRecord } from '../../record/testing.ts';
import { segmentKey } from '../../redis/keys.ts';
import { aList } from '../testing.ts';
import { ChunkCache } from './chunk-cache.ts';
import type { Range, ReadRange } from './lease.ts';

const list = aList();
/** Its chunks have memory of their own. */
const decoded = { ...list, decoder: msgpackDecoder };
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

  function aCache(routes: number, limit = mebibytes(1), memory?: Memory): ChunkCache {
    const parts = { client: redis.client, clock: systemClock, log: silentLog };
    return new ChunkCache({
      ...parts,
      limit,
      routes: () => routes,
      ...(memory && { memory }),
    });
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
    const { chunk } = await read(cache, 0);

    expect(chunk.size).toBe(rangeSize);
    expect(await reads()).toBe(1);
    await read(cache, 0);
    expect(await reads()).toBe(2);
  });

  it('counts what routes have made of its records', async () => {
    const cache = aCache(2);
    const altered = aRecord({ raw_request: 'x'.repeat(900_000) });
    await read(cache, 0);
    const { memo } = await read(cache, 1);
    memo?.of('rules', 0, () => ({ record: altered, redacted: 1, whole: undefined }));
    memo?.of('rules', 1, () => ({ record: altered, redacted: 1, whole: undefined }));

    // Both were let go of, as if they had been read for the last time.
    await Promise.all([read(cache, 0), read(cache, 1)]);

    expect(await reads()).toBe(4);
  });

  it('keeps nothing for a single route', async () => {
    const cache = aCache(1);

    await read(cache, 0);
    await read(cache, 0);

    expect(await reads()).toBe(2);
  });

  it('keeps what was used last when there is too much', async () => {
    const cache = aCache(3, bytes(2 * rangeSize * 1000));

    await read(cache, 0);
    await read(cache, 1);
    await read(cache, 0);
    await read(cache, 2);
    await read(cache, 1);

    expect(await reads()).toBe(4);
  });

  it('keeps nothing for a route that lags behind, where the others have it already', async () => {
    const cache = aCache(2, bytes(2 * rangeSize * 1000));

    for (const at of [0, 1, 2, 3]) await read(cache, at);
    await read(cache, 0);
    await read(cache, 1);

    expect(await reads()).toBe(6);
    // What is shared is still there.
    await read(cache, 2);
    await read(cache, 3);
    expect(await reads()).toBe(6);
  });

  it('lets nobody run so far ahead that the others find nothing in it, while the thread is busy', async () => {
    let load = 1;
    const parts = { client: redis.client, clock: systemClock, log: silentLog, load: () => load };
    const cache = new ChunkCache({ ...parts, limit: bytes(34_000), routes: () => 2 });
    for (const at of [0, 1, 2]) await read(cache, at);
    await read(cache, 0);
    await read(cache, 3);
    expect(await reads()).toBe(4);

    let isAhead = false;
    const ahead = read(cache, 4).then(() => {
      isAhead = true;
    });
    await systemClock.sleep(millis(50), new AbortController().signal);
    expect(isAhead).toBe(false);
    for (const at of [1, 2]) await read(cache, at);
    await ahead;
    await read(cache, 3);
    expect(await reads()).toBe(5);

    for (const at of [5, 6]) await read(cache, at);
    load = 0;
    await read(cache, 7);
    expect(await reads()).toBe(8);
  });

  describe('gives the memory of a chunk back', () => {
    const given: Buffer[] = [];
    const memory = new RegionPool({ given: (region) => given.push(region) });
    beforeEach(() => given.splice(0));
    const readDecoded = (cache: ChunkCache, at: number) =>
      cache.read({ ...aRange(at), list: decoded }, new AbortController().signal);
    /** Compared by identity: they are large. */
    const areOf = ({ chunk }: ReadRange): boolean =>
      given.length === 2 && given.every((region, at) => region === chunk.memory[at]);

    it('when each route that has read it lets go of it', async () => {
      const cache = aCache(2, mebibytes(1), memory);
      const [one, other] = [await readDecoded(cache, 0), await readDecoded(cache, 0)];
      expect(other.chunk).toBe(one.chunk);

      one.letGo?.();
      expect(given).toEqual([]);
      other.letGo?.();

      expect(areOf(one)).toBe(true);
      expect(() => other.letGo?.()).toThrow('once');
    });

    it('not while another route may still ask for it', async () => {
      const cache = aCache(2, mebibytes(1), memory);
      (await readDecoded(cache, 0)).letGo?.();
      expect(given).toEqual([]);

      const last = await readDecoded(cache, 0);
      expect(given).toEqual([]);
      last.letGo?.();

      expect(given).toHaveLength(2);
    });

    it('when the cache has no room for it any more, and nobody reads it', async () => {
      const cache = aCache(2, bytes(40_000), memory);
      const [first, second] = [await readDecoded(cache, 0), await readDecoded(cache, 1)];
      first.letGo?.();
      await readDecoded(cache, 2);

      expect(areOf(first)).toBe(true);
      second.letGo?.();
      expect(areOf(first)).toBe(true);
    });

    it('not where one who asked for it gave up: he may have begun to read', async () => {
      const cache = aCache(2, mebibytes(1), memory);
      const abort = new AbortController();
      const givenUp = cache
        .read({ ...aRange(0), list: decoded }, abort.signal)
        .catch(() => undefined);
      const reading = readDecoded(cache, 0);
      abort.abort();
      await givenUp;
      (await reading).letGo?.();

      expect(given).toEqual([]);
    });
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
