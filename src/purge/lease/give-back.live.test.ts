import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/services/redis.ts';
import { millis } from '../../lib/units.ts';
import { manifestKey } from '../../redis/keys.ts';
import { someDelivery, someParts } from '../parts.testing.ts';
import { StreamPurge } from '../stream-purge.ts';
import { aList } from '../testing.ts';
import { giveBackAll } from './give-back.ts';

describe('giveBackAll on a real Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it('hands what a dead consumer held to others at once, and nothing that others hold', async () => {
    const list = aList();
    const lease = millis(600_000);
    const stopping = new AbortController();
    const instance = (consumer: string) => {
      const delivery = someDelivery({ lease });
      const purge = new StreamPurge(someParts(redis.client, ['A'], { consumer, delivery }));
      const leases = purge.leasesFor('A');
      return { leases, running: purge.run(stopping.signal) };
    };
    await redis.client.rpush(list.key, 'one', 'two');
    const dead = instance('dead');
    expect(await dead.leases.take(1, AbortSignal.timeout(5000))).toHaveLength(1);
    const living = instance('living');
    await redis.client.rpush(list.key, 'three');
    expect(await living.leases.take(1, AbortSignal.timeout(5000))).toHaveLength(1);

    const holdings = {
      lists: [list, aList('nothing')],
      routes: ['A', 'B'],
      consumer: 'dead',
      lease,
    };
    expect(await giveBackAll(redis.client, holdings)).toBe(1);
    expect(await giveBackAll(redis.client, holdings)).toBe(0);
    expect(await living.leases.take(4, AbortSignal.timeout(5000))).toHaveLength(1);
    const consumers = (await redis.client.xinfo(
      'CONSUMERS',
      manifestKey(list.key),
      'A',
    )) as unknown[][];
    expect(consumers.map(([, name]) => name)).not.toContain('dead');
    stopping.abort();
    await Promise.all([dead.running, living.running]);
  });
});
