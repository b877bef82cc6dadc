import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../test/services/redis.ts';
import { systemClock } from '../lib/clock.ts';
import { bytes, millis } from '../lib/units.ts';
import { ledgerKey, manifestKey, segmentKey, segmentsKey, stateKey } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';
import { Claimer } from './claim.ts';
import type { RouteLeases } from './lease.ts';
import { someBounds, someDelivery, someParts } from './parts.testing.ts';
import { shedScript } from './scripts/shed.ts';
import { type PurgeParts, StreamPurge } from './stream-purge.ts';
import { survey } from './survey.ts';
import { aList, allDelivered, textsOf } from './testing.ts';

const list = aList();

describe('StreamPurge on a real Redis', () => {
  let redis: RedisServer;
  let stopping: AbortController;
  let running: Promise<unknown>[];

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  beforeEach(async () => {
    await redis.client.flushall();
    stopping = new AbortController();
    running = [];
  });
  afterEach(async () => {
    stopping.abort();
    await Promise.all(running);
  });

  function aPurge(routes: readonly string[], changes: Partial<PurgeParts> = {}): StreamPurge {
    return new StreamPurge(someParts(redis.client, routes, changes));
  }

  function start(purge: StreamPurge): void {
    running.push(purge.run(stopping.signal));
  }

  function keep(leases: RouteLeases): RouteLeases {
    running.push(leases.keep(stopping.signal));
    return leases;
  }

  async function push(count: number, from = 0): Promise<readonly string[]> {
    const texts = Array.from({ length: count }, (_, at) => `record-${String(from + at)}`);
    await redis.client.rpush(list.key, ...texts);
    return texts;
  }

  /** One claimed, one still a list: the first one of a list does not count against the bound. */
  async function pushTwoSegments(): Promise<void> {
    await push(20);
    await new Claimer(redis.client, ['A'], 0).claim(list, {
      isClaiming: true,
      ensuresGroups: true,
    });
    await push(20, 20);
  }

  async function drain(purge: StreamPurge, leases: RouteLeases, count: number): Promise<string[]> {
    const texts: string[] = [];
    while (texts.length < count) {
      for (const lease of await leases.take(4, AbortSignal.timeout(5000))) {
        texts.push(...textsOf((await purge.chunks.read(lease.range, stopping.signal)).chunk));
        await leases.settle(lease, allDelivered(lease));
      }
    }
    return texts;
  }

  async function untilGone(key: string): Promise<void> {
    await expect.poll(() => redis.client.exists(key), { timeout: 5000 }).toBe(0);
  }

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

  it('cuts a segment into ranges of about a megabyte', async () => {
    const purge = aPurge(['A']);
    const leases = purge.leasesFor('A');
    const record = 'x'.repeat(100_000);
    await redis.client.rpush(list.key, ...Array.from({ length: 35 }, () => record));
    start(purge);
    const sizes: number[] = [];
    while (sizes.reduce((sum, size) => sum + size, 0) < 35)
      for (const lease of await leases.take(10, AbortSignal.timeout(5000)))
        sizes.push(lease.range.count);
    expect(sizes.length).toBeGreaterThan(3);
    expect(Math.max(...sizes)).toBeLessThan(12);
  });

  it('obeys purge_chunk as the most records of a range', async () => {
    const purge = aPurge(['A'], { purge: { delay: millis(50), chunk: 4, expiration: millis(0) } });
    const leases = purge.leasesFor('A');
    await push(10);
    start(purge);
    const taken = await leases.take(10, AbortSignal.timeout(5000));
    expect(taken.map(({ range }) => range.count)).toEqual([4, 4, 2]);
  });

  it('lets another instance take over what a dead one held', async () => {
    const dead = aPurge(['A']);
    const heldByDead = dead.leasesFor('A');
    const texts = await push(5);
    start(dead);
    await heldByDead.take(1, AbortSignal.timeout(5000)); // never renewed, never settled

    const alive = aPurge(['A']);
    const leases = keep(alive.leasesFor('A'));
    start(alive);
    expect(await drain(alive, leases, 5)).toEqual(texts);
  });

  it('renews a lease while its owner lives, so nobody takes it over', async () => {
    const first = aPurge(['A']);
    const holder = keep(first.leasesFor('A'));
    await push(5);
    start(first);
    await holder.take(1, AbortSignal.timeout(5000));

    const second = aPurge(['A']);
    const other = keep(second.leasesFor('A'));
    start(second);
    expect(await other.take(1, AbortSignal.timeout(2500))).toEqual([]);
  });

  it('hands released ranges to another instance at once', async () => {
    const first = aPurge(['A'], { delivery: someDelivery({ lease: millis(60_000) }) });
    const leaving = first.leasesFor('A');
    await push(5);
    start(first);
    const held = await leaving.take(1, AbortSignal.timeout(5000));
    await leaving.release(held);

    const second = aPurge(['A'], { delivery: someDelivery({ lease: millis(60_000) }) });
    const other = second.leasesFor('A');
    start(second);
    expect(await other.take(1, AbortSignal.timeout(3000))).toHaveLength(1);
  });

  it('hands over all that was released without a pause, however much it is', async () => {
    const purge = aPurge(['A'], { purge: { ...someParts(redis.client, []).purge, chunk: 1 } });
    const leases = purge.leasesFor('A');
    await push(30);
    start(purge);
    const held = await leases.take(30, AbortSignal.timeout(5000));
    const other = aPurge(['A']);
    const others = other.leasesFor('A');
    start(other);
    await leases.release(held);
    const since = systemClock.elapsed();
    let taken = 0;
    while (taken < 30) taken += (await others.take(3, AbortSignal.timeout(5000))).length;
    expect(systemClock.elapsed() - since).toBeLessThan(4000);
  });

  it('gives the memory back that a killed instance had freed and not reclaimed', async () => {
    const purge = aPurge(['A']);
    const leases = purge.leasesFor('A');
    await push(3);
    start(purge);
    const [lease] = await leases.take(1, AbortSignal.timeout(5000));
    await redis.client.xack(manifestKey(list.key), 'A', lease!.id);
    await untilGone(segmentKey(list.key, lease!.range.segment));
  });

  it('starts a new route at the oldest range that is still there', async () => {
    const before = aPurge(['A', 'SLOW']);
    const a = before.leasesFor('A');
    before.leasesFor('SLOW');
    const texts = await push(5);
    start(before);
    await drain(before, a, 5);

    const after = aPurge(['A', 'SLOW', 'NEW']);
    const fresh = after.leasesFor('NEW');
    start(after);
    expect(await drain(after, fresh, 5)).toEqual(texts);
  });

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

  it('reads and decodes a range once for all routes', async () => {
    let decoded = 0;
    const counting = {
      ...list,
      decoder: {
        ...list.decoder,
        decode: (elements: readonly Uint8Array[]) => {
          decoded++;
          return list.decoder.decode(elements);
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

  it('sheds a range for one group alone and counts its records', async () => {
    const purge = aPurge(['A', 'B']);
    const a = purge.leasesFor('A');
    const b = purge.leasesFor('B');
    const texts = await push(7);
    start(purge);
    const [held] = await a.take(1, AbortSignal.timeout(5000));
    const reply = await runScript(
      redis.client,
      shedScript,
      [manifestKey(list.key), ledgerKey(list.key)],
      ['A', held!.id],
    );
    expect(reply).toEqual([1, 7]);
    expect(await drain(purge, b, 7)).toEqual(texts);
  });

  it('pauses claiming at the bound and goes on when a route has caught up', async () => {
    const purge = aPurge(['A'], {
      bounds: someBounds({ policy: 'hold', retainedBytes: bytes(50) }),
    });
    const leases = purge.leasesFor('A');
    await pushTwoSegments();
    start(purge);
    const held = await leases.take(2, AbortSignal.timeout(5000));
    await expect.poll(() => purge.status().isHolding).toBe(true);
    await push(3, 50);
    await systemClock.sleep(millis(300), stopping.signal);
    expect(await redis.client.llen(list.key)).toBe(3);
    for (const lease of held) await leases.settle(lease, allDelivered(lease));
    expect(await drain(purge, leases, 3)).toHaveLength(3);
  });

  it('claims at once when it may again, however long purge_delay is', async () => {
    const purge = aPurge(['A'], {
      purge: { delay: millis(3_600_000), chunk: 0, expiration: millis(0) },
      bounds: someBounds({ policy: 'hold', retainedBytes: bytes(50) }),
    });
    const leases = purge.leasesFor('A');
    await pushTwoSegments();
    start(purge);
    const held = await leases.take(2, AbortSignal.timeout(5000));
    await expect.poll(() => purge.status().isHolding).toBe(true);
    await push(3, 50);
    for (const lease of held) await leases.settle(lease, allDelivered(lease));
    await expect.poll(() => redis.client.llen(list.key), { timeout: 10_000 }).toBe(0);
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
