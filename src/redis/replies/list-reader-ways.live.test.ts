import { afterEach, describe, expect, test } from 'vitest';
import { makeCertificates } from '../../../test/services/certificates.ts';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { until } from '../../../test/services/process.ts';
import { startRedis } from '../../../test/services/redis.ts';
import { type RedisCluster, startRedisCluster } from '../../../test/services/redis-cluster.ts';
import { aRedisConfig, aTlsConfig } from '../../../test/services/redis-config.ts';
import { startTlsFront } from '../../../test/services/redis-front.ts';
import { startRedisSentinel } from '../../../test/services/redis-sentinel.ts';
import type { RedisConfig } from '../../config/config.ts';
import { systemClock } from '../../lib/clock.ts';
import { partsOf } from '../../lib/elements.ts';
import { silentLog } from '../../lib/log.ts';
import { Secret } from '../../lib/secret.ts';
import { millis } from '../../lib/units.ts';
import { connectRedis } from '../connect.ts';
import type { RedisConnection } from '../connection.ts';
import { ListReader } from './list-reader.ts';

const never = new AbortController().signal;
const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function connected(config: RedisConfig): Promise<RedisConnection> {
  const connection = await connectRedis(config, { log: silentLog }, never);
  cleanUps.push(() => connection.close());
  return connection;
}

const aReader = ({ client }: RedisConnection, log = silentLog): ListReader =>
  new ListReader({ client, clock: systemClock, log });

/** The elements as texts; undefined where the client should ask. */
async function read(lists: ListReader, key: string, count = 1) {
  const elements = await lists.read({ key, start: 0, count, bytes: 100 }, never);
  return elements && partsOf(elements).map(String);
}

describe('the connection beside a client', () => {
  test('signs in as the same user, to the same database', async () => {
    const redis = await startRedis({
      acl: [
        'default off',
        'pump on >hunter2 ~{list}:* +ping +exists +lrange +rpush +select +client',
      ],
    });
    cleanUps.push(() => redis.stop());
    const connection = await connected(
      aRedisConfig({
        addresses: [redis],
        username: 'pump',
        password: new Secret('hunter2'),
        database: 5,
        keyPrefix: '{list}:',
      }),
    );
    await connection.client.rpush('{list}:seg:1', 'there');

    expect(await read(aReader(connection), '{list}:seg:1')).toEqual(['there']);
    expect(await read(aReader(connection), 'not permitted')).toBeUndefined();
  });

  test('goes on where Redis wants no password, and where it permits no name for the connection', async () => {
    const redis = await startRedis({ acl: ['default on nopass ~* +@all -client'] });
    cleanUps.push(() => redis.stop());
    const connection = await connected(
      aRedisConfig({ addresses: [redis], password: new Secret('needless') }),
    );
    await connection.client.rpush('list', 'there');

    expect(await read(aReader(connection), 'list')).toEqual(['there']);
  });

  test('is none where the database is not to be had, rather than one to another database', async () => {
    const redis = await startRedis();
    cleanUps.push(() => redis.stop());
    const connection = await connected(aRedisConfig({ addresses: [redis], database: 5 }));
    await redis.client.rpush('list', 'of database 0');
    await redis.client.acl('SETUSER', 'default', '-select');
    const log = memoryLog();

    expect(await read(aReader(connection, log), 'list')).toBeUndefined();
    expect(log.text()).toContain('NOPERM');
  });

  test('speaks TLS with the same certificates, compared with the same name', async () => {
    const certificates = await makeCertificates();
    const redis = await startRedis();
    cleanUps.push(() => redis.stop());
    const asking = { requestCert: true, rejectUnauthorized: true };
    const front = await startTlsFront(redis, certificates, asking);
    cleanUps.push(() => front.stop());
    const addresses = [{ host: 'localhost', port: front.port }];
    const connection = await connected(
      aRedisConfig({ addresses, tls: aTlsConfig(certificates), database: 1 }),
    );
    const texts = Array.from({ length: 5_000 }, (_, index) => `${index} `.repeat(100));
    await connection.client.rpush('list', ...texts);

    expect(await read(aReader(connection), 'list', texts.length)).toEqual(texts);
  });

  test('leads to the master that Sentinel names, also after a failover', async () => {
    const sentinel = await startRedisSentinel({ sentinelPassword: 'hunter2' });
    cleanUps.push(() => sentinel.stop());
    const connection = await connected(
      aRedisConfig({
        mode: 'sentinel',
        addresses: sentinel.addresses,
        masterName: sentinel.masterName,
        sentinelPassword: new Secret('hunter2'),
        timeout: millis(1_000),
      }),
    );
    const lists = aReader(connection);
    await connection.client.rpush('list', 'before');
    await connection.client.wait(1, 5_000);
    expect(await read(lists, 'list')).toEqual(['before']);

    await sentinel.master.kill9();
    await until('the loss is noticed', () => !connection.isUp());
    expect(await read(lists, 'list')).toBeUndefined();
    // An election that comes to nothing is held again after six seconds.
    await until('it is up again', () => connection.isUp(), 40_000);

    expect(await read(lists, 'list')).toEqual(['before']);
    const all = String(await sentinel.replica.client.client('LIST'));
    expect(all.match(/name=sluice/g)).toHaveLength(2);
  });

  test('leads to the node of a Cluster that has the slot, and to the next one when it has moved', async () => {
    const cluster = await startRedisCluster();
    cleanUps.push(() => cluster.stop());
    const [address] = cluster.addresses;
    const connection = await connected(
      aRedisConfig({ mode: 'cluster', addresses: address === undefined ? [] : [address] }),
    );
    const lists = aReader(connection);
    const keys = Array.from({ length: 30 }, (_, index) => `{list_${index}}:seg:1`);
    for (const key of keys) await connection.client.rpush(key, key);

    for (const key of keys) expect(await read(lists, key)).toEqual([key]);

    const key = keys[0] ?? '';
    const { client } = connection;
    await moveSlotOf(key, cluster);

    // MOVED: the client is asked, which learns where it is now.
    expect(await read(lists, key)).toBeUndefined();
    expect(await client.lrange(key, 0, 0)).toEqual([key]);
    await until('it is read from there', async () => (await read(lists, key)) !== undefined);
    expect(await read(lists, key)).toEqual([key]);
  });
});

/** From the node that has it to another one. */
async function moveSlotOf(key: string, { client, nodes }: RedisCluster): Promise<void> {
  const slot = await client.cluster('KEYSLOT', key);
  const owner = client.slots[slot]?.[0];
  const from = nodes.find(({ host, port }) => `${host}:${port}` === owner);
  const to = nodes.find((node) => node !== from);
  if (from === undefined || to === undefined) throw new Error('no node has the slot');
  const [fromId, toId] = await Promise.all([from, to].map((node) => node.client.cluster('MYID')));
  await to.client.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', String(fromId));
  await from.client.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', String(toId));
  await from.client.call('MIGRATE', to.host, to.port, key, 0, 5_000);
  for (const node of [to, from])
    await node.client.call('CLUSTER', 'SETSLOT', slot, 'NODE', String(toId));
}
