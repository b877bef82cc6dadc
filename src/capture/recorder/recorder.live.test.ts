import { afterEach, describe, expect, test } from 'vitest';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { until } from '../../../test/services/process.ts';
import { type RedisServer, startRedis } from '../../../test/services/redis.ts';
import { aRedisConfig } from '../../../test/services/redis-config.ts';
import type { RedisConfig } from '../../config/config.ts';
import { systemClock } from '../../lib/clock.ts';
import { CountingMetrics } from '../../lib/metrics.testing.ts';
import { Secret } from '../../lib/secret.ts';
import { millis } from '../../lib/units.ts';
import { beginRedis } from '../../redis/connect.ts';
import { captureMetrics } from '../metrics.ts';
import { Recorder } from './recorder.ts';
import { type ListRules, redisDestination } from './redis-destination.ts';

const key = 'analytics-tyk-system-analytics';
const soon = (isTrue: () => boolean | Promise<boolean>) =>
  until('records are written, or refused', isTrue);
const cleanUps: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function aServer(options?: Parameters<typeof startRedis>[0]): Promise<RedisServer> {
  const server = await startRedis(options);
  cleanUps.push(() => server.stop());
  return server;
}

async function aRecorder(
  server: RedisServer,
  {
    config = {},
    rules = {},
    records = 100_000,
  }: { config?: Partial<RedisConfig>; rules?: Partial<ListRules>; records?: number } = {},
) {
  const log = memoryLog();
  const metrics = new CountingMetrics();
  const { host, port } = server;
  const redis = aRedisConfig({ addresses: [{ host, port }], timeout: millis(1000), ...config });
  const connection = await beginRedis(redis, { log }, new AbortController().signal);
  const all = { keyPrefix: 'analytics-', keySuffix: '', splitKeys: false, expiry: 0, ...rules };
  const recorder = new Recorder({
    destination: redisDestination({ connection, rules: all, random: Math.random }),
    bounds: { records, bytes: 64 * 1024 * 1024 },
    flush: millis(20),
    clock: systemClock,
    log,
    metrics: captureMetrics(metrics),
  });
  const [stop, abandon] = [new AbortController(), new AbortController()];
  const ended = recorder.run({ stop: stop.signal, abandon: abandon.signal });
  cleanUps.push(async () => {
    stop.abort();
    abandon.abort();
    await ended;
    await connection.close();
  });
  const written = (): number => metrics.of('sluice_capture_records_total', 'written');
  return { recorder, metrics, log, stop, ended, written };
}

const record = (number: number): Buffer => Buffer.from([0xff, 0, ...Buffer.from(String(number))]);
const numbersIn = async (server: RedisServer, list = key): Promise<readonly number[]> =>
  (await server.client.lrangeBuffer(list, 0, -1)).map((each) => Number(each.subarray(2)));

describe('records in the gateway’s lists', () => {
  test('are there byte for byte and in order', async () => {
    const server = await aServer();
    const { recorder, stop, ended } = await aRecorder(server);
    for (let number = 0; number < 3000; number++) recorder.put(record(number));
    await soon(async () => (await server.client.llen(key)) > 0);

    stop.abort();
    await ended;

    expect(await numbersIn(server)).toEqual(Array.from({ length: 3000 }, (_, at) => at));
    expect(await server.client.ttl(key)).toBe(-1);
  });

  test('are in ten lists where these are wanted, of the encoding, with an expiry', async () => {
    const server = await aServer();
    const rules = { splitKeys: true, keySuffix: '_protobuf', expiry: 60 };
    const { recorder, written } = await aRecorder(server, { rules });
    for (let round = 0; round < 30; round++) {
      for (let number = 0; number < 512; number++) recorder.put(record(number));
      await soon(() => written() === (round + 1) * 512);
    }

    const keys = await server.client.keys('*');

    expect(keys.length).toBeGreaterThan(3);
    for (const each of keys) {
      expect(each).toMatch(/^analytics-tyk-system-analytics_\d_protobuf$/);
      expect(await server.client.ttl(each)).toBeGreaterThan(0);
    }
  });

  test('survive a Redis that is killed and comes back, none lost', async () => {
    const server = await aServer({ aof: true });
    const { recorder, written, log, metrics } = await aRecorder(server);
    let number = 0;
    const putSome = (): void => {
      for (let at = 0; at < 200; at++) recorder.put(record(number++));
    };
    putSome();
    await soon(() => written() > 0);
    putSome();
    await server.kill9();
    putSome();
    await soon(() => recorder.trouble !== undefined);
    putSome();

    await server.start();
    await soon(() => written() >= number);

    const found = await numbersIn(server);
    expect(new Set(found).size).toBe(number);
    // Twice only what was counted.
    expect(found.length - number).toBeLessThanOrEqual(metrics.of('sluice_capture_unknown_total'));
    expect(log.lines.filter(({ message }) => message.startsWith('Records wait')).length).toBe(1);
    expect(log.lines.at(-1)?.message).toBe('Records are written again.');
  });

  test('wait where Redis has no memory, with its reason', async () => {
    const server = await aServer({
      args: ['--maxmemory', '3mb', '--maxmemory-policy', 'noeviction'],
    });
    const { client } = server;
    await client.set('big', Buffer.alloc(4_000_000)).catch(() => undefined);
    await client.config('SET', 'maxmemory', '1mb');
    const { recorder, log, written, metrics } = await aRecorder(server);
    recorder.put(record(1));
    await soon(() => recorder.trouble !== undefined);

    expect(recorder.trouble).toMatch(/^OOM /);
    expect(metrics.of('sluice_capture_write_refusals_total')).toBeGreaterThan(0);
    expect(log.warnings()).toContain('Records wait: Redis refuses them.');
    await client.config('SET', 'maxmemory', '0');
    await soon(() => written() === 1);
    expect(await numbersIn(server)).toEqual([1]);
  });

  test('wait where the user may not write, and where the key is none of a list', async () => {
    const server = await aServer({ acl: ['gate on >secret ~* +@all -rpush'] });
    const config = { username: 'gate', password: new Secret('secret') };
    const { recorder, written } = await aRecorder(server, { config });
    recorder.put(record(1));
    await soon(() => recorder.trouble !== undefined);
    expect(recorder.trouble).toMatch(/NOPERM/);

    await server.client.set(key, 'text');
    await server.client.call('ACL', 'SETUSER', 'gate', '+rpush');
    await soon(() => recorder.trouble?.startsWith('WRONGTYPE') === true);
    await server.client.del(key);

    await soon(() => written() === 1);
    expect(await numbersIn(server)).toEqual([1]);
  });
});
