import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RedisCluster, startRedisCluster } from '../../../test/services/redis-cluster.ts';
import { FakeClock } from '../../lib/fake-clock.testing.ts';
import { mebibytes } from '../../lib/units.ts';
import { recordIdOf } from '../../pump/batch.ts';
import { aLetter, aList } from '../testing/parts.testing.ts';
import { deadPiles, purgeDead, retryDead } from './desk.ts';
import { RedisDeadLetters } from './store.ts';

let cluster: RedisCluster;

beforeAll(async () => {
  cluster = await startRedisCluster();
});
afterAll(() => cluster.stop());

it('keeps, lends, requeues and purges dead letters of lists in any slot of a cluster', async () => {
  const { client } = cluster;
  const bound = mebibytes(1);
  const store = new RedisDeadLetters({
    client,
    bound,
    lists: 11,
    clock: new FakeClock(),
    mask: (text) => text,
  });
  const lists = Array.from({ length: 11 }, (_, index) => aList(`analytics-${index}`));

  for (const list of lists) {
    const letter = aLetter({ id: recordIdOf('1-1', 0), list: list.key });
    await store.put(list, 'TEST', [letter]);
    await store.put(list, 'undecodable', [letter]);
    expect(await retryDead(client, { list: list.key, route: 'TEST', ids: 'all' })).toBe(1);
    expect(await store.takeRetries(list, 'TEST', [])).toHaveLength(1);
    expect(await retryDead(client, { list: list.key, route: 'undecodable', ids: 'all' })).toBe(1);
    expect(await client.llen(list.key)).toBe(1);
  }

  const piles = await deadPiles(
    client,
    lists.map(({ key }) => key),
  );
  expect(piles).toHaveLength(11);
  for (const { list, route } of piles) await purgeDead(client, { list, route, ids: 'all' });
  expect(
    await deadPiles(
      client,
      lists.map(({ key }) => key),
    ),
  ).toEqual([]);
});
