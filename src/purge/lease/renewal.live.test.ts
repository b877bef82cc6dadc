/** What is said of leases that are renewed while they end. */
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { millis } from '../../lib/units.ts';
import { unlessAborted } from '../../lib/waiting.ts';
import { manifestKey } from '../../redis/keys.ts';
import { livePurges } from '../live.testing.ts';
import { someDelivery } from '../parts.testing.ts';
import { aList, allDelivered } from '../testing.ts';

const { redis, aPurge, start, keep, push } = livePurges();

it('says of no lease that it ran out which was settled or given back while it was renewed', async () => {
  const [log, count] = [memoryLog(), 400];
  const lease = millis(60_000);
  const clock: Clock = {
    ...systemClock,
    // Renewed all the time, and never overdue.
    sleep: (time, signal) => (time === lease / 3 ? turn() : systemClock.sleep(time, signal)),
  };
  const purge = aPurge(['A'], {
    ...{ clock, log, delivery: someDelivery({ lease }) },
    purge: { delay: millis(50), chunk: 1 },
  });
  const leases = keep(purge.leasesFor('A'));
  start(purge);
  await push(count);
  for (let settled = 0; settled < count; ) {
    const taken = await leases.take(8, AbortSignal.timeout(5000));
    const isSettled = taken.map((_, index) => index % 4 < 3);
    await Promise.all(
      taken.map((one, index) =>
        isSettled[index] === true ? leases.settle(one, allDelivered(one)) : leases.release([one]),
      ),
    );
    settled += isSettled.filter(Boolean).length;
  }
  expect(log.warnings()).toEqual([]);
});

it('says once of each lease that it ran out, however long its route holds it', async () => {
  const [log, lease] = [memoryLog(), millis(60_000)];
  const renewals: (() => void)[] = [];
  const clock: Clock = {
    ...systemClock,
    sleep: (time, signal) =>
      time === lease / 3
        ? unlessAborted(new Promise<void>((resolve) => renewals.push(resolve)), undefined, signal)
        : systemClock.sleep(time, signal),
  };
  const renew = async (): Promise<void> => {
    await expect.poll(() => renewals.length).toBe(1);
    renewals.pop()?.();
    await expect.poll(() => renewals.length).toBe(1);
  };
  const purge = aPurge(['A'], {
    ...{ clock, log, delivery: someDelivery({ lease }) },
    purge: { delay: millis(50), chunk: 1 },
  });
  const leases = keep(purge.leasesFor('A'));
  start(purge);
  await push(3);
  const ids: string[] = [];
  while (ids.length < 3)
    ids.push(...(await leases.take(3, AbortSignal.timeout(5000))).map(({ id }) => id));
  const lose = (at: number) => redis.client.xack(manifestKey(aList().key), 'A', ids[at] ?? '');

  await lose(0);
  await renew();
  await renew();
  expect(log.warnings()).toHaveLength(1);

  await lose(1);
  await renew();
  await renew();
  expect(log.warnings()).toHaveLength(2);
});
