/** Keys of ours are gone, one by one and all at once: the books close all the same, and what is lost is counted. */
import { describe, expect, it } from 'vitest';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { CountingMetrics } from '../../lib/metrics.testing.ts';
import { ledgerKey, manifestKey, segmentsKey, stateKey } from '../../redis/keys.ts';
import { livePurges } from '../live.testing.ts';
import { release } from '../release.ts';
import { aList } from '../testing.ts';
import { survey } from './survey.ts';

const list = aList();
const [manifest, state, segments, ledger] = [
  manifestKey(list.key),
  stateKey(list.key),
  segmentsKey(list.key),
  ledgerKey(list.key),
];
const lost = 'Records are no longer in Redis and are lost.';

describe('where keys of ours are gone', () => {
  const { redis, aPurge, start, push, drain } = livePurges();

  /** Twenty records that A has answered for and B has not. */
  async function waiting(log = memoryLog()) {
    const metrics = new CountingMetrics();
    const purge = aPurge(['A', 'B'], { log, metrics });
    const [a, b] = [purge.leasesFor('A'), purge.leasesFor('B')];
    const texts = await push(20);
    start(purge);
    await drain(purge, a, 20);
    return { purge, a, b, texts, log, metrics };
  }

  const booksOf = async (route: string) => {
    const { ledgers } = await survey(redis.client, list);
    const found = ledgers.find((each) => each.route === route);
    return found && { ...found.booked, pending: found.pending, claimed: found.claimed };
  };

  const untilReclaimed = async (): Promise<void> => {
    await expect.poll(() => redis.client.xlen(manifest), { timeout: 8000 }).toBe(0);
    await expect.poll(() => redis.client.keys('*:seg:*'), { timeout: 8000 }).toEqual([]);
    expect((await survey(redis.client, list)).retained).toBe(0);
  };

  const segmentKeys = () => redis.client.keys('*:seg:*');

  it('state and ledger: what is delivered from then on counts, and no figure is negative', async () => {
    const { purge, a, b, texts, log } = await waiting();
    await redis.client.del(state, ledger);
    expect(await drain(purge, b, 20)).toEqual(texts);
    const more = await push(5, 20);
    for (const leases of [a, b]) expect(await drain(purge, leases, 5)).toEqual(more);
    await untilReclaimed();
    await expect
      .poll(() => booksOf('B'), { timeout: 15_000 })
      .toMatchObject({ delivered: 25, vanished: 0, pending: 0, claimed: 25 });
    await expect
      .poll(() => booksOf('A'), { timeout: 15_000 })
      .toMatchObject({ delivered: 5, vanished: 0, pending: 0 });
    expect(log.warnings()).not.toContain(lost);
  });

  it('the list of segments: nothing is delivered twice, and the memory is given back', async () => {
    const { purge, b, texts } = await waiting();
    await redis.client.del(segments);
    expect(await drain(purge, b, 20)).toEqual(texts);
    await untilReclaimed();
    expect(await booksOf('A')).toMatchObject({ delivered: 20, pending: 0 });
    expect(await booksOf('B')).toMatchObject({ delivered: 20, pending: 0 });
  });

  it('the manifest: what is left is delivered, to some perhaps again', async () => {
    const { purge, a, b, texts, log } = await waiting();
    await redis.client.del(manifest);
    for (const leases of [a, b]) expect(await drain(purge, leases, 20)).toEqual(texts);
    await untilReclaimed();
    expect(await booksOf('B')).toMatchObject({ delivered: 20, vanished: 0, pending: 0 });
    expect(await booksOf('A')).toMatchObject({ delivered: 40, vanished: 0, pending: 0 });
    expect(log.warnings()).not.toContain(lost);
  });

  it('the manifest and the segments: what nobody had answered for is counted as vanished, once', async () => {
    const { purge, a, b, log } = await waiting();
    await redis.client.del(manifest, segments, ...(await segmentKeys()));
    await expect
      .poll(() => booksOf('B'), { timeout: 8000 })
      .toMatchObject({ delivered: 0, vanished: 20, pending: 0 });
    expect(await booksOf('A')).toMatchObject({ delivered: 20, vanished: 0, pending: 0 });
    const more = await push(3, 20);
    for (const leases of [a, b]) expect(await drain(purge, leases, 3)).toEqual(more);
    await untilReclaimed();
    expect(await booksOf('B')).toMatchObject({ delivered: 3, vanished: 20, pending: 0 });
    expect(log.lines.filter(({ message }) => message === lost)).toMatchObject([
      { fields: { route: 'B', records: 20 } },
    ]);
  });

  it('all of them: what this instance knew of is counted as vanished', async () => {
    const { purge, a, b, metrics } = await waiting();
    await expect.poll(() => metrics.gauges.get('sluice_route_lag_records B')).toBe(20);
    await redis.client.flushall();
    await expect
      .poll(() => booksOf('B'), { timeout: 8000 })
      .toMatchObject({ delivered: 0, vanished: 20, pending: 0 });
    const more = await push(3, 20);
    for (const leases of [a, b]) expect(await drain(purge, leases, 3)).toEqual(more);
    await untilReclaimed();
    expect(await booksOf('B')).toMatchObject({ delivered: 3, vanished: 20, pending: 0 });
  });

  it('the manifest, at the way back to Tyk Pump: the segments are not forgotten with it', async () => {
    const purge = aPurge(['A']);
    const texts = await push(6);
    const stop = new AbortController();
    const running = purge.run(stop.signal);
    await expect.poll(() => redis.client.exists(segments), { timeout: 5000 }).toBe(1);
    stop.abort();
    await running;
    await redis.client.del(manifest);
    expect((await release(redis.client, list, new AbortController().signal)).records).toBe(6);
    expect(await redis.client.lrange(list.key, 0, -1)).toEqual(texts);
    expect(await segmentKeys()).toEqual([]);
  });

  it('released meanwhile: that is no loss', async () => {
    const { purge, a, log } = await waiting();
    const released = await release(redis.client, list, new AbortController().signal);
    expect(released.records).toBe(20);
    await drain(purge, a, 20);
    expect(log.warnings()).not.toContain(lost);
    expect(await booksOf('A')).toMatchObject({ vanished: 0 });
  });

  it.each([1, 2, 3])(
    'evicted by Redis: what was not delivered is counted as vanished (%d)',
    async () => {
      const { client } = redis;
      const purge = aPurge(['A']);
      const leases = purge.leasesFor('A');
      start(purge);
      // Many segments of 40 KB, claimed one by one, which nobody reads.
      for (let at = 0; at < 50; at++) {
        await client.rpush(list.key, ...Array.from({ length: 4 }, () => 'x'.repeat(10_000)));
        await expect.poll(() => client.exists(list.key), { timeout: 5000 }).toBe(0);
      }
      // Known to this instance as of its last survey.
      await expect.poll(async () => (await booksOf('A'))?.pending, { timeout: 5000 }).toBe(200);
      const used = /used_memory:(\d+)/.exec(await client.info('memory'))?.[1] ?? '0';
      await client.config('SET', 'maxmemory-policy', 'allkeys-lru');
      try {
        await client.config('SET', 'maxmemory', String(Number(used) - 1_000_000));
        await client.set('filler', 'x');
      } finally {
        await client.config('SET', 'maxmemory', '0');
        await client.config('SET', 'maxmemory-policy', 'noeviction');
      }
      let delivered = 0;
      const end = AbortSignal.timeout(20_000);
      while (!end.aborted) {
        const books = await booksOf('A');
        if (books !== undefined && books.pending === 0 && books.claimed >= 200) break;
        const soon = AbortSignal.any([end, AbortSignal.timeout(500)]);
        for (const lease of await leases.take(4, soon)) {
          const { chunk, vanished } = await purge.chunks.read(lease.range, end);
          delivered += chunk.size;
          const tally = { rejected: 0, filtered: 0, spilled: 0, vanished, delivered: chunk.size };
          await leases.settle(lease, tally);
        }
      }
      const books = await booksOf('A');
      expect(books).toMatchObject({ pending: 0, delivered });
      expect(books?.vanished).toBe(200 - delivered);
    },
  );
});
