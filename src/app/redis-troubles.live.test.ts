import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { findPump } from '../../pumps/index.ts';
import { memoryLog } from '../../test/services/memory-log.ts';
import { freePort, until } from '../../test/services/process.ts';
import { startRedis } from '../../test/services/redis.ts';
import {
  ownAddress,
  type RedisTrouble,
  redisTroubles,
} from '../../test/services/redis-troubles.ts';
import { parseCommandLine } from '../cli/command-line/parse-command-line.ts';
import { dead } from '../cli/dead/dead.ts';
import { writeTo } from '../cli/dead/testing.ts';
import { generate } from '../cli/generate.ts';
import { releaseAll } from '../cli/release.ts';
import { status } from '../cli/status.ts';
import { aContext } from '../cli/testing.ts';
import { findLeaks } from '../cli/validate/find-leaks.ts';
import { validate } from '../cli/validate/validate.ts';
import type { RedisConfig } from '../config/config.ts';
import { load } from '../config/testing.ts';
import { systemClock } from '../lib/clock.ts';
import { silentLog } from '../lib/log.ts';
import { checkPumps } from '../pump/check-pumps.ts';
import { askWay } from '../redis/capabilities.ts';
import { connectSoon } from '../redis/connect-soon.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { runApp } from './app.ts';

type Storage = Readonly<Record<string, unknown>>;

const connect = (config: RedisConfig, signal: AbortSignal) =>
  connectSoon(config, { log: silentLog }, signal);

const loaded = (storage: Storage, healthPort = 0) =>
  load({
    file: {
      analytics_storage_config: storage,
      purge_delay: 1,
      dont_purge_uptime_data: true,
      health_check_endpoint_port: healthPort,
      pumps: { dummy: { type: 'dummy' } },
    },
  });

/** What a command prints, and its exit code. */
async function commanded(words: string, storage: Storage) {
  const { config } = await loaded(storage);
  const context = aContext({
    clock: systemClock,
    load: () => Promise.resolve({ config, pumps: config?.pumps ?? [], problems: [], notes: [] }),
  });
  const probeAdmin = () => Promise.resolve({ state: 'up' } as const);
  const command = parseCommandLine(words.split(' '));
  const code = await (() => {
    switch (command.kind) {
      case 'validate':
        return validate(command, context, { findPump, connect, askWay, probeAdmin, findLeaks });
      case 'status':
        return status(command, context, { connect });
      case 'dead':
        return dead(command, context, { connect, writeOutput: writeTo(context) });
      case 'generate':
        return generate(command, context, { connect });
      case 'release':
        return releaseAll(command, context, { connect });
      default:
        throw new Error(`no test runs ${command.kind}`);
    }
  })();
  return { code, text: context.out() + context.err() };
}

/** A service that runs until the test ends. */
async function service(storage: Storage) {
  const port = await freePort();
  const { config } = await loaded(storage, port);
  if (config === undefined) throw new Error('the configuration is broken');
  const log = memoryLog();
  const stop = new AbortController();
  const running = runApp(
    {
      config,
      pumps: (await checkPumps(config.pumps, findPump)).usable,
      clock: systemClock,
      log,
      writeLog: () => undefined,
      metrics: createMetrics({ version: '0.0.0' }),
      version: '0.0.0',
      effective: [],
      ...{ consumer: 'test', host: 'test', processId: 1, cores: 1 },
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
  cleanUps.push(async () => {
    stop.abort(new Error('the test is over'));
    await running;
  });
  const ask = async (path: string): Promise<string> =>
    (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  return {
    log,
    metrics: () => ask('/metrics'),
    ready: async () => JSON.parse(await ask('/ready')) as Ready,
  };
}

interface Ready {
  readonly ready: boolean;
  readonly mode: string;
  readonly redis: { readonly state: string; readonly reason?: string };
  readonly claiming: { readonly state: string; readonly reasons?: readonly string[] };
}

const cleanUps: (() => Promise<void>)[] = [];
const consoleCalls: unknown[][] = [];

beforeEach(() => {
  for (const method of ['log', 'warn', 'error'] as const)
    vi.spyOn(console, method).mockImplementation((...args) => void consoleCalls.push(args));
});

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  vi.restoreAllMocks();
  // Lines beside the log are lines that no parser reads.
  expect(consoleCalls.splice(0)).toEqual([]);
});

const commands = [
  'validate --connect',
  'status',
  'dead ls',
  'generate --records 1',
  'release',
] as const;

const canTry = ({ name }: RedisTrouble): boolean =>
  name !== 'protected mode' || ownAddress() !== undefined;

describe.each(redisTroubles.filter(canTry))('$name', ({ words, cure, ...trouble }) => {
  test('is said, with the words of Redis and what to do, by every command and by the service', async () => {
    const begun = await trouble.begin();
    cleanUps.push(() => begun.stop());
    const { storage } = begun;

    const running = await service(storage);
    const results = await Promise.all(commands.map((command) => commanded(command, storage)));
    await until('the log says it', () => running.log.warnings().length > 0);
    const { ready, redis } = await running.ready();

    for (const { code, text } of results) {
      expect(text).toMatch(words);
      expect(text).toMatch(cure);
      expect(code).toBe(1);
    }
    expect(ready).toBe(false);
    expect(redis).toMatchObject({ state: 'down', reason: expect.stringMatching(words) as string });
    expect(redis.reason).toMatch(cure);
    expect(running.log.text()).toMatch(words);
    expect(running.log.text()).toMatch(cure);
    expect(running.log.text()).not.toMatch(/wrong"|watch/);
  });
});

describe('a password that Redis does not want', () => {
  test('is used for nothing and said, once, in the log and by validate', async () => {
    const redis = await startRedis();
    cleanUps.push(() => redis.stop());
    const storage = { host: redis.host, port: redis.port, password: 'hunter2' };

    const running = await service(storage);
    await until('it runs', async () => (await running.ready()).ready);
    const { code, text } = await commanded('validate --connect', storage);

    expect(running.log.warnings()).toEqual(['Redis wants no password, and one is configured.']);
    expect(text).toMatch(/warning: .*Redis wants no password/);
    expect(code).toBe(0);
    expect(running.log.text() + text).not.toContain('hunter2');
  });
});

const user = (rules: string) => ({
  acl: ['default on nopass ~* &* +@all', `pump on >hunter2 ${rules}`],
});
const signedIn = { username: 'pump', password: 'hunter2' };

describe('an ACL that lets records be popped only', () => {
  test.each([
    ['~* +@all -@scripting', /evalsha|eval/],
    ['~* +@all -xadd', /xadd/i],
    ['~* +@all -xautoclaim', /xautoclaim/],
    ['~analytics-* +@all', /\{analytics-tyk-system-analytics\}:/],
  ])('(%s) is said by validate, by Init Pump, by a metric and by /ready', async (rules, what) => {
    const redis = await startRedis(user(rules));
    cleanUps.push(() => redis.stop());
    const storage = { host: redis.host, port: redis.port, ...signedIn };

    const running = await service(storage);
    await until('it runs', async () => (await running.ready()).ready);
    const { code, text } = await commanded('validate --connect', storage);
    const strict = await commanded('validate --connect --strict', storage);

    expect(text).toMatch(/warning: redis .*at-most-once/);
    expect(text).toMatch(what);
    expect([code, strict.code]).toEqual([0, 1]);
    expect((await running.ready()).mode).toBe('at-most-once');
    const metrics = await running.metrics();
    expect(metrics).toContain('sluice_mode{mode="at-most-once"} 1');
    expect(metrics).toContain('sluice_mode{mode="at-least-once"} 0');
    expect(running.log.text()).toMatch(what);
    expect(
      running.log.lines.find(({ message }) => message === 'Init Pump: DUMMY')?.fields,
    ).toMatchObject({ guarantee: 'at-most-once' });
  });
});

describe('an ACL that lets nothing be taken', () => {
  test.each([
    ['~* +@all -@scripting -lrange', /lrange/],
    ['~* +@all -@scripting -multi', /multi/],
    ['~other-* +@all', /lrange analytics-tyk-system-analytics\)/],
    ['~* +ping', /lrange|multi/],
  ])('(%s) is an error, the reason of /ready, and not ok', async (rules, what) => {
    const redis = await startRedis(user(rules));
    cleanUps.push(() => redis.stop());
    const storage = { host: redis.host, port: redis.port, ...signedIn };

    const running = await service(storage);
    await until('the log says it', () => running.log.lines.some(({ level }) => level === 'error'));
    const { ready, claiming } = await running.ready();
    const { code, text } = await commanded('validate --connect', storage);

    expect(ready).toBe(false);
    expect(claiming.state).toBe('down');
    for (const said of [claiming.reasons?.join(), text, running.log.text()]) {
      expect(said).toMatch(/NOPERM/);
      expect(said).toMatch(what);
    }
    expect(code).toBe(1);
    expect(running.log.text() + text).not.toContain('hunter2');
  });

  test('is waited for until it permits one way', async () => {
    const redis = await startRedis(user('~other-* +@all'));
    cleanUps.push(() => redis.stop());
    const { log, ready } = await service({ host: redis.host, port: redis.port, ...signedIn });
    await until('the log says it', () => log.lines.some(({ level }) => level === 'error'));

    await redis.client.call('ACL', 'SETUSER', 'pump', '~*');
    await until('it runs', async () => (await ready()).ready, 20_000);

    expect(log.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  test.each([
    ['status', /'hget'/],
    ['dead ls', /'hget'/],
    ['generate --records 1', /rpush/],
    ['release', /'hget'/],
  ])('is said by %s, with the command', async (command, what) => {
    const redis = await startRedis(user('~* +ping'));
    cleanUps.push(() => redis.stop());

    const { code, text } = await commanded(command, {
      ...{ host: redis.host, port: redis.port, ...signedIn },
    });

    expect(text).toMatch(/the user may not do what is needed \(ACL of Redis\): NOPERM/);
    expect(text).toMatch(what);
    expect(code).toBe(1);
  });
});
