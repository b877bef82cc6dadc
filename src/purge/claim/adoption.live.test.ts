/** What a claim that was refused half-way left behind in versions before 0.1.1, and what somebody else deletes. */
import { describe, expect, it } from 'vitest';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { segmentKey, segmentsKey } from '../../redis/keys.ts';
import { survey } from '../bounds/survey.ts';
import { livePurges } from '../live.testing.ts';
import { release } from '../release.ts';
import { aList } from '../testing.ts';
import { findSegments, withoutName } from './unnamed.ts';

const list = aList();
const never = new AbortController().signal;
const found = 'Claimed records that nothing named were found in Redis; they are delivered now.';

describe('segments that nothing names', () => {
  const { redis, aPurge, start, push, drain, untilGone } = livePurges();

  /** As Redis 6.2 and later leave it when a command behind the rename is refused. */
  async function halfClaim(): Promise<readonly string[]> {
    const texts = await push(5);
    await redis.client.expire(list.key, 1000);
    await redis.client.rename(list.key, segmentKey(list.key, '1700000000000000-1-salt'));
    return texts;
  }

  it('are delivered after a start, to every route, and given back', async () => {
    const log = memoryLog();
    const texts = await halfClaim();
    const purge = aPurge(['A', 'B'], { log });
    const all = ['A', 'B'].map((route) => purge.leasesFor(route));
    start(purge);
    for (const leases of all) expect(await drain(purge, leases, 5)).toEqual(texts);
    await untilGone(segmentsKey(list.key));
    expect(await redis.client.keys('*:seg:*')).toEqual([]);
    expect(log.warnings()).toEqual([found]);
    const { ledgers, retained } = await survey(redis.client, list);
    expect(retained).toBe(0);
    for (const ledger of ledgers) expect(ledger).toMatchObject({ claimed: 5, pending: 0 });
  });

  it('do not expire meanwhile', async () => {
    await halfClaim();
    start(aPurge(['A']));
    const key = segmentKey(list.key, '1700000000000000-1-salt');
    await expect.poll(() => redis.client.ttl(key), { timeout: 5000 }).toBe(-1);
  });

  it('are adopted once, whoever finds them', async () => {
    const texts = await halfClaim();
    const purges = [1, 2, 3].map(() => aPurge(['A']));
    for (const purge of purges) start(purge);
    const [first] = purges;
    expect(await drain(first!, first!.leasesFor('A'), 5)).toEqual(texts);
    await untilGone(segmentsKey(list.key));
    expect((await survey(redis.client, list)).ledgers).toMatchObject([{ claimed: 5, pending: 0 }]);
  });

  it('get only their line back where the ranges are still there', async () => {
    const purge = aPurge(['A']);
    const leases = purge.leasesFor('A');
    const texts = await push(4);
    start(purge);
    await expect.poll(() => redis.client.exists(segmentsKey(list.key)), { timeout: 5000 }).toBe(1);
    await redis.client.del(segmentsKey(list.key));
    const other = aPurge(['A']);
    start(other);
    expect(await drain(purge, leases, 4)).toEqual(texts);
    await expect.poll(() => redis.client.keys('*:seg:*'), { timeout: 5000 }).toEqual([]);
    expect((await survey(redis.client, list)).ledgers).toMatchObject([{ claimed: 4, pending: 0 }]);
  });

  it('go back to the gateway’s list with sluice release', async () => {
    const texts = await halfClaim();
    const [unnamed] = await withoutName(
      redis.client,
      await findSegments(redis.client, [list], never),
    );
    expect(unnamed?.segments).toEqual(['1700000000000000-1-salt']);
    const released = await release(redis.client, list, never, unnamed?.segments);
    expect(released.records).toBe(5);
    expect(await redis.client.lrange(list.key, 0, -1)).toEqual(texts);
    expect(await redis.client.keys('*:seg:*')).toEqual([]);
  });

  it('are not made by a claim that Redis refuses', async () => {
    await redis.client.call('ACL', 'SETUSER', 'pump', 'on', 'nopass', '~*', '+@all');
    const client = redis.client.duplicate({ username: 'pump', password: 'x' });
    try {
      const log = memoryLog();
      const purge = aPurge(['A'], { client, log });
      const leases = purge.leasesFor('A');
      start(purge);
      await push(20);
      await drain(purge, leases, 20);
      await redis.client.call('ACL', 'SETUSER', 'pump', '-xadd');
      const texts = await push(30, 20);
      await redis.client.expire(list.key, 1000);
      await expect.poll(() => log.text(), { timeout: 5000 }).toContain('has failed');
      expect(await redis.client.llen(list.key)).toBe(30);
      await redis.client.call('ACL', 'SETUSER', 'pump', '+@all');
      expect(await drain(purge, leases, 30)).toEqual(texts);
    } finally {
      client.disconnect();
    }
  });
});
