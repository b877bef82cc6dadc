import type { Config, PumpEntry } from '../config/config.ts';
import { explain } from '../lib/errors.ts';
import { silentLog } from '../lib/log.ts';
import { seconds } from '../lib/units.ts';
import type { PreparedPump } from '../pump/define-pump.ts';
import type { Health } from '../pump/sink.ts';
import type { CommandContext } from './command-context.ts';
import { within } from './deadline.ts';
import { addressOf, type ConnectRedis } from './with-redis.ts';

export interface ConnectTools {
  readonly connect: ConnectRedis;
}

export interface CheckedRoute {
  readonly entry: PumpEntry;
  readonly pump: PreparedPump;
}

/** For each connection, all of them at once. */
const deadline = seconds(10);

/** Connects to Redis and every sink, and prints a line for each. Whether nothing is down. */
export async function tryConnections(
  { config, routes }: { readonly config: Config; readonly routes: readonly CheckedRoute[] },
  context: CommandContext,
  { connect }: ConnectTools,
): Promise<boolean> {
  const asked = [
    { name: `redis ${addressOf(config.redis)}`, ask: () => redisHealth(config, context, connect) },
    ...routes.map((route) => ({
      name: `${route.entry.name} (${route.entry.type})`,
      ask: () => sinkHealth(route, context),
    })),
  ];
  const answers = await Promise.all(
    asked.map(async ({ name, ask }) => ({ name, health: await ask() })),
  );
  for (const { name, health } of answers)
    context.stdout.write(
      `${name}: ${health.state === 'up' ? 'up' : `${health.state}: ${health.reason}`}\n`,
    );
  return answers.every(({ health }) => health.state !== 'down');
}

const redisHealth = (
  { redis }: Config,
  context: CommandContext,
  connect: ConnectRedis,
): Promise<Health> =>
  answered(context, async (signal) => {
    const connection = await connect(redis, signal);
    await connection.close();
    return { state: 'up' };
  });

const sinkHealth = ({ entry, pump }: CheckedRoute, context: CommandContext): Promise<Health> =>
  answered(context, async (signal) => {
    const sink = await pump.open(
      {
        route: entry.name,
        log: silentLog,
        programLog: silentLog,
        clock: context.clock,
        // Named in what `deliver` sends, and nothing is delivered.
        processId: 0,
        // Only `deliver` writes there, and nothing is delivered.
        writeOutput: () => Promise.resolve(),
        logTaken: () => Promise.resolve(),
        // Nobody could ask for the page: no server runs here.
        mount: () => () => undefined,
      },
      signal,
    );
    try {
      return await sink.check(signal);
    } finally {
      await sink.close(signal);
    }
  });

async function answered(
  { clock, signal }: CommandContext,
  ask: (signal: AbortSignal) => Promise<Health>,
): Promise<Health> {
  try {
    return await within(deadline, clock, ask, signal);
  } catch (error) {
    return { state: 'down', reason: explain(error) };
  }
}
