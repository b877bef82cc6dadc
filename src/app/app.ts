import type { Config } from '../config/config.ts';
import type { Clock } from '../lib/clock.ts';
import { explain } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { type Millis, millis } from '../lib/units.ts';
import type { CheckedPump } from '../pump/check-pumps.ts';
import type { PumpContext } from '../pump/define-pump.ts';
import type { RouteLeases, SourceList } from '../purge/lease.ts';
import { sourceLists } from '../purge/lists.ts';
import { FeedPurge } from '../purge/memory/feed-purge.ts';
import type { Purge } from '../purge/purge.ts';
import { decoders } from '../record/decoders.ts';
import type { RedisClient } from '../redis/client.ts';
import { connectRedis, type RedisConnection } from '../redis/connect.ts';
import { writeVersionKey } from '../redis/version-key.ts';
import { type DeadLetters, discardedLetters, RedisDeadLetters } from '../route/dead-letters.ts';
import { createRoute, type Route } from '../route/route.ts';
import { startAdminServer } from '../telemetry/admin-server.ts';
import type { ExposedMetrics } from '../telemetry/metrics.ts';
import { choosePurge } from './choose-purge.ts';
import { type OpenedSpill, openSpill } from './open-spill.ts';
import { readiness } from './readiness.ts';
import { supervise } from './supervise.ts';

export interface AppParts {
  readonly config: Config;
  readonly pumps: readonly CheckedPump[];
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: ExposedMetrics;
  readonly version: string;
  /** Name of this process in every consumer group; unique per process life. */
  readonly consumer: string;
  /** Of this machine, for whoever looks at the spill folder. */
  readonly host: string;
  readonly processId: number;
  readonly writeOutput: PumpContext['writeOutput'];
  /** Demo mode: encoded records to deliver instead of those in Redis. */
  readonly feed: Iterable<readonly Buffer[]> | undefined;
}

/** A route with what surrounds it. */
interface Running {
  readonly name: string;
  readonly type: string;
  readonly title: string;
  readonly log: Log;
  readonly leases: RouteLeases;
  readonly create: () => Route;
  /** The one that runs now: a failed one is replaced. */
  current: Route;
}

/** Of the stop's time, what is kept for giving back, closing and the last acknowledgements. */
const closingShare = millis(7000);
const finishingTime = millis(2000);

/**
 * The composition root: builds the parts in the order data flows, runs them, and stops them in the same order: claim
 * first, then routes, then what they stand on. Resolves with the exit code: 0 when every record is either delivered
 * or safe in Redis.
 */
export async function runApp(parts: AppParts, stop: AbortSignal): Promise<number> {
  const { config, log, clock } = parts;
  const live: Live = { redis: undefined, purge: undefined, spill: undefined, routes: [] };
  const admin = await startAdminServer({
    address: config.health.address,
    port: config.health.port,
    healthName: config.health.name,
    metrics: parts.metrics,
    readiness: (signal) => readiness(readinessParts(parts, live), signal),
    log,
  });
  try {
    const redis = await connected(parts, stop);
    if (redis === undefined) return 0;
    live.redis = redis;
    try {
      return await serve(parts, live, { client: redis.client, mount: admin.mount }, stop);
    } catch (error) {
      // Stopped before anything was taken: nothing to finish.
      if (stop.aborted && error === stop.reason) return 0;
      throw error;
    } finally {
      await redis.close();
    }
  } finally {
    await admin.close();
    log.info({ prefix: 'main', seconds: Math.round(clock.elapsed() / 1000) }, 'Tyk-pump stopped.');
  }
}

/** What readiness looks at; filled as the parts come to life. */
interface Live {
  redis: RedisConnection | undefined;
  purge: Purge | undefined;
  spill: OpenedSpill | undefined;
  routes: readonly Running[];
}

function readinessParts({ clock, config }: AppParts, { redis, purge, spill, routes }: Live) {
  return {
    clock,
    delay: config.purge.delay,
    redis,
    purge,
    spillProblem: (route: string) => spill?.problem ?? spill?.spill?.problem(route),
    routes: routes.map(({ type, current }) => ({ type, route: current })),
  };
}

/** Undefined when the stop came first: there is nothing to finish then. */
async function connected(
  { config, log, version }: AppParts,
  stop: AbortSignal,
): Promise<RedisConnection | undefined> {
  try {
    const redis = await connectRedis(config.redis, { log: log.child({ prefix: 'redis' }) }, stop);
    await writeVersionKey(redis.client, { prefix: config.redis.versionKeyPrefix, version, log });
    return redis;
  } catch (error) {
    if (stop.aborted) return undefined;
    throw error;
  }
}

async function serve(
  parts: AppParts,
  live: Live,
  { client, mount }: { readonly client: RedisClient; readonly mount: PumpContext['mount'] },
  stop: AbortSignal,
): Promise<number> {
  const { config, clock, log } = parts;
  const lists = sourceLists(config.redis.keyPrefix, decoders);
  const opened = await openSpill(parts, client, lists);
  const purge = await createPurge(parts, { client, lists, spill: opened.spill }, stop);
  const letters: DeadLetters =
    purge.mode === 'at-least-once'
      ? new RedisDeadLetters({
          client,
          bound: config.bounds.deadLetterBytes,
          lists: lists.length,
          clock,
        })
      : discardedLetters;
  live.purge = purge;
  live.spill = opened;
  live.routes = parts.pumps.map((route) =>
    createRunning(parts, route, purge, { letters, lists, mount, spill: opened.spill }),
  );

  const seconds = config.purge.delay / 1000;
  log.info({ prefix: 'main' }, `Starting purge loop @${seconds}, chunk size ${config.purge.chunk}`);
  try {
    return await run({ parts, purge, routes: live.routes }, stop);
  } finally {
    await opened.spill?.close();
  }
}

async function createPurge(
  parts: AppParts,
  {
    client,
    lists,
    spill,
  }: {
    readonly client: RedisClient;
    readonly lists: readonly SourceList[];
    readonly spill: OpenedSpill['spill'];
  },
  stop: AbortSignal,
): Promise<Purge> {
  const { config, clock, log, metrics, consumer, pumps, feed } = parts;
  const [list] = lists;
  if (feed !== undefined && list !== undefined)
    return new FeedPurge({ clock, metrics, list, feed, bound: config.bounds.cacheBytes });
  const purgeParts = {
    client,
    clock,
    log: log.child({ prefix: 'main' }),
    metrics,
    purge: config.purge,
    bounds: config.bounds,
    delivery: config.delivery,
    lists,
    routes: pumps.map(({ entry }) => entry.name),
    consumer,
    relief: spill,
  };
  return choosePurge(purgeParts, stop);
}

interface Surroundings {
  readonly letters: DeadLetters;
  readonly lists: readonly SourceList[];
  readonly spill: OpenedSpill['spill'];
  readonly mount: PumpContext['mount'];
}

function createRunning(
  parts: AppParts,
  { entry, kind, pump }: CheckedPump,
  purge: Purge,
  { letters, lists, mount, spill }: Surroundings,
): Running {
  const { config, clock, metrics } = parts;
  const programLog = parts.log.child({ prefix: `${kind.type}-pump` });
  const log = programLog.child({ pump: entry.name });
  const redis = { leases: purge.leasesFor(entry.name), chunks: purge.chunks };
  const spilling = spill?.between(entry.name, redis);
  const { leases, chunks } =
    spilling === undefined ? redis : { leases: spilling, chunks: spilling };
  const context = {
    route: entry.name,
    log,
    programLog,
    clock,
    processId: parts.processId,
    writeOutput: parts.writeOutput,
    mount,
  };
  log.info({ guarantee: pump.guarantee, repeats: pump.repeats }, `Init Pump: ${entry.name}`);
  const create = (): Route =>
    createRoute({
      entry,
      pump,
      context,
      leases,
      chunks,
      letters,
      lists,
      bounds: config.bounds,
      delivery: config.delivery,
      clock,
      log,
      metrics,
    });
  const current = create();
  return { name: entry.name, type: kind.type, title: kind.title, log, leases, create, current };
}

interface Service {
  readonly parts: AppParts;
  readonly purge: Purge;
  readonly routes: readonly Running[];
}

async function run({ parts, purge, routes }: Service, stop: AbortSignal): Promise<number> {
  const { clock, config, log } = parts;
  const stopping = new AbortController();
  const abandon = new AbortController();
  const keeping = new AbortController();
  const signals = { stop: stopping.signal, abandon: abandon.signal };
  const kept = routes.map(({ leases }) => leases.keep(keeping.signal));
  const running = routes.map((route) => superviseOne(route, clock, signals));

  // Ends by the operator's signal, or by itself where the feed of demo mode ends.
  await purge.run(stop);
  log.info({ prefix: 'main' }, 'Stopping: nothing more is claimed.');
  stopping.abort();
  const grace = millis(Math.max(1000, config.delivery.shutdownTimeout - closingShare));
  const graceEnd = afterwards(clock, grace, () => abandon.abort());
  const summaries = await Promise.all(running);
  graceEnd.abort();
  await finish(purge, parts);
  keeping.abort();
  await Promise.all(kept);

  const unsettled = summaries.reduce((sum, summary) => sum + summary.unsettled, 0);
  if (unsettled > 0 && purge.mode === 'at-least-once')
    log.info(
      { prefix: 'main', ranges: unsettled },
      'Ranges were given back unanswered; the next start or another instance delivers them.',
    );
  return unsettled > 0 && purge.mode === 'at-most-once' ? 1 : 0;
}

async function superviseOne(
  running: Running,
  clock: Clock,
  signals: { readonly stop: AbortSignal; readonly abandon: AbortSignal },
) {
  const { log, leases, title } = running;
  let isFirst = true;
  const create = (): Route => {
    if (!isFirst) running.current = running.create();
    isFirst = false;
    return running.current;
  };
  const summary = await supervise({ leases, create, clock, log }, signals);
  log.info({}, `${title} gracefully stopped.`);
  return summary;
}

/** Does something after a time, unless aborted before. */
function afterwards(clock: Clock, time: Millis, action: () => void): AbortController {
  const cancelled = new AbortController();
  clock.sleep(time, cancelled.signal).then(action, () => undefined);
  return cancelled;
}

/** The last reclaiming or giving back. What fails here is safe: it is done by the next start. */
async function finish(purge: Purge, { clock, log }: AppParts): Promise<void> {
  const late = new AbortController();
  try {
    await Promise.race([purge.finish(), clock.sleep(finishingTime, late.signal)]);
  } catch (error) {
    log.warn({ error: explain(error) }, 'The last clearing up failed; the next start does it.');
  } finally {
    late.abort();
  }
}
