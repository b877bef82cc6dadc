/** Redis loses data or scripts, or has no memory left: the purge goes on. */
import { describe, expect, it } from 'vitest';
import { segmentKey } from '../redis/keys.ts';
import { livePurges } from './live.testing.ts';
import { aList } from './testing.ts';

const list = aList();

describe('StreamPurge on a real Redis', () => {
  const { redis, stopping, aPurge, start, push, drain } = livePurges();

  it('makes its groups again when Redis lost its data', async () => {
    const purge = aPurge(['A']);
    const leases = purge.leasesFor('A');
    await push(3);
    start(purge);
    await drain(purge, leases, 3);
    await redis.client.flushall();
    const texts = await push(3, 100);
    expect(await drain(purge, leases, 3)).toEqual(texts);
  });

  it('never repeats a segment id when Redis lost its data', async () => {
    const purge = aPurge(['A']);
    const leases = purge.leasesFor('A');
    start(purge);
    const ids = new Set<string>();
    for (let round = 0; round < 5; round++) {
      await push(1);
      const [lease] = await leases.take(1, AbortSignal.timeout(5000));
      ids.add(lease!.range.segment);
      await redis.client.flushall();
    }
    expect(ids.size).toBe(5);
  });

  it('counts records of a segment that is gone as vanished instead of waiting for them', async () => {
    const purge = aPurge(['A']);
    const leases = purge.leasesFor('A');
    await push(5);
    start(purge);
    const [lease] = await leases.take(1, AbortSignal.timeout(5000));
    await redis.client.del(segmentKey(list.key, lease!.range.segment));
    expect((await purge.chunks.read(lease!.range, stopping.signal)).vanished).toBe(5);
  });

  it('takes a Lua script again after SCRIPT FLUSH', async () => {
    const purge = aPurge(['A']);
    const leases = purge.leasesFor('A');
    await push(2);
    start(purge);
    await drain(purge, leases, 2);
    await redis.client.script('FLUSH');
    await push(2, 10);
    expect(await drain(purge, leases, 2)).toHaveLength(2);
  });

  it('claims a list although Redis is out of memory', async () => {
    const purge = aPurge(['A']);
    const leases = purge.leasesFor('A');
    await push(5);
    await redis.client.config('SET', 'maxmemory', '1');
    try {
      start(purge);
      const [lease] = await leases.take(1, AbortSignal.timeout(5000));
      expect(lease!.range.count).toBe(5);
    } finally {
      await redis.client.config('SET', 'maxmemory', '0');
    }
  });
});
