import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDelayingProxy } from '../../test/services/delaying-proxy.ts';
import { memoryLog } from '../../test/services/memory-log.ts';
import { type RedisServer, startRedis } from '../../test/services/redis.ts';
import { probe } from './capabilities.ts';
import { writeVersionKey } from './version-key.ts';

const list = 'analytics-tyk-system-analytics';
let server: RedisServer;

beforeAll(async () => {
  server = await startRedis({
    acl: [
      'default on nopass ~* &* +@all',
      'noscript on >p ~* +@all -@scripting',
      'nostream on >p ~* +@all -@stream',
      'nokeys on >p ~analytics-* +@all',
      'noinfo on >p ~* +@all -info -config',
      'noread on >p ~* +@all -lrange',
      'noletters on >p ~* +@all -zadd -scan',
      'pop on >p ~* +lrange +del +ltrim +expire',
    ],
    args: ['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'],
  });
  await server.client.rpush(list, 'record');
});

afterAll(() => server.stop());

const probeAs = (username: string) =>
  probe(server.connect({ username, password: 'p', enableReadyCheck: false }), list);

describe('probing', () => {
  test('finds all that is there, and leaves nothing behind', async () => {
    const found = await probe(server.client, list);

    expect(found).toMatchObject({
      isAtLeast62: true,
      canScript: true,
      canStream: true,
      maxMemory: 100 * 1024 * 1024,
      policy: 'allkeys-lru',
    });
    expect(found.version).toMatch(/^\d+\.\d+/);
    expect(found.refusal).toBeUndefined();
    expect(await server.client.keys('*')).toEqual([list]);
    expect(await server.client.lrange(list, 0, -1)).toEqual(['record']);
  });

  test('waits for few answers of a Redis far away', async () => {
    const proxy = await startDelayingProxy(server, 20);
    const client = new Redis({ port: proxy.port, protocol: 2 });
    await client.ping();
    const before = proxy.turns;
    await probe(client, list);

    // Scripts that Redis does not know are sent a second time.
    expect(proxy.turns - before).toBeLessThanOrEqual(4);
    client.disconnect();
    await proxy.stop();
  });

  test('says which commands will be refused when they are needed', async () => {
    const found = await probeAs('noletters');

    expect(found).toMatchObject({ canScript: true, canStream: true });
    expect(found.lacking).toEqual([
      'keeping dead letters: ZADD',
      'looking for claimed records that nothing names: SCAN',
    ]);
    expect(await server.client.keys('*')).toEqual([list]);
  });

  test('of a list that is none is no reason against scripts', async () => {
    await server.client.set('no-list', 'text');

    const found = await probe(server.client, 'no-list');

    await server.client.del('no-list');
    expect(found).toMatchObject({ canScript: true, canStream: true, lacking: [] });
  });

  test.each([
    ['noread', { canScript: false, canStream: false }, /script: .*stream: NOPERM.*lrange/],
    ['noscript', { canScript: false, canStream: true }, /script: NOPERM/],
    ['nostream', { canScript: false, canStream: false }, /script: .*stream: NOPERM.*xgroup/],
    ['nokeys', { canScript: false, canStream: false }, /script: NOPERM/],
    ['pop', { canScript: false, canStream: false, version: '' }, /script: NOPERM/],
  ])('as the user %s says what is refused', async (user, expected, refusal) => {
    const found = await probeAs(user);

    expect(found).toMatchObject(expected);
    expect(found.refusal).toMatch(refusal);
    expect(await server.client.keys('*')).toEqual([list]);
  });

  test('without INFO and CONFIG still knows what works', async () => {
    expect(await probeAs('noinfo')).toEqual({
      version: '',
      isAtLeast62: true,
      canScript: true,
      canStream: true,
      lacking: [],
    });
  });

  test('of a full Redis is no refusal', async () => {
    await server.client.config('SET', 'maxmemory-policy', 'noeviction');
    await server.client.config('SET', 'maxmemory', '1');

    const found = await probe(server.client, list);

    await server.client.config('SET', 'maxmemory', '0');
    expect(found).toMatchObject({ canScript: true, canStream: true, maxMemory: 1 });
    expect(await server.client.keys('*')).toEqual([list]);
  });
});

describe('the version key', () => {
  test('is written without expiry', async () => {
    const log = memoryLog();

    await writeVersionKey(server.client, { prefix: 'version-check-', version: '1.2.3', log });

    expect(await server.client.get('version-check-pump')).toBe('v1.2.3');
    expect(await server.client.ttl('version-check-pump')).toBe(-1);
  });

  test('is a line in the log when it cannot be written', async () => {
    const log = memoryLog();
    const client = server.connect({ username: 'pop', password: 'p', enableReadyCheck: false });

    await writeVersionKey(client, { prefix: 'version-check-', version: '1.2.3', log });

    expect(log.warnings()).toEqual(['The version could not be written to Redis.']);
  });
});
