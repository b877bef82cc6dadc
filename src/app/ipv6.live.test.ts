import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { findPump } from '../../pumps/index.ts';
import { memoryLog } from '../../test/services/memory-log.ts';
import { freePort } from '../../test/services/process.ts';
import { startRedis } from '../../test/services/redis.ts';
import { startRedisCluster } from '../../test/services/redis-cluster.ts';
import { startRedisSentinel } from '../../test/services/redis-sentinel.ts';
import { load } from '../config/testing.ts';
import { systemClock } from '../lib/clock.ts';
import { silentLog } from '../lib/log.ts';
import { silentMetrics } from '../lib/metrics.ts';
import { checkPumps } from '../pump/check-pumps.ts';
import { plainDocument } from '../pump/document.ts';
import { connectSoon } from '../redis/connect-soon.ts';

/* Addresses of IPv6, with and without brackets, wherever the configuration takes a host: to real sockets. */

const never = new AbortController().signal;
const cleanUps: (() => Promise<unknown> | undefined)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '::1', resolve);
  });
  cleanUps.push(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

/** Containers are often without. */
const hasIPv6 = await new Promise<boolean>((resolve) => {
  const server = createServer();
  server.once('error', () => resolve(false));
  server.listen(0, '::1', () => server.close(() => resolve(true)));
});

const loaded = async (parts: Readonly<Record<string, unknown>>) => {
  const { config, errors } = await load({
    file: { purge_delay: 1, dont_purge_uptime_data: true, pumps: { dummy: {} }, ...parts },
  });
  expect(errors).toEqual([]);
  if (config === undefined) throw new Error('unreachable');
  return config;
};

describe.skipIf(!hasIPv6)('Redis at ::1', () => {
  test.each<[string, (port: number) => object]>([
    ['host with brackets', (port) => ({ host: '[::1]', port })],
    ['host without', (port) => ({ host: '::1', port })],
    ['addrs', (port) => ({ addrs: [`[::1]:${port}`] })],
    ['hosts with brackets', (port) => ({ hosts: { '[::1]': String(port) } })],
    ['hosts without', (port) => ({ hosts: { '::1': String(port) } })],
  ])('is reached by %s', async (_, storage) => {
    const redis = await startRedis({ host: '::1' });
    cleanUps.push(() => redis.stop());
    const config = await loaded({ analytics_storage_config: storage(redis.port) });

    const connection = await connectSoon(config.redis, { log: silentLog }, never);
    cleanUps.push(() => connection.close());

    expect(await connection.client.ping()).toBe('PONG');
  });

  test('is reached as a Cluster', async () => {
    const cluster = await startRedisCluster({ host: '::1' });
    cleanUps.push(() => cluster.stop());
    const [first] = cluster.nodes;
    const config = await loaded({
      analytics_storage_config: { addrs: [`[::1]:${first?.port}`], enable_cluster: true },
    });

    const connection = await connectSoon(config.redis, { log: memoryLog() }, never);
    cleanUps.push(() => connection.close());
    for (const key of ['a', 'b', 'c', 'd', 'e']) await connection.client.set(key, '1');

    expect(await cluster.client.get('e')).toBe('1');
  });
});

describe.skipIf(!hasIPv6)('Sentinels at ::1', () => {
  test('lead to their master there', async () => {
    const sentinel = await startRedisSentinel({ host: '::1' });
    cleanUps.push(() => sentinel.stop());
    const config = await loaded({
      analytics_storage_config: {
        addrs: sentinel.addresses.map(({ port }) => `[::1]:${port}`),
        master_name: sentinel.masterName,
      },
    });

    const connection = await connectSoon(config.redis, { log: silentLog }, never);
    cleanUps.push(() => connection.close());
    await connection.client.set('key', '1');

    expect(await sentinel.master.client.get('key')).toBe('1');
  });
});

describe.skipIf(!hasIPv6)('a sink at ::1', () => {
  test.each<[string, (port: number) => object]>([
    ['statsd', (port) => ({ address: `tcp://[::1]:${port}`, fields: ['request_time'] })],
    ['dogstatsd', (port) => ({ address: `tcp://[::1]:${port}` })],
    ['syslog', (port) => ({ network_addr: `[::1]:${port}`, transport: 'tcp' })],
    ['kafka', (port) => ({ broker: [`[::1]:${port}`], topic: 't', timeout: 1 })],
    ['elasticsearch', (port) => ({ elasticsearch_url: `http://[::1]:${port}` })],
    ['influx', (port) => ({ address: `http://[::1]:${port}`, database_name: 'd' })],
    ['influx2', (port) => influx2(`http://[::1]:${port}`)],
    ['splunk', (port) => ({ collector_url: `http://[::1]:${port}`, collector_token: 't' })],
  ])('of %s is reached', async (type, meta) => {
    let isReached = false;
    const server = ['statsd', 'dogstatsd', 'syslog', 'kafka'].includes(type)
      ? createServer((socket) => {
          socket.on('error', () => undefined);
          socket.destroy();
        })
      : createHttpServer((_, response) => response.writeHead(404).end());
    server.on('connection', () => {
      isReached = true;
    });
    const port = await listening(server);

    await opened(type, meta(port)).catch(() => undefined);

    expect(isReached).toBe(true);
  });

  test.each(['[::1]', '[::]'])('serves the page of prometheus at %s', async (host) => {
    const port = await freePort();
    await opened('prometheus', { listen_address: `${host}:${port}` });

    expect((await fetch(`http://[::1]:${port}/metrics`)).status).toBe(200);
  });

  /** Opens it as the service does, and asks how it is. */
  async function opened(type: string, meta: object): Promise<void> {
    const { pumps } = await loaded({ pumps: { it: { type, meta } } });
    const { usable, problems } = await checkPumps(pumps, findPump);
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    const [checked] = usable;
    if (checked === undefined) throw new Error('unreachable');
    const signal = AbortSignal.timeout(3_000);
    const sink = await checked.pump.open(
      {
        ...{ route: 'IT', log: silentLog, programLog: silentLog, clock: systemClock },
        ...{
          metrics: silentMetrics,
          processId: 1,
          mount: () => () => undefined,
          documents: plainDocument,
        },
        logTaken: () => Promise.resolve(),
        writeOutput: () => Promise.resolve(),
      },
      signal,
    );
    cleanUps.push(() => sink.close(signal));
    await sink.check(signal);
  }

  const influx2 = (address: string) => ({
    ...{ address, organization: 'o', bucket: 'b', token: 't' },
  });
});
