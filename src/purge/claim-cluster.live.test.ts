import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RedisCluster, startRedisCluster } from '../../test/services/redis-cluster.ts';
import { millis } from '../lib/units.ts';
import { Claimer } from './claim.ts';
import { reclaim } from './reclaim.ts';
import { release } from './release.ts';
import { aList } from './testing.ts';
import { tidy } from './tidy.ts';

let cluster: RedisCluster;

beforeAll(async () => {
  cluster = await startRedisCluster();
});
afterAll(() => cluster.stop());

it('claims, tidies, reclaims and gives back lists in any slot of a cluster', async () => {
  const { client } = cluster;
  for (let index = 0; index < 11; index++) {
    const list = aList(`analytics-${index}`);
    await client.rpush(list.key, 'a', 'b');
    const claimed = await new Claimer(client, ['A'], 0).claim(list, {
      isClaiming: true,
      ensuresGroups: true,
    });
    expect(claimed.records).toBe(2);
    await tidy(client, list, ['A'], millis(1000));
    await reclaim(client, list);
    expect((await release(client, list, new AbortController().signal)).records).toBe(2);
    expect(await client.lrange(list.key, 0, -1)).toEqual(['a', 'b']);
  }
});
