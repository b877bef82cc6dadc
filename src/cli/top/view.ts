/** What is known of an instance at one moment, from the answers of its Admin API; whatever is in them, it is read as what it should be. */
import { isObject } from '../../config/options/json.ts';

type Json = Readonly<Record<string, unknown>>;

export interface RouteView {
  readonly route: string;
  readonly pump: string;
  /** In words. */
  readonly state: string;
  readonly isPaused: boolean;
  readonly isWell: boolean;
  readonly reason: string;
  readonly breaker: string;
  readonly pace: number;
  readonly batches: number;
  readonly delivered: number;
  readonly failed: number;
  readonly lastError: { readonly at: number; readonly reason: string } | undefined;
  readonly lastDelivery: number | undefined;
  readonly pausedBy: string;
  readonly threads: readonly { readonly thread: number; readonly words: string }[];
  /** Records without an answer, and how old the oldest is; undefined: Redis cannot be asked. */
  readonly lag: number | undefined;
  readonly age: number | undefined;
  readonly deadLetters: number | undefined;
}

export interface View {
  /** In milliseconds since the epoch. */
  readonly at: number;
  readonly name: string;
  readonly version: string;
  /** When it began; undefined: it is not known. */
  readonly since: number | undefined;
  /** Instances on the same lists, this one included. */
  readonly instances: number;
  /** Why there are no books; empty: Redis answers. */
  readonly redisProblem: string;
  /** Empty: it is not known. */
  readonly mode: string;
  /** Claiming pauses at the bound. */
  readonly isHolding: boolean;
  readonly retained: number | undefined;
  readonly bound: number | undefined;
  readonly waiting: number | undefined;
  readonly routes: readonly RouteView[];
}

/** The bodies of the answers; undefined: there was none. */
export interface Answers {
  readonly routes: unknown;
  readonly instances: unknown;
  readonly status: unknown;
  readonly configuration: unknown;
  readonly overview: unknown;
}

export function viewOf(
  { routes, instances, status, configuration, overview }: Answers,
  at: number,
): View {
  const all = listIn(instances, 'instances');
  const here = all.find((each) => each['here'] === true) ?? {};
  const letters = listIn(status, 'dead_letters');
  return {
    at,
    name: text(here['name']),
    version: text(here['version']),
    since: time(here['since']),
    instances: all.length,
    redisProblem: text(isObject(routes) ? routes['problem'] : ''),
    retained: number(isObject(status) ? status['retained_bytes'] : undefined),
    mode: text(isObject(overview) ? overview['mode'] : ''),
    isHolding: isObject(overview) && overview['holding'] === true,
    bound: number(objectIn(overview, 'bound')['retained_bytes']) ?? boundIn(configuration),
    waiting: number(isObject(status) ? status['waiting'] : undefined),
    routes: listIn(routes, 'routes').map((each) => routeOf(each, letters)),
  };
}

function routeOf(said: Json, letters: readonly Json[]): RouteView {
  const route = text(said['route']);
  const here = objectIn(said, 'here');
  const books = objectIn(said, 'books');
  const rates = objectIn(here, 'rates');
  const flight = objectIn(here, 'in_flight');
  const error = objectIn(here, 'last_error');
  const sink = text(objectIn(here, 'sink')['state']);
  const paused = objectIn(books, 'paused');
  const isPaused = here['state'] === 'paused' || Object.keys(paused).length > 0;
  const state = stateOf(said, { sink, isPaused });
  return {
    route,
    pump: text(said['pump']),
    state,
    isPaused,
    isWell: state === 'running',
    reason: text(here['reason']) || text(said['missing']),
    breaker: text(here['breaker']),
    pace: number(here['pace']) ?? 0,
    batches: number(flight['batches']) ?? 0,
    delivered: number(rates['delivered']) ?? 0,
    failed: (number(rates['rejected']) ?? 0) + (number(rates['retried']) ?? 0),
    lastError:
      Object.keys(error).length === 0
        ? undefined
        : { at: time(error['at']) ?? 0, reason: text(error['reason']) },
    lastDelivery: time(here['last_delivery']),
    pausedBy: text(paused['by']),
    threads: listIn(here, 'threads').map((each) => ({
      thread: number(each['thread']) ?? 0,
      words: threadWords(each),
    })),
    lag: number(books['pending']),
    age: number(books['lag_seconds']),
    deadLetters: number(letters.find((each) => each['route'] === route)?.['now']) ?? 0,
  };
}

function stateOf(
  said: Json,
  { sink, isPaused }: { readonly sink: string; readonly isPaused: boolean },
): string {
  if (isPaused) return 'paused';
  if (!isObject(said['here'])) return 'not here';
  const state = text(said['here']['state']);
  return state === 'running' && sink === 'down' ? 'sink down' : state;
}

function threadWords(thread: Json): string {
  const problem = text(thread['problem']);
  if (problem !== '') return problem;
  const flight = objectIn(thread, 'in_flight');
  const sink = text(objectIn(thread, 'sink')['state']);
  return `${text(thread['state'])}, sink ${sink}, ${number(flight['batches']) ?? 0} batches, ${number(flight['ranges']) ?? 0} ranges, pace ${number(thread['pace']) ?? 0}`;
}

function boundIn(configuration: unknown): number | undefined {
  const value = listIn(configuration, 'config').find(
    ({ key }) => key === 'sluice.retained_bytes',
  )?.['value'];
  const [, amount = '', unit = ''] =
    /^(\d+(?:\.\d+)?)(B|KiB|MiB|GiB)$/.exec(typeof value === 'string' ? value : '') ?? [];
  const factor = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }[unit];
  return factor === undefined ? number(value) : Number(amount) * factor;
}

const objectIn = (said: unknown, name: string): Json => {
  const inner = isObject(said) ? said[name] : undefined;
  return isObject(inner) ? inner : {};
};

export const listIn = (said: unknown, name: string): readonly Json[] => {
  const inner = isObject(said) ? said[name] : undefined;
  return Array.isArray(inner) ? inner.filter(isObject) : [];
};

export const text = (value: unknown): string => (typeof value === 'string' ? value : '');

export const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

function time(value: unknown): number | undefined {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}
