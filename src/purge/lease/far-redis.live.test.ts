/** Ranges of many lists from a Redis far away: what counts is how often somebody has to wait for it. */
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { type DelayingProxy, startDelayingProxy } from '../../../test/services/delaying-proxy.ts';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { systemClock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import { mebibytes, millis } from '../../lib/units.ts';
import type { RedisClient } from '../../redis/client.ts';
import { Claimer } from '../claim/claim.ts';
import { livePurges } from '../live.testing.ts';
import { aList, allDelivered } from '../testing.ts';
import type { Lease, RouteLeases } from './lease.ts';
import { StreamSource } from './stream-source.ts';

const lists = Array.from({ length: 22 }, (_, at) => aList(`list-${at}`));
const soon = (): AbortSignal => AbortSignal.timeout(5000);

describe('leases from a Redis far away', () => {
  const { redis, keep } = livePurges();
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  async function farAway(): Promise<{ proxy: DelayingProxy; client: Redis }> {
    const { port = 0 } = redis.client.options;
    const proxy = await startDelayingProxy({ port }, 50);
    const client = new Redis({ port: proxy.port, protocol: 2 });
    ends.push(
      () => client.disconnect(),
      () => proxy.stop(),
    );
    await client.ping();
    return { proxy, client };
  }

  /** So many ranges of one record in each list, claimed. */
  async function claimed(ranges: number): Promise<void> {
    const claimer = new Claimer(redis.client, ['A'], 1);
    const texts = Array.from({ length: ranges }, (_, at) => `record ${at}`);
    await Promise.all(
      lists.map(async (list) => {
        await redis.client.rpush(list.key, ...texts);
        await claimer.claim(list, { isClaiming: true, ensuresGroups: true });
      }),
    );
  }

  function leasesOn(
    client: RedisClient,
    consumer: string,
    { log = memoryLog(), lease = 60_000 }: { log?: Log; lease?: number } = {},
  ): RouteLeases {
    const news = { settled: nothing, idle: nothing, groupMissing: nothing };
    const parts = { client, clock: systemClock, log, lists, consumer, news };
    const source = new StreamSource({ ...parts, lease: millis(lease), cacheBytes: mebibytes(1) });
    const leases = source.leasesFor('A');
    source.announce(lists);
    return leases;
  }

  async function takeAll(leases: RouteLeases, count: number, most: number): Promise<Lease[]> {
    const taken: Lease[] = [];
    while (taken.length < count) {
      const some = await leases.take(most, soon());
      if (some.length === 0) break;
      expect(some.length).toBeLessThanOrEqual(most);
      taken.push(...some);
    }
    return taken;
  }

  it('asks all lists at once', async () => {
    const { proxy, client } = await farAway();
    await claimed(1);
    const leases = leasesOn(client, 'far');
    const before = proxy.turns;

    expect(await takeAll(leases, lists.length, 32)).toHaveLength(lists.length);
    expect(proxy.turns - before).toBeLessThanOrEqual(2);
  });

  it('asks a list that has much for much', async () => {
    const { proxy, client } = await farAway();
    await claimed(20);
    const leases = leasesOn(client, 'far');
    const before = proxy.turns;

    expect(await takeAll(leases, 440, 44)).toHaveLength(440);
    expect(proxy.turns - before).toBeLessThanOrEqual(15);
    const [, calls = '0'] =
      /xreadgroup:calls=(\d+)/.exec(await redis.client.info('commandstats')) ?? [];
    expect(Number(calls)).toBeLessThan(220);
  });

  it('takes over what dead ones held beside what is new, and never more than fits', async () => {
    const { client } = await farAway();
    await claimed(4);
    await takeAll(leasesOn(redis.client, 'dead', { lease: 900 }), 44, 44);
    await systemClock.sleep(millis(1000), soon());

    const leases = keep(leasesOn(client, 'far', { lease: 900 }));
    expect(await takeAll(leases, 88, 5)).toHaveLength(88);
  });

  it('renews hundreds of leases in time', async () => {
    const { client } = await farAway();
    await claimed(20);
    const log = memoryLog();
    const leases = keep(leasesOn(client, 'far', { log, lease: 900 }));
    await takeAll(leases, 440, 44);

    expect(
      await leasesOn(redis.client, 'near', { lease: 900 }).take(1, AbortSignal.timeout(3000)),
    ).toEqual([]);
    expect(log.warnings()).toEqual([]);
  });

  it('leaves others their share', async () => {
    const [{ client: one }, { client: other }] = [await farAway(), await farAway()];
    await claimed(20);
    const shares = await Promise.all(
      [leasesOn(one, 'one'), leasesOn(other, 'other'), leasesOn(redis.client, 'near')].map(work),
    );

    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(440);
    expect(Math.min(...shares)).toBeGreaterThan(44);
  });
});

/** As a route that needs 10 ms for a range and has room for 16. */
async function work(leases: RouteLeases): Promise<number> {
  let done = 0;
  for (;;) {
    const taken = await leases.take(16, AbortSignal.timeout(1500));
    if (taken.length === 0) return done;
    await systemClock.sleep(millis(10 * taken.length), AbortSignal.timeout(5000));
    await Promise.all(taken.map((lease) => leases.settle(lease, allDelivered(lease))));
    done += taken.length;
  }
}

const nothing = (): void => undefined;
