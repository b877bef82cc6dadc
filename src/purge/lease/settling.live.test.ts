/** What acknowledgements cost Redis, and who hears of them. */
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../lib/clock.ts';
import { silentLog } from '../../lib/log.ts';
import { mebibytes, millis } from '../../lib/units.ts';
import { ledgerKey } from '../../redis/keys.ts';
import { Claimer } from '../claim/claim.ts';
import { livePurges } from '../live.testing.ts';
import { aList, allDelivered } from '../testing.ts';
import type { Lease, SourceList } from './lease.ts';
import { StreamSource } from './stream-source.ts';

const list = aList();

describe('settling on a real Redis', () => {
  const { redis, push } = livePurges();

  /** Leases of all that is claimed, and what is heard of their settling. */
  async function taken(ranges: number) {
    await push(ranges);
    const claimer = new Claimer(redis.client, ['A'], 1);
    await claimer.claim(list, { isClaiming: true, ensuresGroups: true });
    const heard: SourceList[] = [];
    const source = new StreamSource({
      ...{ client: redis.client, clock: systemClock, log: silentLog, lists: [list] },
      ...{ lease: millis(60_000), cacheBytes: mebibytes(1), consumer: 'one' },
      news: { settled: (one) => heard.push(one), idle: nothing, groupMissing: nothing },
    });
    const leases = source.leasesFor('A');
    source.announce([list]);
    const held: Lease[] = [];
    while (held.length < ranges)
      held.push(...(await leases.take(ranges, AbortSignal.timeout(5000))));
    return { leases, held, heard };
  }

  it('says that there may be something to reclaim once no range of the segment is held', async () => {
    const { leases, held, heard } = await taken(3);
    const [first, second, third] = held;

    for (const lease of [first!, third!]) await leases.settle(lease, allDelivered(lease));
    expect(heard).toEqual([]);
    await leases.settle(second!, allDelivered(second!));
    expect(heard).toEqual([list]);
  });

  it('acknowledges many ranges in few calls, none of them long', async () => {
    const { leases, held } = await taken(1200);
    await redis.client.config('RESETSTAT');
    await Promise.all(held.map((lease) => leases.settle(lease, allDelivered(lease))));

    expect(await redis.client.hget(ledgerKey(list.key), 'A|delivered')).toBe('1200');
    const stats = await redis.client.info('commandstats');
    const [, calls = 0] = /cmdstat_evalsha:calls=(\d+)/.exec(stats) ?? [];
    expect(Number(calls)).toBeGreaterThan(2);
    expect(Number(calls)).toBeLessThan(6);
  });

  it('sends all again together that Redis has refused, until it takes them', async () => {
    const { leases, held, heard } = await taken(100);
    await redis.client.set(ledgerKey(list.key), 'of somebody else');
    await redis.client.config('RESETSTAT');
    const settling = Promise.all(held.map((lease) => leases.settle(lease, allDelivered(lease))));
    const calls = async (): Promise<number> => {
      const stats = await redis.client.info('commandstats');
      return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0);
    };
    await expect.poll(calls, { interval: 100, timeout: 5000 }).toBeGreaterThan(2);
    expect(await calls()).toBeLessThan(10);
    expect(heard).toEqual([]);
    await redis.client.del(ledgerKey(list.key));
    await settling;

    expect(await redis.client.hget(ledgerKey(list.key), 'A|delivered')).toBe('100');
    expect(heard).toEqual([list]);
  });
});

const nothing = (): void => undefined;
