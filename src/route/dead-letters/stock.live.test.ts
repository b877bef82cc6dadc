import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/services/redis.ts';
import { startRedisCluster } from '../../../test/services/redis-cluster.ts';
import { systemClock } from '../../lib/clock.ts';
import { silentLog } from '../../lib/log.ts';
import { mebibytes } from '../../lib/units.ts';
import { sourceLists } from '../../purge/lists.ts';
import { decoders } from '../../record/decoders.ts';
import type { RedisClient } from '../../redis/client.ts';
import { createMetrics } from '../../telemetry/metrics.ts';
import { aLetter } from '../testing/parts.testing.ts';
import { Stock } from './stock.ts';
import { RedisDeadLetters } from './store.ts';

const lists = sourceLists('analytics-', decoders);
const [list] = lists;
if (list === undefined) throw new Error('unreachable');

async function looked(client: RedisClient, times = 1): Promise<string> {
  const metrics = createMetrics({ version: '0' });
  const stock = new Stock({
    ...{ client, metrics, lists, routes: ['CSV'] },
    uptimeList: 'host-checker:tyk-uptime-analytics',
    ...{ clock: systemClock, log: silentLog },
  });
  for (let time = 0; time < times; time++) await stock.look();
  return (await metrics.exposition()).body;
}

const storeLetter = (client: RedisClient, route: string) =>
  new RedisDeadLetters({
    ...{ client, bound: mebibytes(1), lists: 1, clock: systemClock, mask: (text) => text },
  }).put(list, route, [aLetter({ route, list: list.key })]);

describe('what waits in Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis({
      acl: ['default on nopass ~* &* +@all', 'pop on >p ~analytics-* +@all -@scripting'],
    });
  });
  afterAll(() => redis.stop());
  beforeEach(() => redis.client.flushall());

  it('is 0 for every list and route where nothing does', async () => {
    const page = await looked(redis.client);
    for (const { key } of lists) expect(page).toContain(`sluice_waiting_records{list="${key}"} 0`);
    expect(page).toContain('sluice_dead_letters_kept{route="CSV"} 0');
    expect(page).toContain('sluice_dead_letters_kept{route="undecodable"} 0');
    expect(page).toContain('sluice_uptime_records 0');
    expect(await redis.client.dbsize()).toBe(0);
  });

  it('is counted per list and per route', async () => {
    await redis.client.rpush(list.key, 'a', 'b');
    await redis.client.rpush('host-checker:tyk-uptime-analytics', 'u');
    await redis.client.set(lists[1]?.key ?? '', 'no list');
    await storeLetter(redis.client, 'CSV');
    await storeLetter(redis.client, 'GONE');

    const page = await looked(redis.client);

    expect(page).toContain(`sluice_waiting_records{list="${list.key}"} 2`);
    expect(page).toContain(`sluice_waiting_records{list="${lists[1]?.key}"} 0`);
    expect(page).toContain('sluice_dead_letters_kept{route="CSV"} 1');
    expect(page).toContain('sluice_dead_letters_kept{route="GONE"} 1');
    expect(page).toContain('sluice_uptime_records 1');
  });

  it('costs one script a look for all lists together', async () => {
    await looked(redis.client);
    await redis.client.config('RESETSTAT');

    await looked(redis.client, 5);

    // The commands within a script are counted there, too.
    const stats = await redis.client.info('commandstats');
    expect(stats).toMatch(/cmdstat_evalsha:calls=5,/);
    expect(stats).toMatch(new RegExp(`cmdstat_llen:calls=${5 * (lists.length + 1)},`));
  });

  it('is counted where scripts and other keys are refused, as far as it goes', async () => {
    await redis.client.rpush(list.key, 'a');
    const client = redis.connect({ username: 'pop', password: 'p', enableReadyCheck: false });

    const page = await looked(client, 2);

    expect(page).toContain(`sluice_waiting_records{list="${list.key}"} 1`);
    expect(page).toContain('sluice_uptime_records 0');
  });

  it('is counted in a Cluster', async () => {
    const cluster = await startRedisCluster();
    try {
      await cluster.client.rpush(list.key, 'a', 'b', 'c');
      await storeLetter(cluster.client, 'CSV');

      const page = await looked(cluster.client);

      expect(page).toContain(`sluice_waiting_records{list="${list.key}"} 3`);
      expect(page).toContain('sluice_dead_letters_kept{route="CSV"} 1');
    } finally {
      await cluster.stop();
    }
  });
});
