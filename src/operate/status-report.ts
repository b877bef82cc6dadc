import { explain } from '../lib/errors.ts';
import { type RouteLedger, type Survey, survey, totals } from '../purge/bounds/survey.ts';
import { findSegments, withoutName } from '../purge/claim/unnamed.ts';
import type { SourceList } from '../purge/lease/lease.ts';
import type { RedisClient } from '../redis/client.ts';
import { isOutage } from '../redis/connect-outage.ts';
import { segmentKey } from '../redis/keys.ts';
import type { Told } from '../route/controls/store.ts';
import { deadBooks, type LetterBook } from '../route/dead-letters/desk.ts';
import { controlsByName, lagOf } from './controls.ts';
import { type ExpiryReport, reportExpiry } from './expiry-report.ts';
import { type LiveInstance, liveInstances } from './instances.ts';

/** What became of every record, and what is left to do, over all instances. */
export interface StatusReport extends ExpiryReport {
  /** By name. */
  readonly routes: readonly RouteStatus[];
  /** Of the routes that ever had some, by name. */
  readonly deadLetters: readonly LetterBook[];
  /** Records in the gateway's lists. */
  readonly waiting: number;
  readonly segments: number;
  readonly retainedBytes: number;
  readonly instances: readonly LiveInstance[];
  /** What a half-done claim has left; or why that cannot be known. */
  readonly unnamed:
    | { readonly segments: number; readonly records: number }
    | { readonly problem: string };
}

export interface RouteStatus
  extends Pick<RouteLedger, 'route' | 'claimed' | 'booked' | 'redelivered' | 'pending'> {
  /** Age of the oldest claim that it has not answered for. */
  readonly lagSeconds: number;
  /** By whom, and since when; null: it is not. */
  readonly paused: Told | null;
}

/**
 * Asks Redis; changes nothing. `idle`: milliseconds after which a consumer that reads nothing counts as gone. `unnamed`: what is
 * known of unnamed segments already, for which all of Redis would be looked through.
 */
export async function reportStatus(
  client: RedisClient,
  lists: readonly SourceList[],
  {
    idle,
    signal,
    unnamed,
  }: {
    readonly idle: number;
    readonly signal: AbortSignal;
    readonly unnamed?: StatusReport['unnamed'] | undefined;
  },
): Promise<StatusReport> {
  const surveys = await surveysOf(client, lists);
  const keys = lists.map(({ key }) => key);
  const lengths = await Promise.all(keys.map((key) => client.llen(key)));
  return {
    routes: await statusesOf(client, lists, surveys),
    deadLetters: byName(await deadBooks(client, keys)),
    waiting: sum(lengths),
    ...(await reportExpiry(client, lists)),
    segments: sum(surveys.map(({ segments }) => segments.length)),
    retainedBytes: sum(surveys.map(({ retained }) => retained)),
    instances: await liveInstances(client, lists, idle),
    unnamed: unnamed ?? (await unnamedSegments(client, lists, signal)),
  };
}

/** The books of every route alone; `surveys`: where somebody has made them already. */
export const routeStatuses = async (
  client: RedisClient,
  lists: readonly SourceList[],
  surveys?: readonly Survey[],
): Promise<readonly RouteStatus[]> =>
  statusesOf(client, lists, surveys ?? (await surveysOf(client, lists)));

export const surveysOf = (
  client: RedisClient,
  lists: readonly SourceList[],
): Promise<readonly Survey[]> => Promise.all(lists.map((list) => survey(client, list)));

async function statusesOf(
  client: RedisClient,
  lists: readonly SourceList[],
  surveys: readonly Survey[],
): Promise<readonly RouteStatus[]> {
  const ledgers = byName(totals(surveys));
  const controls = await controlsByName(
    client,
    lists,
    ledgers.map(({ route }) => route),
  );
  return ledgers.map(({ route, claimed, booked, redelivered, pending }) => ({
    ...{ route, claimed, booked, redelivered, pending },
    lagSeconds: lagOf(route, surveys) / 1000,
    paused: controls.get(route)?.paused ?? null,
  }));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);

const byName = <T extends { readonly route: string }>(each: readonly T[]): readonly T[] =>
  each.toSorted((a, b) => a.route.localeCompare(b.route));

async function unnamedSegments(
  client: RedisClient,
  lists: readonly SourceList[],
  signal: AbortSignal,
): Promise<StatusReport['unnamed']> {
  let found: Awaited<ReturnType<typeof withoutName>>;
  try {
    found = await withoutName(client, await findSegments(client, lists, signal));
  } catch (error) {
    if (signal.aborted || isOutage(error)) throw error;
    return { problem: explain(error) };
  }
  const keys = found.flatMap(({ list, segments }) => segments.map((id) => segmentKey(list, id)));
  // One that is no list was never a segment.
  const lengths = await Promise.all(keys.map((key) => client.llen(key).catch(() => 0)));
  return { segments: keys.length, records: sum(lengths) };
}
