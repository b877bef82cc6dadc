import type { Redis } from 'ioredis';
import { until } from '../../services/process.ts';
import { type RedisServer, startRedis } from '../../services/redis.ts';
import { buildUnderTest } from '../build.ts';
import { type Instance, startInstance } from '../instance.ts';
import { startTcpProxy, type TcpProxy } from '../tcp-proxy.ts';
import { gatewayList } from './backlog.ts';
import { CountingSink, type Manner } from './counting-sink.ts';

/** What is behind a route once the pump has opened it: a sink of that manner, or a network that swallows everything. */
export type Fate = Manner | { readonly kind: 'black-holed' } | { readonly kind: 'refused' };

export interface RigOptions {
  readonly fates: Readonly<Record<string, Fate>>;
  /** The options of the service under `sluice`. */
  readonly own: Readonly<Record<string, string>>;
  /** Options of the routes' pumps. */
  readonly meta?: Readonly<Record<string, unknown>>;
  /** More entries under `pumps`. */
  readonly pumps?: Readonly<Record<string, unknown>>;
}

interface Lane {
  readonly fate: Fate;
  readonly sink: CountingSink;
  readonly proxy: TcpProxy | undefined;
}

/** Redis, one pump, and a sink for each of its routes. */
export class Rig {
  readonly #lanes: ReadonlyMap<string, Lane>;
  readonly server: RedisServer;
  readonly pump: Instance;

  /** Resolves when the pump has opened every sink and each has met its fate: from now on records may come. */
  static async start(options: RigOptions): Promise<Rig> {
    const server = await startRedis();
    const lanes = new Map<string, Lane>();
    for (const [name, fate] of Object.entries(options.fates)) {
      const sink = await CountingSink.start();
      const proxy = fate.kind === 'black-holed' ? await startTcpProxy(sink.port) : undefined;
      lanes.set(name, { fate, sink, proxy });
    }
    const pump = await startInstance({
      main: buildUnderTest(),
      storage: { type: 'redis', host: server.host, port: server.port },
      pumps: {
        ...Object.fromEntries([...lanes].map((lane) => entryOf(lane, options.meta))),
        ...options.pumps,
      },
      own: options.own,
      fileLimit: 0,
    });
    const rig = new Rig(server, lanes, pump);
    await until('the pump has opened its sinks', () =>
      [...lanes.values()].every(({ sink }) => sink.requests > 0),
    );
    await until('the pump answers', () => rig.#answers());
    await Promise.all([...lanes.values()].map(meet));
    return rig;
  }

  private constructor(server: RedisServer, lanes: ReadonlyMap<string, Lane>, pump: Instance) {
    this.server = server;
    this.#lanes = lanes;
    this.pump = pump;
  }

  get redis(): Redis {
    return this.server.client;
  }

  sink(name: string): CountingSink {
    const lane = this.#lanes.get(name);
    if (lane === undefined) throw new Error(`There is no route ${name}.`);
    return lane.sink;
  }

  /** How many records of a route, over all lists, the ledger in Redis has under an outcome. */
  async booked(route: string, outcome: string): Promise<number> {
    const keys = await this.redis.keys('{*}:ledger');
    const values = await Promise.all(
      keys.map((key) => this.redis.hget(key, `${route.toUpperCase()}|${outcome}`)),
    );
    return values.reduce((sum, value) => sum + Number(value ?? 0), 0);
  }

  /** Waits until the ledger has all of them answered for: delivered and rejected. Rejects when the pump has ended. */
  async untilAnswered(route: string, records: number, limit: number): Promise<void> {
    await until(
      `${route} has answered for ${records} records`,
      async () => {
        if (!this.pump.isRunning())
          throw new Error(
            `The pump has ended (${JSON.stringify(this.pump.exit())}):\n${this.pump.output()}`,
          );
        const [delivered, rejected] = await Promise.all([
          this.booked(route, 'delivered'),
          this.booked(route, 'rejected'),
        ]);
        return delivered + rejected >= records;
      },
      limit,
    );
  }

  /** Keys that hold records although every route has answered. */
  async leftover(): Promise<readonly string[]> {
    const keys = await this.redis.keys('*');
    return keys.filter((key) => key === gatewayList || key.includes(':seg:'));
  }

  /** The sum over the series of a metric whose labels contain the text. */
  async metric(name: string, labels = ''): Promise<number> {
    const answer = await fetch(`http://127.0.0.1:${this.pump.healthPort}/metrics`);
    const lines = (await answer.text()).split('\n');
    return lines
      .filter((line) => new RegExp(`^${name}[{ ]`).test(line) && line.includes(labels))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }

  async stop(): Promise<void> {
    await this.pump.kill9();
    for (const { sink, proxy } of this.#lanes.values()) {
      await proxy?.stop();
      await sink.stop();
    }
    await this.server.stop();
  }

  async #answers(): Promise<boolean> {
    const answer = await fetch(`http://127.0.0.1:${this.pump.healthPort}/live`).catch(() => null);
    return answer?.ok === true;
  }
}

async function meet({ fate, sink, proxy }: Lane): Promise<void> {
  if (fate.kind === 'black-holed') proxy?.set({ kind: 'blackHole' });
  else if (fate.kind === 'refused') await sink.stop();
  else sink.behave(fate);
}

/** With the defaults of the pump: what is measured is what an operator gets. */
function entryOf(
  [name, { sink, proxy }]: readonly [string, Lane],
  meta: RigOptions['meta'],
): readonly [string, object] {
  const url = `http://127.0.0.1:${proxy?.port ?? sink.port}`;
  return [name, { type: 'elasticsearch', meta: { elasticsearch_url: url, ...meta } }];
}
