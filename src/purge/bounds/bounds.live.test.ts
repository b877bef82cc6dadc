import { describe, expect, it } from 'vitest';
import { systemClock } from '../../lib/clock.ts';
import { bytes, millis } from '../../lib/units.ts';
import { ledgerKey, manifestKey, stateKey } from '../../redis/keys.ts';
import { runScript } from '../../redis/script.ts';
import { Claimer } from '../claim/claim.ts';
import type { Lease, RouteLeases } from '../lease/lease.ts';
import { livePurges } from '../live.testing.ts';
import { someBounds } from '../parts.testing.ts';
import { shedScript } from '../scripts/shed.ts';
import { aList, allDelivered } from '../testing.ts';

const list = aList();

describe('StreamPurge on a real Redis', () => {
  const { redis, stopping, aPurge, start, push, drain } = livePurges();

  /** One claimed, one still a list: the first one of a list does not count against the bound. */
  async function pushTwoSegments(): Promise<void> {
    await push(20);
    await new Claimer(redis.client, ['A'], 0).claim(list, {
      isClaiming: true,
      ensuresGroups: true,
    });
    await push(20, 20);
  }

  async function takeBoth(leases: RouteLeases): Promise<readonly Lease[]> {
    const held = [...(await leases.take(2, AbortSignal.timeout(5000)))];
    while (held.length < 2) held.push(...(await leases.take(1, AbortSignal.timeout(5000))));
    return held;
  }

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
      [manifestKey(list.key), ledgerKey(list.key), stateKey(list.key)],
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
    const held = await takeBoth(leases);
    await expect.poll(() => purge.status().isHolding).toBe(true);
    await push(3, 50);
    await systemClock.sleep(millis(300), stopping.signal);
    expect(await redis.client.llen(list.key)).toBe(3);
    for (const lease of held) await leases.settle(lease, allDelivered(lease));
    expect(await drain(purge, leases, 3)).toHaveLength(3);
  });

  it('claims at once when it may again, however long purge_delay is', async () => {
    const purge = aPurge(['A'], {
      purge: { delay: millis(3_600_000), chunk: 0 },
      bounds: someBounds({ policy: 'hold', retainedBytes: bytes(50) }),
    });
    const leases = purge.leasesFor('A');
    await pushTwoSegments();
    start(purge);
    const held = await takeBoth(leases);
    await expect.poll(() => purge.status().isHolding).toBe(true);
    await push(3, 50);
    for (const lease of held) await leases.settle(lease, allDelivered(lease));
    await expect.poll(() => redis.client.llen(list.key), { timeout: 10_000 }).toBe(0);
  });
});
