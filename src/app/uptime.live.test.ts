import { readdir } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { memoryLog } from '../../test/services/memory-log.ts';
import { freePort, scratchFolder } from '../../test/services/process.ts';
import {
  type RedisServer,
  type RedisServerOptions,
  startRedis,
} from '../../test/services/redis.ts';
import { startRedisCluster } from '../../test/services/redis-cluster.ts';
import { dead } from '../cli/dead/dead.ts';
import { deadFlags, writeTo } from '../cli/dead/testing.ts';
import { releaseAll } from '../cli/release.ts';
import { status } from '../cli/status.ts';
import { aContext, statusFlags } from '../cli/testing.ts';
import { load } from '../config/testing.ts';
import { type Clock, systemClock } from '../lib/clock.ts';
import { silentLog } from '../lib/log.ts';
import { bytes, millis } from '../lib/units.ts';
import { checkPumps, type FoundPump } from '../pump/check-pumps.ts';
import { definePump } from '../pump/define-pump.ts';
import { Delivery } from '../pump/delivery.ts';
import { delivered, reject } from '../pump/verdict.ts';
import { encodeUptime, type UptimeFields } from '../record/encode/uptime.ts';
import type { RecordKind } from '../record/record.ts';
import { decodeRecord, encodeRecord } from '../record/testing.ts';
import { readUptime } from '../record/uptime/read.ts';
import type { RedisClient } from '../redis/client.ts';
import { connectSoon } from '../redis/connect-soon.ts';
import { ledgerKey, manifestKey, stateKey } from '../redis/keys.ts';
import { FakeSink, never, retrying } from '../route/testing/fake-sink.testing.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { runApp } from './app.ts';

const uptimeKey = 'host-checker:tyk-uptime-analytics';
const callsKey = 'analytics-tyk-system-analytics';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function aRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const redis = await startRedis(options);
  cleanUps.push(() => redis.stop());
  return redis;
}

/** A pump that keeps what it gets in the test's own sink. */
const aPump = (type: string, records: RecordKind, sink: FakeSink): FoundPump => ({
  outcome: 'found',
  pump: definePump({
    ...{ type, records, title: type, summary: 'Keeps all.', options: {} },
    limits: { records: 100, bytes: bytes(100_000), age: millis(10), inFlight: 1 },
    ...{ repeats: 'harmless', guarantee: 'effectively-once' },
    open: () => Promise.resolve(sink),
  }),
});

const fileFor = (storage: object, over: object = {}) => ({
  analytics_storage_config: storage,
  purge_delay: 1,
  uptime_pump_config: { uptime_type: 'sql' },
  sluice: { workers: 1, lease: '1s', shutdown_timeout: '2s' },
  pumps: { calls: {} },
  ...over,
});

/** The service with a sink for each kind of records, until the test ends or stops it. */
async function service(
  file: object,
  means: { calls?: FakeSink; uptime?: FakeSink; clock?: Clock } = {},
) {
  const { calls = new FakeSink(), uptime = new FakeSink(), clock = systemClock } = means;
  const port = await freePort();
  const { config } = await load({ file: { ...file, health_check_endpoint_port: port } });
  if (config === undefined) throw new Error('the configuration is broken');
  const { usable, problems } = await checkPumps(config.pumps, (type) =>
    Promise.resolve(
      type === 'calls' ? aPump(type, 'analytics', calls) : aPump(type, 'uptime', uptime),
    ),
  );
  expect(problems.filter(({ key }) => !key.includes('uptime_type'))).toEqual([]);
  const log = memoryLog();
  const stop = new AbortController();
  const running = runApp(
    {
      ...{ config, pumps: usable, clock, log, writeLog: () => undefined },
      ...{ metrics: createMetrics({ version: '0.0.0' }), version: '0.0.0' },
      effective: [],
      ...{ consumer: `test-${port}`, host: 'test', processId: 1, cores: 1 },
      consoleFolder: new URL('file:///nowhere/'),
      spawn: () => {
        throw new Error('there are no workers');
      },
      writeOutput: () => Promise.resolve(),
      logTaken: () => Promise.resolve(),
      mask: (text) => text,
      feed: undefined,
      rereading: undefined,
      onHangUp: () => undefined,
    },
    stop.signal,
  );
  const end = async (): Promise<void> => {
    stop.abort(new Error('the test is over'));
    await running;
  };
  cleanUps.push(end);
  const page = async (path: string): Promise<string> =>
    (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  return { calls, uptime, config, log, end, page };
}

/** What a command prints. */
async function commanded(
  run: 'status' | 'release' | 'dead ls' | 'dead show' | 'dead retry',
  file: object,
) {
  const { config } = await load({ file });
  const context = aContext({
    clock: systemClock,
    load: () => Promise.resolve({ config, pumps: config?.pumps ?? [], problems: [], notes: [] }),
  });
  const tools = {
    connect: (redis: Parameters<typeof connectSoon>[0], signal: AbortSignal) =>
      connectSoon(redis, { log: silentLog }, signal),
  };
  const conf = { conf: '', help: false, json: false };
  const code = await (() => {
    switch (run) {
      case 'status':
        return status({ kind: 'status', flags: statusFlags() }, context, tools);
      case 'release':
        return releaseAll({ kind: 'release', flags: { ...conf, force: true } }, context, tools);
      default: {
        const action = run === 'dead ls' ? 'ls' : run === 'dead show' ? 'show' : 'retry';
        return dead({ kind: 'dead', action, flags: deadFlags({ all: true }) }, context, {
          ...tools,
          writeOutput: writeTo(context),
        });
      }
    }
  })();
  expect(code).toBe(0);
  return context.out();
}

const urlsIn = (sink: FakeSink): readonly string[] =>
  sink.seen.map((bytes) => readUptime({ bytes }).url);
const idsIn = (sink: FakeSink): readonly string[] =>
  sink.batches.flatMap((batch) => [...batch].map(({ id }) => id));
const pathsIn = (sink: FakeSink): readonly string[] =>
  sink.seen.map((bytes) => decodeRecord(bytes).text('path'));

const pushUptime = (client: RedisClient, urls: readonly string[], fields: UptimeFields = {}) =>
  client.rpush(uptimeKey, ...urls.map((url) => encodeUptime({ ...fields, url })));

const urls = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `http://up/${index}`);

const storageOf = ({ host, port }: RedisServer) => ({ host, port });

describe('uptime records', () => {
  it('go to their own pump alone, calls to the others, and Redis gets its memory back', async () => {
    const redis = await aRedis();
    const { calls, uptime, page } = await service(fileFor(storageOf(redis)));
    await pushUptime(redis.client, urls(250));
    await redis.client.rpush(callsKey, encodeRecord({ path: '/call' }));

    await expect.poll(() => urlsIn(uptime).length, { timeout: 10_000 }).toBe(250);
    await expect.poll(() => pathsIn(calls), { timeout: 10_000 }).toEqual(['/call']);

    expect(urlsIn(uptime)).toEqual(urls(250));
    await expect.poll(() => redis.client.keys('*:seg:*'), { timeout: 10_000 }).toEqual([]);
    expect(await redis.client.hget(ledgerKey(uptimeKey), 'uptime|delivered')).toBe('250');
    expect(await redis.client.hget(ledgerKey(callsKey), 'CALLS|delivered')).toBe('1');
    const groups = (await redis.client.xinfo('GROUPS', manifestKey(uptimeKey))) as unknown[][];
    expect(groups.map(([, name]) => name)).toEqual(['uptime']);
    const metrics = await page('/metrics');
    expect(metrics).toContain('sluice_records_total{route="uptime",outcome="delivered"} 250');
    expect(metrics).not.toMatch(/^sluice_ledger_mismatches_total(\{.*\})? [1-9]/m);
  });

  it('are named by status, and by the page for probes without deciding it', async () => {
    const redis = await aRedis();
    const file = fileFor(storageOf(redis));
    const sink = new FakeSink(never);
    const { page, uptime, end } = await service(file, { uptime: sink });
    await pushUptime(redis.client, urls(3));
    await expect.poll(() => uptime.batches.length, { timeout: 10_000 }).toBe(1);

    expect(await commanded('status', file)).toMatch(/^uptime +3 +0 .* 3 +\d+ s$/m);
    const ready = JSON.parse(await page('/ready')) as { ready: boolean; routes: object[] };
    expect(ready).toMatchObject({ ready: true, routes: [{ route: 'CALLS' }, { route: 'uptime' }] });
    await end();
  });

  it('that are none become dead letters, once, and cost no other its place', async () => {
    const redis = await aRedis();
    const file = fileFor(storageOf(redis));
    const { uptime } = await service(file);
    await pushUptime(redis.client, ['first']);
    await redis.client.rpush(uptimeKey, Buffer.of(0x0f, 0x01), encodeRecord({ path: '/a-call' }));
    await redis.client.rpush(uptimeKey, encodeUptime({ url: 'x' }).subarray(0, 30));
    await pushUptime(redis.client, ['last']);

    // A call in this list is a map without any field of an uptime record.
    await expect.poll(() => urlsIn(uptime), { timeout: 10_000 }).toEqual(['first', '', 'last']);
    await expect
      .poll(() => commanded('dead ls', file), { timeout: 10_000 })
      .toMatch(/:1 +undecodable +undecodable[^]*:3 +undecodable +undecodable/);
  });

  it('that their sink refuses are dead letters of their route, shown as they are, and can be tried again', async () => {
    const redis = await aRedis();
    const file = fileFor(storageOf(redis));
    let isBad = true;
    const sink = new FakeSink((batch) =>
      Promise.resolve(
        Delivery.each(batch, ({ record }) =>
          isBad && readUptime(record).url === 'bad'
            ? reject({ kind: 'invalid', message: 'not liked' })
            : delivered(),
        ),
      ),
    );
    await service(file, { uptime: sink });
    await pushUptime(redis.client, ['good', 'bad'], { org_id: 'org', response_code: 503 });

    const show = () => commanded('dead ls', file);
    await expect.poll(show, { timeout: 10_000 }).toMatch(/uptime +invalid/);
    expect(await commanded('dead show', file)).toMatch(
      /route: uptime\n[^]*record: \{"_id":"","url":"bad","request_time":0,"response_code":503,/,
    );

    isBad = false;
    await commanded('dead retry', file);
    await expect.poll(show, { timeout: 20_000 }).toBe('No dead letters.\n');
    expect(idsIn(sink).filter((id) => id.endsWith(':1'))).toHaveLength(2);
  });

  it('come again under the same ids when an instance has gone before it was answered', async () => {
    const redis = await aRedis();
    const file = fileFor(storageOf(redis));
    const hanging = new FakeSink(never);
    const first = await service(file, { uptime: hanging });
    await pushUptime(redis.client, urls(5));
    await expect.poll(() => hanging.batches.length, { timeout: 10_000 }).toBe(1);
    await first.end();

    const second = await service(file);
    await expect.poll(() => urlsIn(second.uptime), { timeout: 10_000 }).toEqual(urls(5));
    expect(idsIn(second.uptime)).toEqual(idsIn(hanging));
  });

  it('wait on disk at the bound while their sink is away, also over a stop, and none is lost or comes twice', async () => {
    const redis = await aRedis();
    const spillDir = await scratchFolder('uptime-spill');
    const sluice = {
      workers: 1,
      lease: '1s',
      shutdown_timeout: '2s',
      backoff_base: '20ms',
      backoff_max: '100ms',
    };
    const bounds = { retained_bytes: '64KiB', spill_dir: spillDir };
    const file = fileFor(storageOf(redis), {
      sluice: { ...sluice, ...bounds },
      purge_chunk: 50,
    });
    // They have no sibling that is ahead: half a minute without an answer must pass, and does in two seconds.
    const clock: Clock = {
      ...systemClock,
      elapsed: () => millis(15 * systemClock.elapsed()),
    };
    const away = new FakeSink(retrying('unreachable'));
    const first = await service(file, { uptime: away, clock });
    await pushUptime(redis.client, urls(1_000));

    const spilled = /^sluice_spill_records\{route="uptime"\} [1-9]/m;
    await expect.poll(() => first.page('/metrics'), { timeout: 30_000 }).toMatch(spilled);
    await first.end();
    expect(await readdir(spillDir, { recursive: true })).not.toEqual([]);

    const second = await service(file);
    await expect.poll(() => urlsIn(second.uptime).length, { timeout: 30_000 }).toBe(1_000);
    expect(urlsIn(second.uptime).toSorted()).toEqual(urls(1_000).toSorted());
    expect(new Set(idsIn(second.uptime)).size).toBe(1_000);
    await expect.poll(() => second.page('/metrics'), { timeout: 10_000 }).not.toMatch(spilled);
    await second.end();
    expect(await readdir(spillDir, { recursive: true })).toEqual([]);
    // A record on disk is answered for; what Redis kept was delivered from there.
    const { 'uptime|spilled': onDisk = 0, 'uptime|delivered': others = 0 } =
      await redis.client.hgetall(ledgerKey(uptimeKey));
    expect(Number(onDisk) + Number(others)).toBe(1_000);
  });

  it('stay where they are without a pump for them', async () => {
    const redis = await aRedis();
    const { calls } = await service(
      fileFor(storageOf(redis), { uptime_pump_config: {}, dont_purge_uptime_data: false }),
    );
    await pushUptime(redis.client, urls(2));
    await redis.client.rpush(callsKey, encodeRecord({ path: '/call' }));
    await expect.poll(() => pathsIn(calls), { timeout: 10_000 }).toEqual(['/call']);

    expect(await redis.client.llen(uptimeKey)).toBe(2);
    expect(await redis.client.exists(stateKey(uptimeKey))).toBe(0);
  });

  it('go back to their list, also with a configuration that has no pump for them any more', async () => {
    const redis = await aRedis();
    const file = fileFor(storageOf(redis));
    const sink = new FakeSink(never);
    const first = await service(file, { uptime: sink });
    await pushUptime(redis.client, urls(4));
    await expect.poll(() => sink.batches.length, { timeout: 10_000 }).toBe(1);
    await first.end();

    const without = { ...file, uptime_pump_config: undefined };
    const second = await service(without);
    const left = expect.stringContaining('claimed uptime records') as string;
    await expect.poll(() => second.log.warnings(), { timeout: 10_000 }).toContainEqual(left);
    await second.end();
    expect(await commanded('release', without)).toContain(`${uptimeKey}: 4 records`);
    const back = await redis.client.lrangeBuffer(uptimeKey, 0, -1);
    expect(back.map((bytes) => readUptime({ bytes }).url)).toEqual(urls(4));
  });

  it('are popped where Redis permits nothing better, and pushed back at a stop', async () => {
    const redis = await aRedis({
      acl: ['default on nopass ~* &* +@all -@scripting -@stream'],
    });
    const first = await service(fileFor(storageOf(redis)));
    await pushUptime(redis.client, urls(20));
    await expect.poll(() => urlsIn(first.uptime), { timeout: 10_000 }).toEqual(urls(20));
    expect(await first.page('/ready')).toContain('at-most-once');
    await first.end();

    const hanging = new FakeSink(never);
    const second = await service(fileFor(storageOf(redis)), { uptime: hanging });
    await pushUptime(redis.client, urls(5));
    await expect.poll(() => hanging.batches.length, { timeout: 10_000 }).toBe(1);
    await second.end();
    const back = await redis.client.lrangeBuffer(uptimeKey, 0, -1);
    expect(back.map((bytes) => readUptime({ bytes }).url)).toEqual(urls(5));
  });

  it('that Redis forbids to take hold up no calls, and that is said', async () => {
    const redis = await aRedis({
      acl: [
        'default on nopass ~* &* +@all',
        'calls on >p ~analytics-* ~{analytics-* ~version-check-* &* +@all',
      ],
    });
    const storage = { ...storageOf(redis), username: 'calls', password: 'p' };
    const { calls, page } = await service(fileFor(storage));
    await pushUptime(redis.client, urls(3));
    await redis.client.rpush(callsKey, encodeRecord({ path: '/call' }), 'no record');

    await expect.poll(() => pathsIn(calls), { timeout: 10_000 }).toEqual(['/call']);
    await expect
      .poll(() => page('/ready'), { timeout: 20_000 })
      .toMatch(/"ready":true.*refused in part.*host-checker:tyk-uptime-analytics/);
    expect(await redis.client.llen(uptimeKey)).toBe(3);
    await expect
      .poll(() => page('/metrics'), { timeout: 30_000 })
      .toContain('sluice_dead_letters_kept{route="undecodable"} 1');
  });

  it('have a slot of their own in a Redis Cluster', async () => {
    const cluster = await startRedisCluster();
    cleanUps.push(() => cluster.stop());
    const addrs = cluster.addresses.map(({ host, port }) => `${host}:${port}`);
    const { calls, uptime } = await service(fileFor({ addrs, enable_cluster: true }));
    await pushUptime(cluster.client, urls(30));
    await cluster.client.rpush(callsKey, encodeRecord({ path: '/call' }));

    await expect.poll(() => urlsIn(uptime), { timeout: 20_000 }).toEqual(urls(30));
    await expect.poll(() => pathsIn(calls), { timeout: 20_000 }).toEqual(['/call']);
  });
});
