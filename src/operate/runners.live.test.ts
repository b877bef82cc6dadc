import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../test/services/redis.ts';
import { stateKey } from '../redis/keys.ts';
import { findRunner } from './runners.ts';

const lists = [{ key: 'one' }, { key: 'two' }];
let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis({
    acl: ['default on nopass ~* &* +@all', 'shy on nopass ~* +@all -client'],
  });
});
beforeEach(() => redis.client.flushall());
afterAll(() => redis.stop());

const dated = (route: string, secondsAgo: number) =>
  redis.client.hset(stateKey('two'), `route:${route}`, Date.now() - secondsAgo * 1000);

it('finds nobody where no instance has dated the route lately, whoever is connected', async () => {
  const other = redis.connect({ connectionName: 'sluice' });
  await other.ping();
  expect(await findRunner(redis.client, lists, 'A')).toEqual({ state: 'none' });
  await dated('A', 600);
  await dated('B', 1);
  expect(await findRunner(redis.client, lists, 'A')).toEqual({ state: 'none' });
  expect(await findRunner(redis.client, lists, 'B')).toEqual({ state: 'runs' });
  expect(await findRunner(redis.client, lists, undefined)).toEqual({ state: 'runs' });
  other.disconnect();
});

it('finds nobody where only this command is connected', async () => {
  await dated('A', 1);
  const own = redis.connect({ connectionName: 'sluice' });
  await expect.poll(() => findRunner(own, lists, 'A')).toEqual({ state: 'none' });
  own.disconnect();
});

it('says when one was seen where Redis does not tell who is connected', async () => {
  await dated('A', 40);
  const shy = redis.connect({ username: 'shy', password: 'x' });
  const found = await findRunner(shy, lists, 'A');
  expect(found.state).toBe('seen');
  expect(found).toHaveProperty('secondsAgo', expect.closeTo(40, -1));
  shy.disconnect();
});
