import type { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../lib/clock.ts';
import type { Elements } from '../lib/elements.ts';
import { millis } from '../lib/units.ts';
import { manifestKey, segmentKey, segmentsKey, stateKey } from '../redis/keys.ts';
import { survey } from './bounds/survey.ts';
import { livePurges } from './live.testing.ts';
import { aList } from './testing.ts';

const list = aList();

describe('StreamPurge on a real Redis', () => {
  const { redis, stopping, aPurge, start, push, drain, untilGone } = livePurges();

  it('gives every route every record, in order, and then the memory back', async () => {
    const purge = aPurge(['A', 'B']);
    const a = purge.leasesFor('A');
    const b = purge.leasesFor('B');
    const texts = await push(25);
    start(purge);
    expect(await drain(purge, a, 25)).toEqual(texts);
    const segment = (await redis.client.lindex(segmentsKey(list.key), 0))!.split('|')[0]!;
    expect(await redis.client.exists(segmentKey(list.key, segment))).toBe(1);
    expect(await drain(purge, b, 25)).toEqual(texts);
    await untilGone(segmentKey(list.key, segment));
    expect(await redis.client.xlen(manifestKey(list.key))).toBe(0);
    expect(await redis.client.hget(stateKey(list.key), 'retained')).toBe('0');
    const { ledgers } = await survey(redis.client, list);
    for (const ledger of ledgers)
      expect(ledger).toMatchObject({ claimed: 25, booked: { delivered: 25 }, pending: 0 });
    expect(ledgers).toHaveLength(2);
  });

  it('says what it has claimed, how long every route took for it, and how long it looked in vain', async () => {
    const told = { claimed: 0, purged: [] as number[] };
    const instruments = {
      claimed: (records: number) => {
        told.claimed += records;
      },
      purged: (time: number) => {
        told.purged.push(time);
      },
      answered: () => undefined,
    };
    const purge = aPurge(['A', 'B'], { instruments });
    const [a, b] = [purge.leasesFor('A'), purge.leasesFor('B')];
    await push(25);
    start(purge);
    await drain(purge, a, 25);
    // Longer than a look at the list takes.
    await systemClock.sleep(millis(300), stopping.signal);
    await drain(purge, b, 25);
    const segment = (await redis.client.lindex(segmentsKey(list.key), 0))!.split('|')[0]!;
    await untilGone(segmentKey(list.key, segment));

    expect(told.claimed).toBe(25);
    await expect.poll(() => told.purged.some((time) => time >= 300)).toBe(true);
    await expect.poll(() => told.purged.some((time) => time < 300)).toBe(true);
  });

  it('takes the time-to-live away with the claim', async () => {
    const purge = aPurge(['A']);
    const leases = purge.leasesFor('A');
    await push(3);
    await redis.client.pexpire(list.key, 300);
    start(purge);
    const [lease] = await leases.take(1, AbortSignal.timeout(5000));
    expect(await redis.client.pttl(segmentKey(list.key, lease!.range.segment))).toBe(-1);
    await systemClock.sleep(millis(400), stopping.signal);
    expect((await purge.chunks.read(lease!.range, stopping.signal)).vanished).toBe(0);
  });

  it.each([
    { of: 1_000, records: 3_000, fewest: 850, most: 1_060 },
    { of: 5_000, records: 1_200, fewest: 390, most: 400 },
    { of: 100_000, records: 100, fewest: 30, most: 42 },
  ])(
    'cuts records of $of bytes into ranges of about a megabyte, and up to four where those are few',
    async ({ of, records, fewest, most }) => {
      const purge = aPurge(['A']);
      const leases = purge.leasesFor('A');
      const record = 'x'.repeat(of);
      await redis.client.rpush(list.key, ...Array.from({ length: records }, () => record));
      start(purge);
      const sizes: number[] = [];
      while (sizes.reduce((sum, size) => sum + size, 0) < records)
        for (const lease of await leases.take(10, AbortSignal.timeout(5000)))
          sizes.push(lease.range.count);
      expect(sizes[0]).toBeGreaterThanOrEqual(fewest);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(most);
    },
  );

  it('obeys purge_chunk as the most records of a range', async () => {
    const purge = aPurge(['A'], { purge: { delay: millis(50), chunk: 4 } });
    const leases = purge.leasesFor('A');
    await push(10);
    start(purge);
    const taken = await leases.take(10, AbortSignal.timeout(5000));
    expect(taken.map(({ range }) => range.count)).toEqual([4, 4, 2]);
  });

  it('claims soon while records flow, and asks once for each look that finds none', async () => {
    const purge = aPurge(['A'], {
      purge: { delay: millis(60_000), flowingDelay: millis(100), chunk: 0 },
    });
    const leases = purge.leasesFor('A');
    await push(1);
    start(purge);
    for (let sent = 1; sent <= 5; sent++) {
      await drain(purge, leases, 1);
      await push(1);
    }
    await drain(purge, leases, 1);

    const asked = async (): Promise<number> =>
      Number(/cmdstat_exists:calls=(\d+)/.exec(await redis.client.info('commandstats'))?.[1] ?? 0);
    await systemClock.sleep(millis(400), stopping.signal);
    const [before, scripts] = [await asked(), await scriptCalls(redis.client)];
    await systemClock.sleep(millis(1_000), stopping.signal);
    expect((await asked()) - before).toBeGreaterThan(5);
    expect(await scriptCalls(redis.client)).toBe(scripts);
  });

  it('starts a new route at the oldest range that is still there where it says so', async () => {
    const before = aPurge(['A', 'SLOW']);
    const a = before.leasesFor('A');
    before.leasesFor('SLOW');
    const texts = await push(5);
    start(before);
    await drain(before, a, 5);

    const after = aPurge(['A', 'SLOW', 'NEW'], { fromOldest: ['NEW'] });
    const fresh = after.leasesFor('NEW');
    start(after);
    expect(await drain(after, fresh, 5)).toEqual(texts);
  });

  it('reads and decodes a range once for all routes', async () => {
    let decoded = 0;
    const counting = {
      ...list,
      decoder: {
        ...list.decoder,
        scan: (elements: Elements) => {
          decoded++;
          return list.decoder.scan(elements);
        },
      },
    };
    const purge = aPurge(['A', 'B', 'C'], { lists: [counting] });
    const all = ['A', 'B', 'C'].map((route) => purge.leasesFor(route));
    await push(5);
    start(purge);
    for (const leases of all) await drain(purge, leases, 5);
    expect(decoded).toBe(1);
  });
});

async function scriptCalls(client: Redis): Promise<number> {
  const stats = await client.info('commandstats');
  return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0);
}
