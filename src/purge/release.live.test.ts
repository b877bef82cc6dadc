import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../test/services/redis.ts';
import { manifestKey } from '../redis/keys.ts';
import { Claimer } from './claim/claim.ts';
import { leasesOf, type StreamEntry } from './lease/manifest-entry.ts';
import { liveConsumers, release } from './release.ts';
import { aList } from './testing.ts';

const list = aList();
const never = new AbortController().signal;

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());

const names = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, at) => `record-${from + at}`);

async function claim(routes: readonly string[]): Promise<void> {
  await new Claimer(redis.client, routes, 4).claim(list, { isClaiming: true, ensuresGroups: true });
}

async function read(route: string, count: number): Promise<readonly string[]> {
  const reply = (await redis.client.xreadgroup(
    ...(['GROUP', route, 'me', 'COUNT', count, 'STREAMS', manifestKey(list.key), '>'] as const),
  )) as unknown as [[string, StreamEntry[]]];
  return leasesOf(list, reply[0][1]).leases.map(({ id }) => id);
}

it('puts back what some route has not answered for, in the gateway’s order', async () => {
  await redis.client.rpush(list.key, ...names(0, 10));
  await claim(['A', 'B']);
  await redis.client.rpush(list.key, ...names(10, 14));
  await claim(['A', 'B']);
  await redis.client.rpush(list.key, ...names(14, 16));
  for (const route of ['A', 'B']) {
    const [first] = await read(route, 2);
    await redis.client.xack(manifestKey(list.key), route, first ?? '');
  }
  const [third] = await read('A', 1);
  await redis.client.xack(manifestKey(list.key), 'A', third ?? '');

  const released = await release(redis.client, list, never);
  expect(await redis.client.lrange(list.key, 0, -1)).toEqual(names(4, 16));
  expect(released.records).toBe(10);
  expect([...released.again]).toEqual([['A', 2]]);
  expect((await redis.client.keys('*')).toSorted()).toEqual([list.key, `{${list.key}}:state`]);
});

it('leaves nothing that a later start could mistake', async () => {
  await redis.client.rpush(list.key, ...names(0, 10));
  await claim(['A']);
  await release(redis.client, list, never);
  await claim(['A']);
  expect(await redis.client.xlen(manifestKey(list.key))).toBe(3);
  await release(redis.client, list, never);
  expect(await redis.client.lrange(list.key, 0, -1)).toEqual(names(0, 10));
});

it('knows instances that spoke lately', async () => {
  await redis.client.rpush(list.key, ...names(0, 1));
  await claim(['A']);
  await read('A', 1);
  expect(await liveConsumers(redis.client, list, 60_000)).toEqual(['me']);
  expect(await liveConsumers(redis.client, list, 0)).toEqual([]);
});
