import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../test/services/redis.ts';
import { stateKey } from '../redis/keys.ts';
import { releaseAll } from './release.ts';
import { aContext } from './testing.ts';

const key = 'analytics-tyk-system-analytics_3';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

it('sees an instance at rest, which holds nothing and reads nothing', async () => {
  await redis.client.hset(stateKey(key), 'route:A', Date.now());
  const instance = redis.connect({ connectionName: 'sluice' });
  await instance.ping();
  const run = async () => {
    const context = aContext();
    const flags = { conf: '', force: false, help: false, json: false };
    const code = await releaseAll({ kind: 'release', flags }, context, {
      connect: () => Promise.resolve({ client: redis.client, close: () => Promise.resolve() }),
    });
    return { code, said: context.err() };
  };
  expect(await run()).toEqual({
    code: 1,
    said: 'sluice: error: an instance may still run. Stop every instance first, or say --force.\n',
  });
  instance.disconnect();
  await expect.poll(run).toEqual({ code: 0, said: '' });
});
