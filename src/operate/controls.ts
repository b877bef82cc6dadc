import type { Config, PumpEntry } from '../config/config.ts';
import { type Survey, survey, totals } from '../purge/bounds/survey.ts';
import type { SourceList } from '../purge/lease/lease.ts';
import type { RedisClient } from '../redis/client.ts';
import { rewindOn, skipOn } from '../route/again.ts';
import {
  dropRate,
  homeOf,
  noControls,
  note,
  pauseRoute,
  type RouteControls,
  readControls,
  resumeRoute,
  setRate,
  type Told,
} from '../route/controls/store.ts';
import type { Rate } from '../route/pace/rate.ts';

/** A configured route, what operators want of it, and where it stands; over all instances. */
export interface ControlledRoute {
  readonly route: string;
  /** The pump's type. */
  readonly pump: string;
  readonly state: 'running' | 'paused';
  readonly paused: Told | null;
  /** Most that its sink is sent in a second; null: as much as it takes. */
  readonly rate: RateInForce | null;
  /** Records it has not answered for. */
  readonly pending: number;
  readonly lagSeconds: number;
}

export interface RateInForce {
  readonly records: number | null;
  readonly bytes: number | null;
  /** Who says otherwise than the configuration; null: nobody. */
  readonly said: Told | null;
}

/** The route of a configuration that was meant: names are upper case there, but for that of uptime records. */
export const routeNamed = (
  { pumps }: Pick<Config, 'pumps'>,
  typed: string,
): PumpEntry | undefined =>
  pumps.find(({ name }) => name === typed) ??
  pumps.find(({ name }) => name === typed.toUpperCase());

/** Asks Redis; changes nothing. */
export async function listRoutes(
  client: RedisClient,
  config: Pick<Config, 'pumps' | 'redis'>,
  lists: readonly SourceList[],
): Promise<readonly ControlledRoute[]> {
  const surveys = await Promise.all(lists.map((list) => survey(client, list)));
  const ledgers = totals(surveys);
  return Promise.all(
    config.pumps.map(async (entry) => {
      const { name: route, type: pump } = entry;
      const controls = await controlsOf(client, config, entry);
      const { paused } = controls;
      return {
        route,
        pump,
        state: paused === undefined ? 'running' : 'paused',
        paused: paused ?? null,
        rate: rateInForce(entry, controls),
        pending: ledgers.find((ledger) => ledger.route === route)?.pending ?? 0,
        lagSeconds: lagOf(route, surveys) / 1000,
      };
    }),
  );
}

/** Age of the oldest claim that a route has not answered for, in milliseconds. */
export function lagOf(route: string, surveys: readonly Survey[]): number {
  const ages = surveys.flatMap(({ now, standings }) =>
    standings
      .filter((standing) => standing.route === route && standing.oldest !== '')
      .map(({ oldest }) => now - Number(oldest.split('-')[0])),
  );
  return Math.max(0, ...ages);
}

export async function controlsOf(
  client: RedisClient,
  { redis }: Pick<Config, 'redis'>,
  entry: PumpEntry,
): Promise<RouteControls> {
  const [controls] = await readControls(client, homeOf(redis, entry).key, [entry.name]);
  return controls ?? noControls;
}

/** What is wanted of routes that Redis knows, configured here or not. */
export async function controlsByName(
  client: RedisClient,
  lists: readonly SourceList[],
  routes: readonly string[],
): Promise<ReadonlyMap<string, RouteControls>> {
  const found = new Map<string, RouteControls>();
  for (const records of ['analytics', 'uptime'] as const) {
    const home = lists.find(({ decoder }) => decoder.records === records);
    const names = routes.filter((route) => (route === uptimeRoute) === (records === 'uptime'));
    if (home === undefined) continue;
    const controls = await readControls(client, home.key, names);
    for (const [at, route] of names.entries()) found.set(route, controls[at] ?? noControls);
  }
  return found;
}

/** Named so whatever its pump; those of calls are in upper case. */
const uptimeRoute = 'uptime';

/** What an operator says, else the configuration. */
export function rateInForce(
  { limits }: Pick<PumpEntry, 'limits'>,
  { rate: said }: Pick<RouteControls, 'rate'>,
): RateInForce | null {
  const rate = said ?? limits.rate;
  if (rate === undefined) return null;
  return {
    records: rate.records ?? null,
    bytes: rate.bytes ?? null,
    said: said === undefined ? null : { by: said.by, at: said.at },
  };
}

/** Whether something changed, and what holds now. Said again it changes nothing, and who said it first stays. */
export interface Paused {
  readonly hasChanged: boolean;
  readonly paused: Told | undefined;
}

/** Nothing more goes to the route's sink, in no instance: deliveries, questions, connections. */
export async function pause(
  client: RedisClient,
  config: Pick<Config, 'redis'>,
  entry: PumpEntry,
  told: Told,
): Promise<Paused> {
  const { paused } = await controlsOf(client, config, entry);
  if (paused !== undefined) return { hasChanged: false, paused };
  await pauseRoute(client, homeOf(config.redis, entry).key, entry.name, told);
  return { hasChanged: true, paused: told };
}

export async function resume(
  client: RedisClient,
  config: Pick<Config, 'redis'>,
  entry: PumpEntry,
  told: Told,
): Promise<Paused> {
  const { paused } = await controlsOf(client, config, entry);
  if (paused === undefined) return { hasChanged: false, paused };
  await resumeRoute(client, homeOf(config.redis, entry).key, entry.name, told);
  return { hasChanged: true, paused: undefined };
}

/** Over all lists of the route, and what changed is kept for the logs of the instances. */
export async function rewind(
  client: RedisClient,
  config: Pick<Config, 'redis' | 'delivery'>,
  entry: PumpEntry,
  {
    since,
    lists,
    ...told
  }: Told & { readonly since: number; readonly lists: readonly SourceList[] },
): Promise<{ readonly records: number; readonly oldest: number | undefined }> {
  const { lease } = config.delivery;
  const own = lists.filter(({ decoder }) => decoder.records === entry.records);
  let records = 0;
  let oldest: number | undefined;
  for (const list of own) {
    const rewound = await rewindOn(client, list, { route: entry.name, since, lease });
    records += rewound.records;
    if (rewound.oldest !== undefined) oldest = Math.min(oldest ?? Infinity, rewound.oldest);
  }
  const what = `rewind to ${new Date(since).toISOString()}, ${records} records`;
  await note(client, homeOf(config.redis, entry).key, entry.name, { ...told, what });
  return { records, oldest };
}

/** What waits for the route in Redis is left out. */
export async function skipToNow(
  client: RedisClient,
  config: Pick<Config, 'redis'>,
  entry: PumpEntry,
  { lists, ...told }: Told & { readonly lists: readonly SourceList[] },
): Promise<number> {
  const own = lists.filter(({ decoder }) => decoder.records === entry.records);
  let records = 0;
  for (const list of own) records += await skipOn(client, list, entry.name);
  const what = `skip to now, ${records} records`;
  await note(client, homeOf(config.redis, entry).key, entry.name, { ...told, what });
  return records;
}

/** From now on, until it is taken back: `undefined`. Gives what is in force then. */
export async function changeRate(
  client: RedisClient,
  config: Pick<Config, 'redis'>,
  entry: PumpEntry,
  { rate, ...told }: Told & { readonly rate: Rate | undefined },
): Promise<RateInForce | null> {
  const { key } = homeOf(config.redis, entry);
  if (rate === undefined) await dropRate(client, key, entry.name, told);
  else await setRate(client, key, entry.name, { ...told, rate });
  return rateInForce(entry, { rate: rate && { ...rate, ...told } });
}
