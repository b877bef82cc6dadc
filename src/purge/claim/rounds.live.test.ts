import { describe, expect, it } from 'vitest';
import { seconds } from '../../lib/units.ts';
import { manifestKey } from '../../redis/keys.ts';
import type { RouteLeases } from '../lease/lease.ts';
import { livePurges } from '../live.testing.ts';
import type { StreamPurge } from '../stream-purge.ts';
import { aList, allDelivered } from '../testing.ts';
import { Claimer, rangeBytes } from './claim.ts';

const list = aList();

describe('the next round of a purge loop', () => {
  const { redis, aPurge, start } = livePurges();

  /** Rounds by the ticker alone would come a minute apart. */
  function startPurge(routes: readonly string[]): StreamPurge {
    const purge = { delay: seconds(60), chunk: 0 };
    const loop = aPurge(routes, { purge });
    start(loop);
    return loop;
  }

  const push = (text: string): Promise<number> => redis.client.rpush(list.key, text);

  /** Takes and settles until there is nothing for half a second; gives the number of records. */
  async function drainAll(leases: RouteLeases): Promise<number> {
    let records = 0;
    for (;;) {
      const taken = await leases.take(8, AbortSignal.timeout(500));
      if (taken.length === 0) return records;
      for (const lease of taken) {
        records += lease.range.count;
        await leases.settle(lease, allDelivered(lease));
      }
    }
  }

  it('comes as soon as a backlog has been read', async () => {
    await push('x'.repeat(2 * rangeBytes));
    const leases = startPurge(['A']).leasesFor('A');
    await expect.poll(() => redis.client.exists(list.key)).toBe(0);
    await push('the next one');

    expect(await drainAll(leases)).toBe(2);
  });

  it('is not hurried by ranges that wait for a sink that is away', async () => {
    const claimer = new Claimer(redis.client, ['A', 'AWAY'], 0);
    for (const text of ['first', 'second', 'third']) {
      await push(text);
      await claimer.claim(list, { isClaiming: true, ensuresGroups: true });
    }
    await push('fourth');
    const leases = startPurge(['A', 'AWAY']).leasesFor('A');
    await expect.poll(() => redis.client.xlen(manifestKey(list.key))).toBe(4);
    await push('waits for the ticker');

    expect(await drainAll(leases)).toBe(4);
    expect(await redis.client.llen(list.key)).toBe(1);
  });
});
