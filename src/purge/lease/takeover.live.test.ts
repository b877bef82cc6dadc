/** What an instance held, frees or leaves behind comes to the others. */
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../lib/clock.ts';
import { millis } from '../../lib/units.ts';
import { manifestKey, segmentKey } from '../../redis/keys.ts';
import { livePurges } from '../live.testing.ts';
import { someDelivery, someParts } from '../parts.testing.ts';
import { aList } from '../testing.ts';

const list = aList();

describe('StreamPurge on a real Redis', () => {
  const { redis, aPurge, start, keep, push, drain, untilGone } = livePurges();

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
});
