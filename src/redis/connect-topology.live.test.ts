import { afterEach, describe, expect, test } from 'vitest';
import { memoryLog } from '../../test/services/memory-log.ts';
import { until } from '../../test/services/process.ts';
import { startRedisCluster } from '../../test/services/redis-cluster.ts';
import { aRedisConfig } from '../../test/services/redis-config.ts';
import { startRedisSentinel } from '../../test/services/redis-sentinel.ts';
import { Secret } from '../lib/secret.ts';
import { millis } from '../lib/units.ts';
import { connectRedis } from './connect.ts';
import { runScript, script } from './script.ts';

const never = new AbortController().signal;
const cleanUps: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** An election that comes to nothing is held again after six seconds. */
const electionLimit = 40_000;

describe('Sentinel', () => {
  test('leads to the new master after the old one was killed', async () => {
    const sentinelPassword = 'hunter2';
    const sentinel = await startRedisSentinel({ sentinelPassword });
    cleanUps.push(() => sentinel.stop());
    const log = memoryLog();
    const config = aRedisConfig({
      mode: 'sentinel',
      addresses: sentinel.addresses,
      masterName: sentinel.masterName,
      sentinelPassword: new Secret(sentinelPassword),
      timeout: millis(1_000),
    });
    const connection = await connectRedis(config, { log }, never);
    cleanUps.push(() => connection.close());
    await connection.client.set('before', '1');
    await connection.client.wait(1, 5_000);

    await sentinel.master.kill9();
    await until('the loss is noticed', () => !connection.isUp());
    await until('it is up again', () => connection.isUp(), electionLimit);
    await connection.client.set('after', '1');

    expect(await sentinel.replica.client.mget('before', 'after')).toEqual(['1', '1']);
    expect(log.lines.map(({ message }) => message)).toEqual([
      'Connected to Redis.',
      'Redis is away; reconnecting until it is back.',
      'Redis is back.',
    ]);
    expect(log.text()).not.toContain(sentinelPassword);
  });
});

describe('a Cluster', () => {
  test('serves every slot, from one address, and through the loss of a node', async () => {
    const cluster = await startRedisCluster();
    cleanUps.push(() => cluster.stop());
    const log = memoryLog();
    const [first] = cluster.addresses;
    const config = aRedisConfig({
      mode: 'cluster',
      addresses: first === undefined ? [] : [first],
      database: 2,
      timeout: millis(2_000),
    });
    const connection = await connectRedis(config, { log }, never);
    cleanUps.push(() => connection.close());
    const { client } = connection;
    const keys = Array.from({ length: 30 }, (_, index) => `{list_${index}}:seg:1`);
    const append = script("return redis.call('RPUSH', KEYS[1], ARGV[1])");

    const lengths = await Promise.all(keys.map((key) => runScript(client, append, [key], ['x'])));
    const counts = await Promise.all(cluster.nodes.map((node) => node.client.dbsize()));

    expect(lengths).toEqual(keys.map(() => 1));
    expect(Math.min(...counts)).toBeGreaterThan(0);
    expect(log.warnings()).toEqual(['A Redis Cluster has no databases; 0 is used.']);

    const [, second] = cluster.nodes;
    await second?.kill9();
    const begun = performance.now();
    const results = await Promise.allSettled(keys.map((key) => client.llen(key)));
    const took = performance.now() - begun;
    await second?.start();
    await until('every slot is served again', async () => {
      const again = await Promise.allSettled(keys.map((key) => client.llen(key)));
      return again.every(({ status }) => status === 'fulfilled');
    });

    expect(results.some(({ status }) => status === 'rejected')).toBe(true);
    expect(took).toBeLessThan(6_000);
    expect(await Promise.all(keys.map((key) => client.llen(key)))).toEqual(keys.map(() => 1));
    expect(connection.isUp()).toBe(true);
  });

  test('whose node hangs ends commands at a deadline, and says so once', async () => {
    const cluster = await startRedisCluster();
    cleanUps.push(() => cluster.stop());
    const log = memoryLog();
    const { addresses } = cluster;
    const config = aRedisConfig({ mode: 'cluster', addresses, timeout: millis(300) });
    const connection = await connectRedis(config, { log }, never);
    cleanUps.push(() => connection.close());
    const keys = Array.from({ length: 30 }, (_, index) => `{list_${index}}:seg:1`);
    const readAll = () => Promise.allSettled(keys.map((key) => connection.client.llen(key)));
    const isWhole = async (): Promise<boolean> =>
      (await readAll()).every(({ status }) => status === 'fulfilled');
    await until('every node is connected to', isWhole);
    const hanging = cluster.nodes[2]?.pid ?? 0;

    process.kill(hanging, 'SIGSTOP');
    const begun = performance.now();
    for (let round = 0; round < 4; round++) await readAll();
    const took = performance.now() - begun;
    process.kill(hanging, 'SIGCONT');
    await until('every slot is served again', isWhole);
    await until('it says so', () => log.lines.at(-1)?.message === 'Redis is back.');

    expect(took).toBeLessThan(4 * 5 * 300);
    const said = log.lines.filter(({ fields }) => 'node' in fields).map(({ message }) => message);
    expect(said).toEqual(['Redis is away; reconnecting until it is back.', 'Redis is back.']);
  });

  test('that is away as a whole is waited for', async () => {
    const cluster = await startRedisCluster();
    cleanUps.push(() => cluster.stop());
    const log = memoryLog();
    const config = aRedisConfig({
      mode: 'cluster',
      addresses: cluster.addresses,
      timeout: millis(1_000),
    });
    const connection = await connectRedis(config, { log }, never);
    cleanUps.push(() => connection.close());
    await connection.client.set('key', 'kept');

    await Promise.all(cluster.nodes.map((node) => node.kill9()));
    await until('the loss is noticed', async () => {
      await connection.client.get('key').catch(() => undefined);
      return !connection.isUp();
    });
    await Promise.all(cluster.nodes.map((node) => node.start()));
    await until('it is up again', () => connection.isUp(), 30_000);

    expect(await connection.client.get('key')).toBe('kept');
    expect(log.lines.filter(({ fields }) => !('node' in fields)).map((l) => l.message)).toEqual([
      'Connected to Redis.',
      'Redis is away; reconnecting until it is back.',
      'Redis is back.',
    ]);
  });
});
