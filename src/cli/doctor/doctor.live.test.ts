/** `sluice doctor` on real servers, each with something that is amiss. */
import { afterEach, describe, expect, it } from 'vitest';
import { makeCertificates } from '../../../test/services/certificates.ts';
import { freePort, scratchFolder } from '../../../test/services/process.ts';
import { type RedisServer, startRedis } from '../../../test/services/redis.ts';
import { startRedisCluster } from '../../../test/services/redis-cluster.ts';
import { aRedisConfig, aTlsConfig } from '../../../test/services/redis-config.ts';
import { startTlsFront } from '../../../test/services/redis-front.ts';
import type { Config } from '../../config/config.ts';
import type { OptionSet } from '../../config/options/option.ts';
import { systemClock } from '../../lib/clock.ts';
import { silentLog } from '../../lib/log.ts';
import { Secret } from '../../lib/secret.ts';
import { bytes, millis } from '../../lib/units.ts';
import type { Check } from '../../operate/doctor/finding.ts';
import { definePump } from '../../pump/define-pump.ts';
import { Delivery } from '../../pump/delivery.ts';
import { delivered } from '../../pump/verdict.ts';
import { connectSoon } from '../../redis/connect-soon.ts';
import { stateKey } from '../../redis/keys.ts';
import { askReceiver } from '../../telemetry/otlp/ask-receiver.ts';
import { aConfig, aContext, aLoaded, aPumpEntry } from '../testing.ts';
import { doctor } from './doctor.ts';

interface Found {
  readonly check: Check;
  readonly subject?: string;
  readonly level: string;
  readonly what: string;
}

/** It takes everything. */
const pump = definePump<OptionSet>({
  ...{ type: 'fake', title: 'Fake', summary: 'Takes everything.', options: {} },
  limits: { records: 10, bytes: bytes(1_000), age: millis(1_000), inFlight: 1 },
  ...{ repeats: 'harmless', guarantee: 'at-least-once' },
  open: () =>
    Promise.resolve({
      deliver: (batch) => Promise.resolve(Delivery.whole(batch, delivered())),
      check: () => Promise.resolve({ state: 'up' }),
      close: () => Promise.resolve(),
    }),
});

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function aServer(...args: Parameters<typeof startRedis>): Promise<RedisServer> {
  const server = await startRedis(...args);
  cleanUps.push(() => server.stop());
  return server;
}

/** What `--json` says of this configuration, and how the command ends. */
async function examine(config: Partial<Config>, clock = systemClock) {
  const loaded = aLoaded(aConfig(config));
  const context = aContext({ clock, load: () => Promise.resolve(loaded) });
  const flags = { conf: 'pump.conf', help: false, all: false, json: true };
  const code = await doctor({ kind: 'doctor', flags }, context, {
    connect: (redis, signal) => connectSoon(redis, { log: silentLog }, signal),
    findPump: () => Promise.resolve({ outcome: 'found', pump }),
    probeAdmin: () => Promise.resolve({ state: 'up' }),
    askReceiver,
    machine: () =>
      Promise.resolve({
        ...{ node: '20.19.0', mostOpenFiles: 1024, memoryLimit: undefined, knowsZone: () => true },
      }),
  });
  const said = JSON.parse(context.out()) as { ok: boolean; findings: readonly Found[] };
  expect(said.ok).toBe(code === 0);
  const of = (check: Check) => said.findings.filter((finding) => finding.check === check);
  return { code, findings: said.findings, of };
}

const at = ({ host, port }: Pick<RedisServer, 'host' | 'port'>, changes = {}) => ({
  redis: aRedisConfig({ addresses: [{ host, port }], ...changes }),
});

describe('sluice doctor', () => {
  it('finds no error in a Redis as it should be, and leaves everything as it was', async () => {
    const server = await aServer({ aof: true });
    const { client } = server;
    const key = 'analytics-tyk-system-analytics';
    await client.rpush(key, 'a record', 'another');
    await client.expire(key, 600);
    const { code, findings, of } = await examine(at(server));
    expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
    expect(code).toBe(0);
    expect(of('persistence')).toMatchObject([{ level: 'ok' }]);
    expect(of('redis rights')).toMatchObject([{ level: 'ok' }]);
    expect(of('list expiry')).toMatchObject([
      {
        level: 'ok',
        what: expect.stringMatching(/^2 records of analytics-tyk-system-analytics/) as string,
      },
    ]);
    expect(await client.keys('*')).toEqual([key]);
    expect(await client.lrange(key, 0, -1)).toEqual(['a record', 'another']);
    expect(await client.ttl(key)).toBeGreaterThan(590);
  });

  it('finds a policy that evicts, no persistence and little room', async () => {
    const server = await aServer({
      args: ['--maxmemory', '4mb', '--maxmemory-policy', 'allkeys-lru', '--save', ''],
    });
    const base = aConfig();
    const bounds = { ...base.bounds, retainedBytes: bytes(100_000_000), isRetainedSet: true };
    const { code, of } = await examine({ ...at(server), bounds });
    expect(code).toBe(1);
    expect(of('eviction')).toMatchObject([{ level: 'error' }]);
    expect(of('persistence')).toMatchObject([{ level: 'warning' }]);
    expect(of('head room')).toMatchObject([{ level: 'warning' }]);
  });

  it('finds a receiver of telemetry that does not answer, which is no error', async () => {
    const server = await aServer({ aof: true });
    const target = {
      url: new Secret(`http://127.0.0.1:${await freePort()}/v1/logs?key=nobody-may-know`),
      ...({ protocol: 'http/protobuf', headers: {}, compression: 'none' } as const),
      ...{ timeout: millis(100), caFile: '', certFile: '', keyFile: '' },
    };
    const telemetry = { metrics: undefined, traces: undefined, logs: target };
    const { code, findings, of } = await examine({
      ...at(server),
      telemetry: { ...telemetry, interval: millis(1000), sampleRatio: 0, resource: {} },
    });
    expect(of('telemetry')).toMatchObject([
      {
        subject: 'logs',
        level: 'warning',
        what: expect.stringContaining('ECONNREFUSED') as string,
      },
    ]);
    expect(code).toBe(0);
    expect(JSON.stringify(findings)).not.toContain('nobody-may-know');
  });

  it('finds what a user may not do', async () => {
    const rules = [
      'default on nopass ~* &* +@all',
      'pops on >secret ~* +@all -eval -evalsha -info -config -pttl',
      'looks on >secret ~* +@connection +ping +info',
    ];
    const server = await aServer({ acl: rules });
    const as = (username: string) => at(server, { username, password: new Secret('secret') });
    const pops = await examine(as('pops'));
    expect(pops.of('redis rights')).toMatchObject([
      { level: 'warning', what: expect.stringMatching(/NOPERM/) as string },
    ]);
    expect(pops.of('redis version')).toMatchObject([{ level: 'note' }]);
    expect(pops.of('list expiry')).toMatchObject([{ level: 'note' }]);
    const looks = await examine(as('looks'));
    expect(looks.code).toBe(1);
    expect(looks.of('redis rights')).toMatchObject([{ level: 'error' }]);
    expect(JSON.stringify([pops.findings, looks.findings])).not.toContain('secret"');
  });

  it('finds lists that expire before the next round, and those of another layout', async () => {
    const server = await aServer();
    const key = 'analytics-tyk-system-analytics';
    await server.client.rpush(key, 'a record');
    await server.client.pexpire(key, 1500);
    await server.client.hset(stateKey(`${key}_1`), 'layout', '9');
    const { of } = await examine(at(server));
    expect(of('list expiry')).toMatchObject([{ level: 'warning' }]);
    expect(of('layout')).toMatchObject([{ level: 'error', subject: `${key}_1` }]);
  });

  it('finds clocks that differ', async () => {
    const server = await aServer();
    const behind = { ...systemClock, now: () => millis(Date.now() - 90_000) };
    const { of } = await examine(at(server), behind);
    expect(of('clock')).toMatchObject([
      { level: 'warning', what: 'Redis is 90 s ahead of this machine' },
    ]);
  });

  it('finds certificates that are about to expire: of the server, and in files', async () => {
    // Good for a day.
    const certificates = await makeCertificates();
    const front = await startTlsFront(await aServer(), certificates);
    cleanUps.push(() => front.stop());
    const config = at(front, { tls: aTlsConfig(certificates) });
    const soon = await examine(config);
    expect(soon.of('redis connection')).toMatchObject([{ level: 'ok' }]);
    const subjects = soon.of('certificate').map(({ subject, level }) => `${subject} ${level}`);
    expect(subjects.toSorted()).toEqual([
      `redis ${front.host}:${front.port} error`,
      'redis: ssl_ca_file error',
      'redis: ssl_cert_file error',
    ]);
    const later = { ...systemClock, now: () => millis(Date.now() + 3 * 86_400_000) };
    const gone = await examine(config, later);
    for (const { what } of gone.of('certificate')) expect(what).toMatch(/^expired 20/);
  });

  it('goes on with the rest where Redis is away', async () => {
    const server = await aServer();
    await server.kill9();
    const spillDir = await scratchFolder('spill');
    const { bounds } = aConfig();
    const { code, of } = await examine({ ...at(server), bounds: { ...bounds, spillDir } });
    expect(code).toBe(1);
    expect(of('redis connection')).toMatchObject([{ level: 'error' }]);
    for (const check of ['node', 'spill', 'admin server'] as const)
      expect(of(check).length, check).toBeGreaterThan(0);
  });

  it('says in words what is amiss, why and what to do', async () => {
    const loaded = { ...aLoaded(), config: undefined, pumps: [aPumpEntry()] };
    const context = aContext({ load: () => Promise.resolve(loaded) });
    const flags = { conf: 'pump.conf', help: false, all: false, json: false };
    const code = await doctor({ kind: 'doctor', flags }, context, {
      connect: () => Promise.reject(new Error('nobody connects')),
      findPump: () => Promise.resolve({ outcome: 'found', pump }),
      probeAdmin: () => Promise.resolve({ state: 'up' }),
      askReceiver,
      machine: () =>
        Promise.resolve({
          ...{ node: '18.0.0', mostOpenFiles: 9999, memoryLimit: undefined, knowsZone: () => true },
        }),
    });
    expect(code).toBe(1);
    expect(context.out()).toContain('error: node: 18.0.0 is older than 20.19\n  why: ');
    expect(context.out()).toMatch(/, 1 error\n$/);
  });

  it('looks at every master of a cluster, and finds slots that nobody serves', async () => {
    const cluster = await startRedisCluster();
    cleanUps.push(() => cluster.stop());
    const config = { redis: aRedisConfig({ mode: 'cluster', addresses: cluster.addresses }) };
    const whole = await examine(config);
    expect(whole.of('cluster slots').map(({ level }) => level)).toEqual(['ok', 'ok', 'ok']);
    expect(new Set(whole.of('persistence').map(({ subject }) => subject)).size).toBe(3);
    const { client } = cluster.nodes[0] as RedisServer;
    await client.cluster('DELSLOTS', 5);
    const torn = await examine(config);
    expect(torn.of('cluster slots').map(({ level }) => level)).toContain('error');
  });
});
