import type { Config } from '../config/config.ts';
import type { ProcessInstruments } from '../lib/instruments.ts';
import { aboutText } from '../operate/instance-about.ts';
import type { CheckedPump } from '../pump/check-pumps.ts';
import type { PumpContext } from '../pump/define-pump.ts';
import type { Relief } from '../purge/bounds/relief.ts';
import { giveBackAll } from '../purge/lease/give-back.ts';
import type { SourceList } from '../purge/lease/lease.ts';
import type { PurgeNews } from '../purge/lease/stream-source.ts';
import { readLists, uptimeList } from '../purge/lists.ts';
import { FeedPurge } from '../purge/memory/feed-purge.ts';
import { PopPurge } from '../purge/memory/pop-purge.ts';
import type { Purge } from '../purge/purge.ts';
import { type PurgeParts, StreamPurge } from '../purge/stream-purge.ts';
import type { RedisClient } from '../redis/client.ts';
import { Controls } from '../route/controls/controls.ts';
import { homeOf } from '../route/controls/store.ts';
import { Stock } from '../route/dead-letters/stock.ts';
import { discardedLetters, RedisDeadLetters } from '../route/dead-letters/store.ts';
import type { RouteHealth } from '../route/events/route-health.ts';
import { TapPoint } from '../route/tap/tap-point.ts';
import { chooseWay, type Way } from './choose-purge.ts';
import { Crew, routeLog, sayStopped } from './crew.ts';
import { sayLeftUptime } from './left-uptime.ts';
import { type OpenedSpill, openSpill } from './open-spill.ts';
import type { AppParts } from './parts.ts';
import { CurrentPurge } from './reload/current-purge.ts';
import { type Change, handOver, type InForce, type Running } from './reload/hand-over.ts';
import { sayControls } from './say-controls.ts';
import type { Self } from './self.ts';
import { showMode } from './show-mode.ts';
import type { TapDesk } from './tap/tap-desk.ts';
import type { UnknownField } from './unknown-fields.ts';
import { type Plan, planThreads, workersFor } from './workers/plan.ts';
import { Pool } from './workers/pool.ts';
import type { ThreadReport } from './workers/worker-reports.ts';

/** The service's parts, built and not yet running. */
export interface Service {
  /** What it runs by. */
  readonly inForce: InForce;
  /** The bounds that this Redis permits. */
  readonly bounds: Config['bounds'];
  readonly purge: Purge;
  /** For workers; undefined where there can be none. */
  readonly news: PurgeNews | undefined;
  /** The routes of the main thread. */
  readonly crew: Crew;
  /** Those of the others; undefined: there are none. */
  readonly pool: Pool | undefined;
  readonly spill: OpenedSpill['spill'];
  /** Undefined: there is no Redis to look at. */
  readonly stock: Stock | undefined;
  /** What operators want of all routes; undefined: there is no Redis to ask. */
  readonly controls: Controls | undefined;
  /** Asks a route, wherever it runs. */
  check(route: string): Promise<RouteHealth> | undefined;
  /** How each route stands, in each thread that runs it. */
  reports(): Promise<readonly ThreadReport[]>;
  /** What is not as it should be with a route although it may deliver. */
  problem(route: string): string | undefined;
  /** Goes on by another configuration. One at a time. */
  handOver(change: Change): Promise<void>;
}

interface Surroundings extends AppParts, Pick<PumpContext, 'mount'> {
  /** Hears of fields of records that are not known, from each thread. */
  readonly onUnknown: (field: UnknownField) => void;
  /** Undefined: nobody wants to know how long things take. */
  readonly instruments: ProcessInstruments | undefined;
  /** Who wants to see records. */
  readonly tap: TapDesk;
  readonly client: RedisClient;
  /** This instance, as it shows itself to others now. */
  readonly self: () => Self;
  /** Hears why nothing can be taken from Redis; undefined: now it can. */
  readonly onObstacle: (reason: string | undefined) => void;
}

/** Builds the parts in the order data flows. */
export async function buildService(parts: Surroundings, stop: AbortSignal): Promise<Service> {
  const { client, config, clock, feed, log, onObstacle } = parts;
  const lists = readLists(
    config.redis,
    parts.pumps.map(({ entry }) => entry),
  );
  const { bounds } = config;
  const way: Way =
    feed === undefined
      ? await chooseWay(
          { client, lists, bounds, clock, log: log.child({ prefix: 'main' }), onObstacle },
          stop,
        )
      : { kind: 'feeding', bounds, fit: (said) => said };
  if (way.kind === 'streams')
    await sayLeftUptime({ client, redis: config.redis, lists, log: log.child({ prefix: 'main' }) });
  const plan = planOf(parts, way);
  for (const pump of parts.pumps) sayPump(parts, pump, way);
  const opened =
    way.kind === 'feeding'
      ? noSpill
      : await openSpill(ofMainThread(parts, plan), client, lists, stop);
  const { spill } = opened;
  const workers = threadsOf(parts, way);
  let inForce: InForce = { config, pumps: parts.pumps, lists, plan };
  const first = inForce;
  const pool = workers > 1 ? createPool(parts, plan, () => inForce.lists) : undefined;
  const taking: Taking = { parts, way, spill, pool };
  const { purge, news } = createPurge(taking, first);
  showMode(parts.metrics, purge.mode);
  const makeLetters: Running['makeLetters'] = (inForce) =>
    purge.mode === 'at-most-once' ? discardedLetters : lettersOf(parts, inForce);
  const letters = makeLetters(first);
  const controls = way.kind === 'feeding' ? undefined : controlsOf(parts);
  await controls?.begin(stop);
  const tap = tapIn(parts, pool);
  const crew = new Crew({
    ...parts,
    tap,
    ...{ assignments: plan.main, source: purge, spill, letters, lists, controls },
    tracing: parts.telemetry?.tracing,
  });
  const stock = way.kind === 'feeding' ? undefined : stockOf(parts, lists);
  const running: Running = {
    ...{ purge, crew, pool, spill, stock, controls, workers, makeLetters, stop },
    metrics: parts.metrics,
    makePurge: (inForce, earlier) => nextPurge(taking, inForce, earlier),
    sayBegun: (pump) => sayPump(parts, pump, way),
    sayEnded: (pump) => sayStopped(log, pump),
  };
  return {
    get inForce() {
      return inForce;
    },
    get bounds() {
      return way.fit(inForce.config.bounds);
    },
    purge,
    news,
    crew,
    pool,
    spill,
    stock,
    controls,
    check: (route) => {
      const paused = controls?.health(route);
      return paused ? Promise.resolve(paused) : (crew.check(route) ?? pool?.check(route));
    },
    reports: async () => [
      ...crew.report().map((each) => ({ thread: 0, ...each })),
      ...((await pool?.reports()) ?? []),
    ],
    problem: (route) =>
      pool?.has(route) === true
        ? pool.problem(route)
        : (opened.problem ?? opened.spill?.problem(route)),
    async handOver(change) {
      inForce = await handOver(running, inForce, change);
    },
  };
}

/** Where the main thread's records may be looked at. Workers have their own. */
function tapIn({ clock, log, tap }: Surroundings, pool: Pool | undefined): TapPoint {
  const point = new TapPoint({
    ...{ clock, log: log.child({ prefix: 'main' }) },
    onTapped: (tapped) => tap.hear(tapped),
  });
  tap.serves((wishes) => {
    void point.follow(wishes);
    pool?.tap(wishes);
  });
  return point;
}

function controlsOf({ client, clock, config, log, metrics, pumps }: Surroundings): Controls {
  const main = log.child({ prefix: 'main' });
  return new Controls({
    client,
    clock,
    log: main,
    routes: pumps.map(({ entry }) => ({
      route: entry.name,
      home: homeOf(config.redis, entry).key,
    })),
    onChange: sayControls(
      metrics,
      main,
      (route) => pumps.find(({ entry }) => entry.name === route)?.entry.limits.rate,
    ),
  });
}

function lettersOf(
  { client, clock, mask }: Surroundings,
  { config, lists }: Pick<InForce, 'config' | 'lists'>,
): RedisDeadLetters {
  const bound = config.bounds.deadLetterBytes;
  return new RedisDeadLetters({ client, bound, lists: lists.length, clock, mask });
}

function stockOf(
  { client, clock, config, log, metrics, pumps }: Surroundings,
  lists: readonly SourceList[],
) {
  const routes = pumps.map(({ entry }) => entry.name);
  const { key } = uptimeList(config.redis);
  return new Stock({ client, clock, log, metrics, lists, routes, uptimeList: key });
}

const noSpill: OpenedSpill = { spill: undefined, problem: undefined };

/** Threads share what is in Redis; what is in memory they cannot. */
const threadsOf = ({ config, cores }: Surroundings, { kind }: Way): number =>
  kind === 'streams' ? workersFor(config.workers, cores) : 1;

function planOf(parts: Surroundings, way: Way): Plan {
  const { config, pumps, log } = parts;
  const { kind, bounds } = way;
  const plan = planThreads({ pumps, workers: threadsOf(parts, way), bounds });
  const main = log.child({ prefix: 'main' });
  if (plan.workers.length > 0)
    main.info({ workers: plan.workers.length }, 'Worker threads read and deliver.');
  else if ((config.workers ?? 1) > 1)
    main.info(
      { workers: config.workers, way: kind },
      'No worker threads: the pumps, or the way records are taken, need the main thread.',
    );
  return plan;
}

/** What is popped a crash loses, whatever the pump could guarantee. */
function sayPump({ log }: Surroundings, checked: CheckedPump, { kind }: Way): void {
  const { entry, pump } = checked;
  const guarantee = kind === 'popping' ? 'at-most-once' : pump.guarantee;
  routeLog(log, checked).info({ guarantee, repeats: pump.repeats }, `Init Pump: ${entry.name}`);
}

/** The main thread's share of what is divided among threads. */
function ofMainThread(parts: Surroundings, { main, workers, spillBytes }: Plan) {
  const routes = main.map(({ route }) => route);
  const others = [...new Set(workers.flat().map(({ route }) => route))];
  return { ...parts, routes, others, config: { bounds: { ...parts.config.bounds, spillBytes } } };
}

function createPool(parts: Surroundings, plan: Plan, lists: () => readonly SourceList[]): Pool {
  const { client, config, log } = parts;
  return new Pool({
    ...parts,
    plan,
    lists: lists(),
    giveBack: (consumer, routes) =>
      giveBackAll(client, { lists: lists(), routes, consumer, lease: config.delivery.lease }),
    isSpilling: config.bounds.spillDir !== '',
    onTapped: (tapped) => parts.tap.hear(tapped),
    log: log.child({ prefix: 'main' }),
  });
}

interface Taking {
  readonly parts: Surroundings;
  readonly way: Way;
  readonly spill: OpenedSpill['spill'];
  readonly pool: Pool | undefined;
}

function createPurge(
  taking: Taking,
  inForce: InForce,
): { readonly purge: CurrentPurge; readonly news: PurgeNews | undefined } {
  const { clock, config, feed, instruments, metrics } = taking.parts;
  const [list] = inForce.lists;
  if (feed !== undefined && list !== undefined) {
    const bound = config.bounds.cacheBytes;
    const purge = new FeedPurge({ ...{ clock, metrics, instruments, list, feed }, bound });
    return { purge: new CurrentPurge<Purge>(purge), news: undefined };
  }
  const common = purgeParts(taking, inForce);
  if (taking.way.kind === 'popping')
    return { purge: new CurrentPurge<Purge>(new PopPurge(common)), news: undefined };
  const first = new StreamPurge(common);
  const purge = new CurrentPurge<Purge>(first);
  const latest = (): PurgeNews =>
    (purge.current instanceof StreamPurge ? purge.current : first).news;
  return {
    purge,
    news: {
      settled: (list) => latest().settled(list),
      idle: () => latest().idle(),
      groupMissing: () => latest().groupMissing(),
    },
  };
}

/** The loop that takes the place of another one; there is no such thing where records are fed. */
function nextPurge(taking: Taking, inForce: InForce, earlier: Purge): Purge {
  const common = purgeParts(taking, inForce);
  if (earlier instanceof StreamPurge) return new StreamPurge(common, earlier);
  return earlier instanceof PopPurge ? new PopPurge(common, earlier) : earlier;
}

function purgeParts(
  { parts, way, spill, pool }: Taking,
  { config, pumps, lists, plan }: InForce,
): PurgeParts {
  const { client, clock, consumer, instruments, log, metrics, version } = parts;
  return {
    ...{ client, clock, metrics, lists, consumer, version, instruments },
    log: log.child({ prefix: 'main' }),
    purge: config.purge,
    bounds: { ...way.fit(config.bounds), cacheBytes: plan.cacheBytes },
    delivery: config.delivery,
    routes: pumps.map(({ entry }) => entry.name),
    fromOldest: pumps
      .filter(({ entry }) => entry.startAt === 'oldest')
      .map(({ entry }) => entry.name),
    about: () => aboutText(parts.self()),
    relief: config.bounds.spillDir === '' ? undefined : reliefOf(spill, pool),
    onStocked: (stocked) => pool?.announce(stocked),
  };
}

/** Each route is relieved where it runs. */
function reliefOf(spill: OpenedSpill['spill'], pool: Pool | undefined): Relief | undefined {
  if (pool === undefined) return spill;
  return {
    relieve: (route, list, upTo) =>
      pool.has(route)
        ? pool.relieve(route, list, upTo)
        : (spill?.relieve(route, list, upTo) ?? 'cannot'),
    hasBacklog: (route) =>
      pool.has(route) ? pool.hasBacklog(route) : (spill?.hasBacklog(route) ?? false),
  };
}
