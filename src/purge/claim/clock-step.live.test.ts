/** Leases are by Redis's clock. Stepped back, it would keep those of a dead instance for as long as the step. */
import { expect, it } from 'vitest';
import { createFakeClock, needFakeClock } from '../../../test/services/fake-clock.ts';
import { whyUnavailable } from '../../../test/services/process.ts';
import { startRedis } from '../../../test/services/redis.ts';
import { millis } from '../../lib/units.ts';
import { someDelivery, someParts } from '../parts.testing.ts';
import { StreamPurge } from '../stream-purge.ts';
import { aList } from '../testing.ts';

const hour = 3_600;

const problem = await whyUnavailable(needFakeClock);

it.skipIf(problem !== undefined).each([hour, -hour])(
  'takes over what a dead instance held when the clock of Redis is stepped by %d seconds',
  async (offset) => {
    const clock = await createFakeClock();
    const redis = await startRedis({ env: clock.env });
    const stopping = new AbortController();
    try {
      const delivery = someDelivery({ lease: millis(1000) });
      const purge = new StreamPurge(someParts(redis.client, ['A'], { delivery }));
      const dead = purge.leasesFor('A');
      await redis.client.rpush(aList().key, 'a', 'b', 'c');
      const running = purge.run(stopping.signal);
      const [held] = await dead.take(1, AbortSignal.timeout(5000));
      await clock.set(offset);

      const other = new StreamPurge(someParts(redis.client, ['A'], { delivery }));
      const leases = other.leasesFor('A');
      const others = other.run(stopping.signal);
      const [taken] = await leases.take(1, AbortSignal.timeout(8000));
      expect(taken?.id).toBe(held?.id);
      stopping.abort();
      await Promise.all([running, others]);
    } finally {
      stopping.abort();
      await redis.stop();
    }
  },
);
