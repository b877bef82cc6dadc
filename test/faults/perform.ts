import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../services/process.ts';
import type { RedisServer } from '../services/redis.ts';
import { terminate } from './instance.ts';
import { leasedBy, manifestOf } from './manifests.ts';
import { gatewayLists, isMeantFor } from './records.ts';
import { rollBack } from './rollback.ts';
import { forgotten, mark, unclaimed } from './route-changes.ts';
import type { Action, SinkForm, Step } from './schedule.ts';
import type { SqlSink } from './sql-sink.ts';
import type { World } from './world.ts';

type RedisCommand = Extract<Action, { do: 'redis' }>['command'];

/** Does a step of the schedule. Returns what went wrong with what the step itself expects. */
export async function perform(world: World, step: Step): Promise<string | undefined> {
  await delay(step.after);
  switch (step.do) {
    case 'nothing':
      return undefined;
    case 'start':
      await world.startInstance(step.routes);
      return undefined;
    case 'clock':
      await world.clocks?.[step.of].set(step.offset);
      return undefined;
    case 'passBy':
      world.destination(step.route).passedBy = new Set(await world.destination(step.of).arrived());
      return undefined;
    case 'leases':
      await untilItLeases(world, step);
      return undefined;
    case 'mark':
      await mark(world, step.route);
      return undefined;
    case 'unclaimed':
      return unclaimed(world, step.share);
    case 'forgotten':
      return forgotten(world, step);
    case 'release':
      return rollBack(world, step.kills);
    case 'kill':
      await world.instance(step.instance).kill9();
      return undefined;
    case 'pause':
      world.instance(step.instance).signal('SIGSTOP');
      return undefined;
    case 'resume':
      world.instance(step.instance).signal('SIGCONT');
      return undefined;
    case 'liftFileLimit':
      world.instance(step.instance).liftFileLimit();
      return undefined;
    case 'terminate':
      return terminate(world.instance(step.instance), step.withinMs);
    case 'sink':
      world.destination(step.route).bulk?.behave(step.behaviour);
      return undefined;
    case 'refuse':
      await world.destination(step.route).bulk?.refuse();
      return undefined;
    case 'accept':
      await world.destination(step.route).bulk?.accept();
      return undefined;
    case 'databaseKill':
      await databaseOf(world, step.route).kill9();
      return undefined;
    case 'databaseStart':
      await databaseOf(world, step.route).start();
      return undefined;
    case 'rival':
      return databaseOf(world, step.route).rivalFor(step.forMs);
    case 'hold':
      await databaseOf(world, step.route).hold(step.what, step);
      return undefined;
    case 'link':
      (step.to === 'redis' ? world.store.proxy : world.destination(step.to).proxy)?.set(step.mode);
      return undefined;
    case 'redis':
      await performOnRedis(serverOf(world), step.command);
      return undefined;
    case 'redisFull': {
      const { client } = serverOf(world);
      const [, used] = /used_memory:(\d+)/.exec(await client.info('memory')) ?? [];
      await client.config('SET', 'maxmemory-policy', 'noeviction');
      await client.config('SET', 'maxmemory', Number(used) + step.spare);
      return undefined;
    }
    case 'failover':
      await world.store.failOver();
      return undefined;
    case 'reshard':
      await world.store.reshard();
      return undefined;
    case 'arrived':
      return arrived(world, step);
    default:
      return step satisfies never;
  }
}

async function performOnRedis(server: RedisServer, command: RedisCommand): Promise<void> {
  switch (command) {
    case 'kill':
      await server.kill9();
      return;
    case 'shutDown':
      await server.shutDown();
      return;
    case 'start':
      await server.start();
      return;
    case 'flushScripts':
      await server.client.script('FLUSH');
      return;
    case 'killClients':
      await server.client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      return;
    case 'refill':
      await server.client.config('SET', 'maxmemory', '0');
      return;
    case 'spoilManifests':
      for (const list of gatewayLists)
        await server.client.xadd(manifestOf(list), '*', 'segment', 'none', 'count', '7');
      return;
    default:
      command satisfies never;
  }
}

function databaseOf(world: World, route: string): SqlSink {
  const { database } = world.destination(route);
  if (database === undefined) throw new Error(`Behind ${route} there is no database.`);
  return database;
}

function serverOf({ store }: World): RedisServer {
  if (store.server === undefined) throw new Error('This store is not one server.');
  return store.server;
}

async function untilItLeases(
  world: World,
  { instance, withinMs }: Extract<Action, { do: 'leases' }>,
): Promise<void> {
  const look = (): Promise<readonly string[]> =>
    leasedBy(world.store, gatewayLists, world.instance(instance).pid);
  const before = new Set(await look());
  const hasNew = async (): Promise<boolean> => (await look()).some((lease) => !before.has(lease));
  await until('it leases', hasNew, withinMs).catch(() => undefined);
}

function shareMeant(form: SinkForm, records: number): number {
  const meant = Array.from({ length: records }, (_, at) => isMeantFor(at + 1, form));
  return meant.filter(Boolean).length / records;
}

async function arrived(
  world: World,
  { route, share, withinMs }: Extract<Action, { do: 'arrived' }>,
): Promise<string | undefined> {
  const { load } = world.schedule;
  const destination = world.destination(route);
  const { rejectEvery } = destination.setup;
  const takes =
    (rejectEvery > 0 ? 1 - 1 / rejectEvery : 1) * shareMeant(destination.setup.sink, load.records);
  const wanted = Math.floor(load.records * share * takes);
  // How long pushing takes is the machine's affair; the time for the rest of the way counts from there.
  if (share === 1) await world.pusher.run();
  try {
    await until(
      'they have arrived',
      async () => (await destination.arrived()).size >= wanted,
      withinMs,
    );
    return undefined;
  } catch {
    const { size } = await destination.arrived();
    return `${route} had ${size} of ${wanted} records after ${withinMs} ms`;
  }
}
