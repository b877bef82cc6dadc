import { explain } from '../lib/errors.ts';
import { type RouteLedger, type Survey, survey, totals } from '../purge/bounds/survey.ts';
import { findSegments, withoutName } from '../purge/claim/unnamed.ts';
import type { SourceList } from '../purge/lease/lease.ts';
import { bookedOutcomes } from '../purge/scripts/settle.ts';
import type { RedisClient } from '../redis/client.ts';
import { isOutage } from '../redis/connect-outage.ts';
import { segmentKey } from '../redis/keys.ts';
import { deadBooks, type LetterBook } from '../route/dead-letters/desk.ts';
import { letterOutcomes } from '../route/dead-letters/scripts/keys.ts';
import { type CommandContext, type ExitCode, loadOrSay } from './command-context.ts';
import type { Command } from './command-line/commands.ts';
import { configLists } from './config-lists.ts';
import { instanceLines, liveInstances } from './instances.ts';
import { knownLists } from './known-lists.ts';
import { count } from './progress.ts';
import { table } from './table.ts';
import { type ConnectRedis, withRedis } from './with-redis.ts';

export type StatusCommand = Extract<Command, { kind: 'status' }>;

/** `sluice status`: the ledger of every route, its lag, and what Redis holds. Over all instances; changes nothing. */
export async function status(
  { flags }: StatusCommand,
  context: CommandContext,
  { connect }: { readonly connect: ConnectRedis },
): Promise<ExitCode> {
  const config = await loadOrSay(flags.conf, context);
  if (config === undefined) return 1;
  return withRedis({ config: config.redis, connect }, context, async (client) => {
    const lists = await configLists(client, config);
    const known = await knownLists(client, lists, context);
    const surveys = await Promise.all(known.map((list) => survey(client, list)));
    for (const line of statusLines(surveys)) context.stdout.write(`${line}\n`);
    const books = await deadBooks(
      client,
      known.map(({ key }) => key),
    );
    for (const line of letterLines(books)) context.stdout.write(`${line}\n`);
    context.stdout.write(`${await waitingLine(client, surveys)}\n`);
    const live = await liveInstances(client, known, config.delivery.lease * 2);
    for (const line of instanceLines(live)) context.stdout.write(`${line}\n`);
    const unnamed = await unnamedLine(client, known, context.signal);
    if (unnamed !== undefined) context.stdout.write(`${unnamed}\n`);
    return known.length === lists.length ? 0 : 1;
  });
}

/** A row per route: claimed is the sum of what follows it. */
function statusLines(surveys: readonly Survey[]): readonly string[] {
  const titles = [
    'ROUTE',
    'CLAIMED',
    ...bookedOutcomes.map((name) => name.toUpperCase()),
    'PENDING',
    'LAG',
  ];
  const rows = totals(surveys)
    .toSorted((a, b) => a.route.localeCompare(b.route))
    .map((ledger) => row(ledger, surveys));
  if (rows.length === 0) return ['No route has claimed anything yet.'];
  return table([titles, ...rows]);
}

/** What became of the rejected: stored is the sum of what follows it. Nothing where nothing ever was. */
function letterLines(books: readonly LetterBook[]): readonly string[] {
  if (books.length === 0) return [];
  const [, ...ends] = letterOutcomes;
  const titles = [
    'DEAD LETTERS OF',
    'STORED',
    'NOW',
    ...ends.map((end) => end.toUpperCase()),
    'LOST',
  ];
  const rows = books
    .toSorted((a, b) => a.route.localeCompare(b.route))
    .map(({ route, now, booked, lost }) => [
      route,
      count(booked.stored),
      count(now),
      ...ends.map((end) => count(booked[end])),
      count(lost),
    ]);
  return [
    '',
    'REJECTED counts for ever, also what was redelivered or purged since:',
    ...table([titles, ...rows]),
    '',
  ];
}

function row({ route, claimed, booked, pending }: RouteLedger, surveys: readonly Survey[]) {
  return [
    route,
    count(claimed),
    ...bookedOutcomes.map((outcome) => count(booked[outcome])),
    count(pending),
    `${Math.round(lagOf(route, surveys) / 1000)} s`,
  ];
}

/** Age of the oldest claim the route has not answered for, in milliseconds. */
function lagOf(route: string, surveys: readonly Survey[]): number {
  const ages = surveys.flatMap(({ now, standings }) =>
    standings
      .filter((standing) => standing.route === route && standing.oldest !== '')
      .map(({ oldest }) => now - Number(oldest.split('-')[0])),
  );
  return Math.max(0, ...ages);
}

async function waitingLine(client: RedisClient, surveys: readonly Survey[]): Promise<string> {
  const lengths = await Promise.all(surveys.map(({ list }) => client.llen(list.key)));
  const waiting = lengths.reduce((sum, length) => sum + length, 0);
  const segments = surveys.reduce((sum, each) => sum + each.segments.length, 0);
  const bytes = surveys.reduce((sum, { retained }) => sum + retained, 0);
  return `${count(waiting)} records wait in the gateway’s lists; Redis holds ${count(segments)} segments of ${count(bytes)} bytes.`;
}

/** What a half-done claim has left; undefined: nothing. */
async function unnamedLine(
  client: RedisClient,
  lists: readonly SourceList[],
  signal: AbortSignal,
): Promise<string | undefined> {
  let unnamed: Awaited<ReturnType<typeof withoutName>>;
  try {
    unnamed = await withoutName(client, await findSegments(client, lists, signal));
  } catch (error) {
    if (signal.aborted || isOutage(error)) throw error;
    return `Segments that nothing names cannot be looked for: ${explain(error)}.`;
  }
  if (unnamed.length === 0) return undefined;
  const keys = unnamed.flatMap(({ list, segments }) => segments.map((id) => segmentKey(list, id)));
  // One that is no list was never a segment.
  const lengths = await Promise.all(keys.map((key) => client.llen(key).catch(() => 0)));
  const records = lengths.reduce((sum, length) => sum + length, 0);
  return `${count(records)} records lie in ${count(keys.length)} segments that nothing names: the next start delivers them, a running instance within half an hour.`;
}
