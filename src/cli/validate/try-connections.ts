import { readAdminTls } from '../../app/admin-tls.ts';
import type { Config, PumpEntry } from '../../config/config.ts';
import { codeOf } from '../../config/files.ts';
import { explain } from '../../lib/errors.ts';
import { seconds } from '../../lib/units.ts';
import { withDeadline } from '../../lib/waiting.ts';
import type { PreparedPump } from '../../pump/define-pump.ts';
import type { Health } from '../../pump/sink.ts';
import { trySink } from '../../pump/try-sink.ts';
import { sourceLists } from '../../purge/lists.ts';
import { decoders } from '../../record/decoders.ts';
import type { Permitted } from '../../redis/capabilities.ts';
import type { RedisClient } from '../../redis/client.ts';
import type { CommandContext } from '../command-context.ts';
import { addressOf, type ConnectRedis } from '../with-redis.ts';
import type { FindLeaks } from './find-leaks.ts';
import type { ProbeAdmin } from './probe-admin.ts';

export interface ConnectTools {
  readonly connect: ConnectRedis;
  /** What Redis lets us do with a list: `askWay` of src/redis, or a fake. */
  readonly askWay: (client: RedisClient, list: string) => Promise<Permitted>;
  readonly probeAdmin: ProbeAdmin;
  readonly findLeaks: FindLeaks;
}

export interface CheckedRoute {
  readonly entry: PumpEntry;
  readonly pump: PreparedPump;
}

/** For each connection, all of them at once. */
const deadline = seconds(10);

/** What was found at one end, by its name. */
export interface Tried extends Found {
  readonly name: string;
}

interface Found {
  readonly health: Health;
  /** About what is up and not as it should be. */
  readonly warnings?: readonly string[];
}

/** Connects to Redis and every sink, and tries the admin server's port. */
export async function tryConnections(
  { config, routes }: { readonly config: Config; readonly routes: readonly CheckedRoute[] },
  context: CommandContext,
  tools: ConnectTools,
): Promise<readonly Tried[]> {
  const [redis, { admin, sinks }] = await Promise.all([
    redisHealth(config, context, { ...tools, routes }),
    trySinks({ config, routes }, context, tools),
  ]);
  return [{ name: `redis ${addressOf(config.redis)}`, ...redis }, admin, ...sinks];
}

/** Without Redis. */
export async function trySinks(
  { config, routes }: { readonly config: Config; readonly routes: readonly CheckedRoute[] },
  context: CommandContext,
  { probeAdmin }: Pick<ConnectTools, 'probeAdmin'>,
): Promise<{ readonly admin: Tried; readonly sinks: readonly Tried[] }> {
  const { address, port } = config.health;
  const admin = answered(context, async (signal) => ({
    health: (await tlsProblem(config)) ?? (await probeAdmin(config.health, signal)),
  }));
  // A page that is served already is no mistake where it is our own.
  const isRunning = admin.then(({ health }) => health.state === 'unknown');
  const sinks = routes.map(async (route) => ({
    name: `${route.entry.name} (${route.entry.type})`,
    ...(await sinkHealth(route, context, isRunning)),
  }));
  return {
    admin: { name: `admin server ${address === '' ? '*' : address}:${port}`, ...(await admin) },
    sinks: await Promise.all(sinks),
  };
}

/** Why the admin server could not speak TLS; undefined: it can, or need not. */
async function tlsProblem({ admin }: Config): Promise<Health | undefined> {
  try {
    await readAdminTls(admin);
    return undefined;
  } catch (error) {
    return { state: 'down', reason: explain(error) };
  }
}

/** Connected is not enough: what Redis does not permit decides what is guaranteed, or that nothing can be taken. */
const redisHealth = (
  { redis }: Config,
  context: CommandContext,
  {
    connect,
    askWay,
    findLeaks,
    routes,
  }: ConnectTools & { readonly routes: readonly CheckedRoute[] },
): Promise<Found> =>
  answered(context, async (signal) => {
    const connection = await connect(redis, signal);
    try {
      const warnings = [...(connection.notes?.() ?? [])];
      const [list] = sourceLists(redis.keyPrefix, decoders);
      const permitted = await askWay(connection.client, list?.key ?? '');
      if (permitted.kind === 'none')
        return {
          health: {
            state: 'down',
            reason: `Redis permits no way of taking records: ${permitted.refusal}`,
          },
          warnings,
        };
      if (permitted.kind === 'streams')
        warnings.push(...permitted.lacking.map((lacks) => `Redis does not permit ${lacks}`));
      else
        warnings.push(
          `records would be popped, and a crash would lose what is in memory (at-most-once), for Redis refuses what reliable delivery needs: ${permitted.refusal}`,
        );
      warnings.push(...(await findLeaks(connection.client, redis.keyPrefix, routes)));
      return { health: { state: 'up' }, warnings };
    } finally {
      await connection.close();
    }
  });

async function sinkHealth(
  route: CheckedRoute,
  context: CommandContext,
  isRunning: Promise<boolean>,
): Promise<Found> {
  const seen = { isInUse: false };
  const found = await answered(context, (signal) =>
    trySink(route, context.clock, signal)
      .catch((error: unknown) => {
        seen.isInUse = isAddressInUse(error);
        throw error;
      })
      .then((health) => ({ health })),
  );
  if (!seen.isInUse || !(await isRunning)) return found;
  const reason = 'its address is in use, as it should while a Sluice runs here';
  return { health: { state: 'unknown', reason } };
}

const isAddressInUse = (error: unknown): boolean =>
  codeOf(error) === 'EADDRINUSE' ||
  (error instanceof Error && error.cause !== undefined && isAddressInUse(error.cause));

async function answered(
  { clock, signal }: CommandContext,
  ask: (signal: AbortSignal) => Promise<Found>,
): Promise<Found> {
  try {
    return await withDeadline(ask, { clock, after: deadline }, signal);
  } catch (error) {
    return { health: { state: 'down', reason: explain(error) } };
  }
}
