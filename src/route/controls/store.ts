/**
 * What operators want of a route, beside the configuration. It lies in Redis, in a hash that goes with the first list which
 * the route reads (`{K}:controls`), so that it holds for all instances, survives their ends, and needs no rights that they do
 * not have. Fields are `<route>|<control>`:
 *
 * - `paused`: nothing is sent to its sink. `{"by":…,"at":…}`
 * - `rate`: most that it is sent in a second, instead of what the configuration says; `null`: as much as its sink takes.
 *   `{"records":500,"bytes":null,"by":…,"at":…}`
 * - `credit`: what of the rate in force nobody has used yet (grants.ts)
 * - `last`: the last change, for the logs of those who take it up. `{"what":…,"by":…,"at":…}`
 *
 * Of `paused` it counts that it is there, whatever somebody else has written: what was to be paused does not begin. A `rate` that
 * says nothing is none.
 */
import type { RedisConfig } from '../../config/config.ts';
import type { SourceList } from '../../purge/lease/lease.ts';
import { sourceLists, uptimeList } from '../../purge/lists.ts';
import { decoders } from '../../record/decoders.ts';
import type { RedisClient } from '../../redis/client.ts';
import { controlsKey, stateKey } from '../../redis/keys.ts';
import { runScript } from '../../redis/script.ts';
import type { Rate } from '../pace/rate.ts';
import { controlScript, renameControlsScript } from './scripts/control.ts';

/** Who said something, and when. */
export interface Told {
  /** `user@host` of the command, where known. */
  readonly by: string;
  /** UTC, as ISO 8601 has it. */
  readonly at: string;
}

/** The last change, in words. */
export interface Change extends Told {
  readonly what: string;
}

export interface RouteControls {
  readonly paused: Told | undefined;
  readonly rate: (Told & Rate) | undefined;
  readonly last: Change | undefined;
}

const fields = ['paused', 'rate', 'last'] as const;

export const noControls: RouteControls = { paused: undefined, rate: undefined, last: undefined };

/** The list with which the controls of a route go: always the same one, whoever asks. */
export function homeOf(
  redis: Pick<RedisConfig, 'keyPrefix' | 'uptimeKeyPrefix'>,
  { records }: { readonly records: 'analytics' | 'uptime' },
): SourceList {
  if (records === 'uptime') return uptimeList(redis);
  const [home] = sourceLists(redis.keyPrefix, decoders);
  return home ?? uptimeList(redis);
}

/** Of routes with the same home, in their order. */
export async function readControls(
  client: RedisClient,
  home: string,
  routes: readonly string[],
): Promise<readonly RouteControls[]> {
  const asked = routes.flatMap((route) => fields.map((field) => `${route}|${field}`));
  if (asked.length === 0) return [];
  const found = await client.hmget(controlsKey(home), ...asked);
  return routes.map((_route, at) => controlsOf(found.slice(at * fields.length)));
}

const controlsOf = ([paused, rate, last]: readonly (
  | string
  | null
  | undefined
)[]): RouteControls => ({
  paused: typeof paused === 'string' ? toldOf(objectOf(paused)) : undefined,
  rate: typeof rate === 'string' ? rateOf(objectOf(rate)) : undefined,
  last: typeof last === 'string' ? changeOf(objectOf(last)) : undefined,
});

/** Nothing of the route is sent until it is resumed. */
export const pauseRoute = (
  client: RedisClient,
  home: string,
  route: string,
  told: Told,
): Promise<void> => change(client, home, route, { ...told, what: 'pause' }, { paused: told });

export const resumeRoute = (
  client: RedisClient,
  home: string,
  route: string,
  told: Told,
): Promise<void> => change(client, home, route, { ...told, what: 'resume' }, { paused: undefined });

/** From now on, whatever the configuration says. */
export const setRate = (
  client: RedisClient,
  home: string,
  route: string,
  { rate, ...told }: Told & { readonly rate: Rate },
): Promise<void> => {
  const { records = null, bytes = null } = rate;
  const what = `rate ${records ?? '-'} records/s, ${bytes ?? '-'} bytes/s`;
  return change(client, home, route, { ...told, what }, { rate: { records, bytes, ...told } });
};

/** What the configuration says holds again. */
export const dropRate = (
  client: RedisClient,
  home: string,
  route: string,
  told: Told,
): Promise<void> => change(client, home, route, { ...told, what: 'rate off' }, { rate: undefined });

/** Only for the logs of those who notice it. */
export const note = (
  client: RedisClient,
  home: string,
  route: string,
  last: Change,
): Promise<void> => change(client, home, route, last, {});

/** What `renameScript` does with a route's place. Returns how many controls the new name got. */
export async function renameControls(
  client: RedisClient,
  home: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<number> {
  const keys = [controlsKey(home), stateKey(home)];
  return Number(
    await runScript(client, renameControlsScript, keys, [from, to, ...fields, 'credit']),
  );
}

async function change(
  client: RedisClient,
  home: string,
  route: string,
  last: Change,
  wanted: Readonly<Partial<Record<(typeof fields)[number], object | undefined>>>,
): Promise<void> {
  const gone: string[] = [];
  const said = [`${route}|last`, JSON.stringify(last)];
  for (const [control, value] of Object.entries(wanted))
    if (value === undefined) gone.push(`${route}|${control}`);
    else said.push(`${route}|${control}`, JSON.stringify(value));
  const keys = [controlsKey(home), stateKey(home)];
  await runScript(client, controlScript, keys, [gone.length, ...gone, ...said]);
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

const toldOf = ({ by, at }: Readonly<Record<string, unknown>>): Told => ({
  by: textOf(by),
  at: textOf(at),
});

const changeOf = (found: Readonly<Record<string, unknown>>): Change => ({
  ...toldOf(found),
  what: textOf(found['what']),
});

/** Undefined: nobody of ours has written that. */
function rateOf(found: Readonly<Record<string, unknown>>): (Told & Rate) | undefined {
  const { records, bytes } = found;
  if (!isLimit(records) || !isLimit(bytes)) return undefined;
  return { records: records ?? undefined, bytes: bytes ?? undefined, ...toldOf(found) };
}

const isLimit = (value: unknown): value is number | null =>
  value === null || (typeof value === 'number' && Number.isFinite(value) && value >= 1);

const longest = 200;

const textOf = (value: unknown): string =>
  typeof value === 'string' && value !== '' ? value.slice(0, longest) : 'unknown';
