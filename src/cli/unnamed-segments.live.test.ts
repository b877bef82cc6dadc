/** Claimed records that nothing names: whoever looks, and whoever goes back to Tyk Pump, finds them. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../test/services/redis.ts';
import { segmentKey } from '../redis/keys.ts';
import { releaseAll } from './release.ts';
import { status } from './status.ts';
import { aContext, statusFlags } from './testing.ts';

const key = 'analytics-tyk-system-analytics_3';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  await redis.client.flushall();
  await redis.client.rpush(segmentKey(key, 'lost-1'), 'a', 'b', 'c');
});

const connected = {
  connect: () => Promise.resolve({ client: redis.client, close: () => Promise.resolve() }),
};

it('status says how many there are', async () => {
  const context = aContext();
  await status({ kind: 'status', flags: statusFlags({ json: false }) }, context, connected);
  expect(context.out()).toContain('3 records lie in 1 segments that nothing names');
});

it('status says it in JSON too', async () => {
  const context = aContext();
  await status({ kind: 'status', flags: statusFlags({ json: true }) }, context, connected);
  expect(JSON.parse(context.out())).toEqual({
    ...{
      routes: [],
      dead_letters: [],
      waiting: 0,
      segments: 0,
      retained_bytes: 0,
      instances: [],
      expired: 0,
      expiring: [],
    },
    unnamed: { segments: 1, records: 3 },
  });
});

it('status says nothing where there are none', async () => {
  await redis.client.flushall();
  const context = aContext();
  await status({ kind: 'status', flags: statusFlags({ json: false }) }, context, connected);
  expect(context.out()).not.toContain('nothing names');
});

it('release puts them back', async () => {
  const context = aContext();
  await releaseAll(
    { kind: 'release', flags: { conf: '', force: false, help: false, json: false } },
    context,
    connected,
  );
  expect(context.out()).toContain('3 records are back');
  expect(await redis.client.lrange(key, 0, -1)).toEqual(['a', 'b', 'c']);
  expect(await redis.client.keys('*:seg:*')).toEqual([]);
});

it('release says in JSON what is back', async () => {
  const context = aContext();
  const flags = { conf: '', force: false, help: false, json: true };
  expect(await releaseAll({ kind: 'release', flags }, context, connected)).toBe(0);
  expect(JSON.parse(context.out())).toEqual({
    ...{ records: 3, lists: [{ list: key, records: 3 }], again: [], spill_stays: false },
  });
});

it('status and release go on, and say so, where the keys may not be looked through', async () => {
  await redis.client.call('ACL', 'SETUSER', 'few', 'on', 'nopass', '~*', '+@all', '-scan');
  const client = redis.connect({ username: 'few', password: 'x' });
  const connect = () => Promise.resolve({ client, close: () => Promise.resolve() });
  const context = aContext();
  const flags = { conf: '', help: false, json: false };
  expect(await status({ kind: 'status', flags: statusFlags() }, context, { connect })).toBe(0);
  expect(context.out()).toContain('cannot be looked for');
  const command = { kind: 'release', flags: { ...flags, force: false } } as const;
  expect(await releaseAll(command, context, { connect })).toBe(0);
  expect(context.err()).toContain('cannot be looked for');
});
