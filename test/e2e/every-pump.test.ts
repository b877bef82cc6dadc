/**
 * Every pump out of the built program, as its example.json configures it, with nobody at its destination: what it loads only
 * once it opens is there, and works. (A client that is a CommonJS module is another thing in a bundle than in its sources.)
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { pumpTypes } from '../../pumps/index.ts';
import { encodeUptime } from '../../src/record/encode/uptime.ts';
import { freePort, scratchFolder, until, whyUnavailable } from '../services/process.ts';
import { needRedis, startRedis } from '../services/redis.ts';
import { stoppedAfterEach } from './ends.ts';
import { type PumpProcess, startPump } from './pump.ts';
import { pushRecords } from './records.ts';

const unavailable = await whyUnavailable(needRedis);
const pumpsFolder = fileURLToPath(new URL('../../pumps', import.meta.url));

interface Example {
  readonly pumps: Readonly<Record<string, { readonly type: string; readonly meta?: object }>>;
  readonly uptime_pump_config?: Uptime;
}

type Pumps = Example['pumps'];
type Uptime = Readonly<Record<string, unknown>>;

async function exampleOf(type: string, port: number): Promise<Example> {
  const text = await readFile(path.join(pumpsFolder, type, 'example.json'), 'utf8');
  const example = text
    .replaceAll(/localhost:\d+/g, `127.0.0.1:${port}`)
    .replaceAll(/host=localhost port=\d+/g, `host=127.0.0.1 port=${port}`)
    .replaceAll('":9090"', '"127.0.0.1:0"')
    .replaceAll('./csv', '{dir}/csv')
    .replaceAll('./records', '{dir}/records')
    .replaceAll('./har', '{dir}/har')
    .replaceAll('./model/', '{dir}/model/')
    .replaceAll('./traffic', '{dir}/traffic')
    .replaceAll(/mongodb:[^"]*/g, '$&?serverSelectionTimeoutMS=500');
  return JSON.parse(example) as Example;
}

/** What no example has: the other databases of the SQL pumps, what is loaded for another protocol. */
const further = (port: number): Pumps => ({
  mysql: {
    type: 'sql',
    meta: { type: 'mysql', connection_string: `user:word@tcp(127.0.0.1:${port})/tyk` },
  },
  sqlite: { type: 'sql', meta: { type: 'sqlite', connection_string: '{dir}/tyk.db' } },
  grpc: { type: 'otlp', meta: { url: `http://127.0.0.1:${port}`, protocol: 'grpc' } },
});

/** They need nobody. */
const ready = ['CSV', 'DUMMY', 'FILE', 'HAR', 'MODEL', 'PROMETHEUS', 'STDOUT', 'SQLITE', 'TRAFFIC'];

describe.skipIf(unavailable !== undefined)('out of the built program', () => {
  const use = stoppedAfterEach();

  /** What is not so yet: each route is up, or down because nobody answers. */
  async function amiss({ healthPort }: PumpProcess, names: readonly string[]) {
    const answer = await fetch(`http://127.0.0.1:${healthPort}/ready`).catch(() => undefined);
    const page = (await answer?.json()) as Page | undefined;
    const found = new Map(page?.routes.map(({ route, health }) => [route, health]));
    return names.filter((name) => {
      const { state, reason = '' } = found.get(name) ?? {};
      return !(ready.includes(name) ? state === 'up' : /ECONNREFUSED/.test(reason));
    });
  }

  /** A service with these, and records that wait for it. */
  async function start(pumps: Pumps, uptime: Uptime) {
    const log = path.join(await scratchFolder('log'), 'stderr');
    const redis = use(await startRedis());
    await pushRecords(redis, 20);
    const look = encodeUptime({ url: 'http://up.example.com/' });
    await redis.client.rpush('host-checker:tyk-uptime-analytics', look);
    const pump = await startPump({
      redis,
      pumps,
      uptime,
      own: { workers: 1 },
      pipes: { stderr: log },
    });
    return { pump: use(pump), said: () => readFile(log, 'utf8') };
  }

  it('every pump opens, or finds that nobody answers', async () => {
    const port = await freePort();
    const examples = await Promise.all(pumpTypes.map((type) => exampleOf(type, port)));
    const pumps = examples.reduce((all, each) => ({ ...all, ...each.pumps }), further(port));
    // Of these there is one at a time: the others have a process of their own.
    const [first, ...others] = examples.flatMap(({ uptime_pump_config: uptime }) =>
      uptime === undefined ? [] : [uptime],
    );
    if (first === undefined) throw new Error('there is an example of uptime records');
    const processes = await Promise.all([
      start(pumps, first),
      ...others.map((uptime) => start({ idle: { type: 'dummy' } }, uptime)),
    ]);

    const names = [...Object.keys(pumps).map((name) => name.toUpperCase()), 'uptime'];
    expect(names).toHaveLength(
      pumpTypes.length - others.length + Object.keys(further(port)).length,
    );
    for (const [at, { pump, said }] of processes.entries()) {
      const routes = at === 0 ? names : ['uptime'];
      await until(
        'each of them is as it must be',
        async () => (await amiss(pump, routes)).length === 0,
        30_000,
        async () => `${(await amiss(pump, routes)).join(', ')}: ${await said()}`,
      );
      expect((await said()).split('\n').filter((line) => line.includes('kind=unexpected'))).toEqual(
        [],
      );
    }
  });
});

interface Page {
  readonly routes: readonly {
    readonly route: string;
    readonly health: { readonly state: string; readonly reason?: string };
  }[];
}
