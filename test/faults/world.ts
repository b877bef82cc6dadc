import path from 'node:path';
import { createFakeClock, type FakeClock } from '../services/fake-clock.ts';
import { scratchFolder } from '../services/process.ts';
import { BulkSink } from './bulk-sink.ts';
import { rowsIn } from './csv-sink.ts';
import { Dice, seedOf } from './dice.ts';
import { hasLooked, type Instance, startInstance } from './instance.ts';
import { Pusher } from './pusher.ts';
import { isMeantFor } from './records.ts';
import { isDatabase, type RouteSetup, type Schedule } from './schedule.ts';
import { SqlSink } from './sql-sink.ts';
import { type Store, startStore } from './store.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** One document or row that a sink holds. */
export interface Stored {
  readonly index: number | undefined;
  readonly digest: string;
}

/** A route and what is behind it. */
export interface Destination {
  readonly setup: RouteSetup;
  readonly rejects: (index: number) => boolean;
  /** Undefined: something else. */
  readonly bulk: BulkSink | undefined;
  readonly database: SqlSink | undefined;
  /** The first record that a route with `since-mark` must get. */
  mark: number;
  /** What was claimed before its first start: none of it may arrive. */
  passedBy: ReadonlySet<number>;
  readonly proxy: TcpProxy | undefined;
  /** Everything it holds now. */
  stored(): Promise<readonly Stored[]>;
  /** Which records it holds now. */
  arrived(): Promise<ReadonlySet<number>>;
}

interface Clocks {
  readonly pump: FakeClock;
  readonly redis: FakeClock;
}

/** What a run starts and ends: Redis, sinks, proxies, processes, and the gateway that pushes. */
export class World {
  readonly schedule: Schedule;
  readonly store: Store;
  readonly destinations: readonly Destination[];
  readonly pusher: Pusher;
  /** In the order of their start, the ended ones too. */
  readonly instances: Instance[] = [];
  /** The compiled entry point of the build under test. */
  readonly main: string;
  readonly clocks: Clocks | undefined;
  readonly #shared: string;

  /** `main`: the compiled entry point of the build under test. */
  static async start(schedule: Schedule, main: string): Promise<World> {
    const { hasClocks, instances, teams } = schedule.setup;
    const clocks = hasClocks
      ? { pump: await createFakeClock(), redis: await createFakeClock() }
      : undefined;
    const store = await startStore(schedule.setup, clocks?.redis.env ?? {});
    const shared = await scratchFolder('shared');
    const world = new World({ schedule, store, main, clocks, shared });
    try {
      for (const route of schedule.setup.routes)
        (world.destinations as Destination[]).push(await world.#startDestination(route));
      for (let started = 0; started < instances; started++)
        await world.startInstance(teams[started]);
      // What one claims before another has looked passes the other's routes by, as it must.
      if (teams.length > 0) await Promise.all(world.instances.map(hasLooked));
      return world;
    } catch (error) {
      await world.stop();
      throw error;
    }
  }

  private constructor(parts: {
    schedule: Schedule;
    store: Store;
    main: string;
    clocks: Clocks | undefined;
    shared: string;
  }) {
    this.schedule = parts.schedule;
    this.store = parts.store;
    this.main = parts.main;
    this.clocks = parts.clocks;
    this.#shared = parts.shared;
    this.destinations = [];
    this.pusher = new Pusher({
      load: parts.schedule.load,
      push: (key, elements) => parts.store.push(key, elements),
    });
  }

  /** Without `routes`: with all of them. */
  async startInstance(routes?: readonly string[]): Promise<void> {
    const { own, fileLimit } = this.schedule.setup;
    const destinations = this.destinations.filter(
      ({ setup: { name } }) => routes?.includes(name) ?? true,
    );
    const uptime = destinations.find(({ setup }) => setup.sink === 'uptime');
    this.instances.push(
      await startInstance({
        main: this.main,
        storage: this.store.storage,
        pumps: Object.fromEntries(
          destinations
            .filter((each) => each !== uptime)
            .map((each) => [each.setup.name, entryOf(each)]),
        ),
        ...(uptime === undefined ? {} : { uptime: entryOf(uptime) }),
        routes: destinations.map(({ setup: { name } }) => name),
        own,
        fileLimit,
        shared: this.#shared,
        env: this.clocks?.pump.env ?? {},
      }),
    );
  }

  instance(at: number): Instance {
    // A schedule counts the running ones: those that replaced a killed one are last.
    const running = this.instances.filter((each) => each.isRunning());
    const found = running[at % Math.max(1, running.length)];
    if (found === undefined) throw new Error('No instance is running.');
    return found;
  }

  destination(name: string): Destination {
    const found = this.destinations.find(({ setup }) => setup.name === name);
    if (found === undefined) throw new Error(`There is no route ${name}.`);
    return found;
  }

  /** Everything goes well from now on, and somebody is there to deliver. */
  async heal(): Promise<void> {
    this.store.proxy?.set({ kind: 'open' });
    for (const { bulk, proxy } of this.destinations) {
      proxy?.set({ kind: 'open' });
      bulk?.behave({ kind: 'healthy' });
      await bulk?.accept();
    }
    for (const instance of this.instances) {
      instance.liftFileLimit();
      instance.signal('SIGCONT');
    }
    const running = this.instances.filter((each) => each.isRunning());
    const missing = this.destinations
      .filter(({ setup: { keeps } }) => keeps !== 'all-but-forgotten')
      .map(({ setup: { name } }) => name)
      .filter((name) => !running.some(({ routes }) => routes.includes(name)));
    if (missing.length > 0) await this.startInstance(missing);
  }

  /** Whether a record has to be at a sink. */
  isDue({ setup, rejects, mark }: Destination, index: number): boolean {
    if (rejects(index) || !isMeantFor(index, setup.sink)) return false;
    const { keeps } = setup;
    return keeps === 'all' || (keeps === 'since-mark' && index >= mark);
  }

  async stop(): Promise<void> {
    this.pusher.stop();
    await Promise.all(this.instances.map((each) => each.kill9()));
    for (const { bulk, database, proxy } of this.destinations) {
      await proxy?.stop();
      await bulk?.stop();
      await database?.stop();
    }
    await this.store.stop();
  }

  async #startDestination(setup: RouteSetup): Promise<Destination> {
    const { rejectEvery, name, latency } = setup;
    const rejects = (index: number): boolean => rejectEvery > 0 && index % rejectEvery === 0;
    if (setup.sink === 'csv') {
      const folders = (): string[] => this.instances.map(({ dir }) => path.join(dir, 'csv'));
      const stored = () => rowsIn(folders());
      const arrived = async () => new Set((await stored()).flatMap(({ index }) => index ?? []));
      return { ...nothingYet(), setup, rejects, stored, arrived };
    }
    if (isDatabase(setup.sink)) {
      const database = await SqlSink.start(setup.sink);
      const stored = () => database.rows();
      const arrived = () => database.arrived(this.pusher.certain);
      const proxy = await this.#proxyTo(name, database.port);
      return { ...nothingYet(), setup, rejects, database, proxy, stored, arrived };
    }
    const dice = new Dice(seedOf(this.schedule.seed, name));
    const bulk = await BulkSink.start({ dice, rejects, latency });
    const proxy = await this.#proxyTo(name, bulk.port);
    return {
      ...nothingYet(),
      setup,
      rejects,
      bulk,
      proxy,
      stored: () => Promise.resolve([...bulk.documents.values()]),
      arrived: () => Promise.resolve(bulk.arrived),
    };
  }

  async #proxyTo(route: string, port: number): Promise<TcpProxy | undefined> {
    return this.schedule.setup.proxied.includes(route) ? startTcpProxy(port) : undefined;
  }
}

const nothingYet = () => ({
  mark: 0,
  passedBy: new Set<number>(),
  bulk: undefined,
  database: undefined,
  proxy: undefined,
});

/** The entry under `pumps`. Small batches, so that a fault always finds some under way. */
function entryOf({ bulk, database, proxy }: Destination): object {
  if (database !== undefined) return database.entry(proxy?.port ?? database.port);
  if (bulk === undefined) return { type: 'csv', meta: { csv_dir: '{dir}/csv' } };
  return {
    type: 'elasticsearch',
    meta: {
      elasticsearch_url: `http://127.0.0.1:${proxy?.port ?? bulk.port}`,
      index_name: 'records',
      bulk_config: { workers: 2, bulk_actions: 50 },
    },
  };
}
