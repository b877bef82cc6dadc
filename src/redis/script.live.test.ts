import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../test/services/redis.ts';
import { runScript, script } from './script.ts';

describe('running a script', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it('sends it once to a server that does not know it, however many ask for it at once', async () => {
    const sum = script('return ARGV[1] + 1');
    const ask = () =>
      Promise.all(
        Array.from({ length: 22 }, (_, at) => runScript(redis.client, sum, [`k-${at}`], [at])),
      );
    const expected = Array.from({ length: 22 }, (_, at) => at + 1);

    expect(await ask()).toEqual(expected);
    await redis.client.script('FLUSH');
    expect(await ask()).toEqual(expected);
    expect(await redis.client.info('commandstats')).toMatch(/cmdstat_eval:calls=2,/);
  });
});
