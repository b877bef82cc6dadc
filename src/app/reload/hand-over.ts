import type { Config } from '../../config/config.ts';
import type { EffectiveValue } from '../../config/effective.ts';
import type { CheckedPump } from '../../pump/check-pumps.ts';
import type { SourceList } from '../../purge/lease/lease.ts';
import { keptLists, readLists } from '../../purge/lists.ts';
import type { Purge } from '../../purge/purge.ts';
import type { Controls } from '../../route/controls/controls.ts';
import { homeOf } from '../../route/controls/store.ts';
import type { Stock } from '../../route/dead-letters/stock.ts';
import type { DeadLetters } from '../../route/dead-letters/store.ts';
import type { Spill } from '../../spill/spill.ts';
import type { LogLevel } from '../../telemetry/log.ts';
import type { ExposedMetrics } from '../../telemetry/metrics.ts';
import type { Certificate } from '../admin-tls.ts';
import type { Crew } from '../crew.ts';
import { finishingTime } from '../stop-times.ts';
import type { ConfigTexts } from '../workers/config-texts.ts';
import { type Plan, planThreads } from '../workers/plan.ts';
import type { Pool } from '../workers/pool.ts';
import type { CurrentPurge } from './current-purge.ts';
import type { Difference } from './difference.ts';

/** What a service runs by: replaced as a whole by a reload. */
export interface InForce {
  readonly config: Config;
  readonly pumps: readonly CheckedPump[];
  readonly lists: readonly SourceList[];
  readonly plan: Plan;
}

/** What a reload found. */
export interface Change {
  readonly config: Config;
  readonly pumps: readonly CheckedPump[];
  /** What is in force of it, and who said it. */
  readonly effective: readonly EffectiveValue[];
  readonly difference: Difference;
  readonly texts: ConfigTexts;
  readonly logLevel: LogLevel;
  /** Of the admin server; undefined: it speaks HTTP. */
  readonly certificate: Certificate | undefined;
}

/** The running parts of a service. */
export interface Running {
  readonly purge: CurrentPurge;
  readonly crew: Crew;
  readonly pool: Pool | undefined;
  readonly spill: Spill | undefined;
  readonly stock: Stock | undefined;
  readonly controls: Controls | undefined;
  /** Of the service. */
  readonly stop: AbortSignal;
  readonly metrics: Pick<ExposedMetrics, 'forget'>;
  /** Threads there may be. */
  readonly workers: number;
  readonly makePurge: (inForce: InForce, earlier: Purge) => Purge;
  readonly makeLetters: (inForce: Pick<InForce, 'config' | 'lists'>) => DeadLetters;
  /** By the lines of a start and of a stop. */
  readonly sayBegun: (pump: CheckedPump) => void;
  readonly sayEnded: (pump: CheckedPump) => void;
}

/**
 * From one configuration to another, while records flow. Each route that is changed or gone finishes the ranges of which something
 * was sent, closes its sink and gives back the rest; then the changed one begins. So two sinks of one route never deliver at once. What is one
 * thing (`workers: 'one'`: a file, a port, a page) is opened after every such sink that is on its way out has closed: a file or a
 * port may pass from one route to another. What is unchanged is not touched. kill -9 at any point is one like any other: what is
 * unanswered is leased, or was given back.
 */
export async function handOver(
  running: Running,
  before: InForce,
  { config, pumps, difference, texts, logLevel }: Change,
): Promise<InForce> {
  const { crew, pool, purge, spill, stock, controls, stop } = running;
  const { added, removed, changed } = difference;
  const read = readLists(
    config.redis,
    pumps.map(({ entry }) => entry),
  );
  const lists = keptLists(before.lists, read);
  const { bounds } = config;
  const plan = planThreads({ pumps, workers: running.workers, bounds, before: before.plan });
  const now: InForce = { config, pumps, lists, plan };
  crew.reconfigure({ config, pumps, lists, letters: running.makeLetters(now) });
  spill?.resize(plan.spillBytes);
  await pool?.reconfigure(plan, { lists, texts, logLevel });
  stock?.follow({ lists, routes: pumps.map(({ entry }) => entry.name) });

  const [old, next] = [byName(before.pumps), byName(pumps)];
  const endings = new Map(
    [...removed, ...changed].map((route) => [route, end(running, old.get(route), now)] as const),
  );
  const ofOne = [...endings].filter(([route]) => old.get(route)?.pump.workers === 'one');
  const untilFree = Promise.all(ofOne.map(([, ending]) => ending));
  const claiming = isOtherwise(before, now)
    ? purge.succeed((earlier) => running.makePurge(now, earlier))
    : Promise.resolve();
  const begin = async (route: string): Promise<void> => {
    await endings.get(route);
    const pump = next.get(route);
    if (pump?.pump.workers === 'one') await untilFree;
    // The groups of a new route are made by the loop that knows it.
    if (!old.has(route)) await claiming;
    if (pump === undefined) return;
    // One that is paused does not begin.
    const home = homeOf(config.redis, pump.entry).key;
    await controls?.add({ route, home }, stop);
    running.sayBegun(pump);
    const assignment = plan.main.find((each) => each.route === route);
    if (assignment !== undefined) await crew.beginRoute(assignment);
    await pool?.beginRoute(route);
  };
  await Promise.all([...[...changed, ...added].map(begin), ...endings.values(), claiming]);
  for (const route of removed) {
    controls?.remove(route);
    pool?.forget(route);
    await running.metrics.forget('route', route);
  }
  return now;
}

const byName = (pumps: readonly CheckedPump[]): ReadonlyMap<string, CheckedPump> =>
  new Map(pumps.map((pump) => [pump.entry.name, pump]));

async function end(
  { crew, pool, sayEnded }: Running,
  pump: CheckedPump | undefined,
  { config, plan }: InForce,
): Promise<void> {
  if (pump === undefined) return;
  const { name } = pump.entry;
  const grace = finishingTime(config.delivery);
  await Promise.all([crew.endRoute(name, grace), pool?.endRoute(name, grace)]);
  if (!plan.main.some(({ route }) => route === name)) await crew.removeRoute(name);
  sayEnded(pump);
}

/** Whether the purge loop has to do something else than before. */
function isOtherwise(before: InForce, now: InForce): boolean {
  const of = ({ config, pumps, lists, plan }: InForce): string =>
    JSON.stringify([
      pumps.map(({ entry }) => [entry.name, entry.startAt]),
      lists.map(({ key, readers }) => [key, readers]),
      config.purge,
      config.bounds,
      config.delivery,
      plan.cacheBytes,
    ]);
  return of(before) !== of(now);
}
