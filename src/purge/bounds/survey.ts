import type { RedisClient } from '../../redis/client.ts';
import { ledgerKey, manifestKey, segmentsKey, stateKey } from '../../redis/keys.ts';
import { runScript } from '../../redis/script.ts';
import type { SourceList } from '../lease/lease.ts';
import { bookedOutcomes, type Outcome } from '../scripts/settle.ts';
import { surveyScript } from '../scripts/survey.ts';

/** Where one route stands on one list. */
export interface Standing {
  readonly route: string;
  /** First manifest entry it has not answered for; empty: it has answered for all. */
  readonly oldest: string;
  /** Records it has not answered for, at most (answers out of order are not subtracted). */
  readonly lag: number;
}

/** What became of the records a route was to answer for on one list, since its group exists. Over all instances. */
export interface RouteLedger {
  readonly route: string;
  readonly claimed: number;
  readonly booked: Readonly<Record<Outcome, number>>;
  /** Of those claimed: given to it again, after it had answered for them. */
  readonly redelivered: number;
  /** Not answered for yet. */
  readonly pending: number;
}

export interface SegmentInfo {
  readonly lastEntry: string;
  readonly bytes: number;
}

export interface Survey {
  readonly list: SourceList;
  /** Redis clock, milliseconds since the epoch. */
  readonly now: number;
  readonly retained: number;
  readonly standings: readonly Standing[];
  readonly ledgers: readonly RouteLedger[];
  /** Oldest first. */
  readonly segments: readonly SegmentInfo[];
  /** Bytes of records that Redis cannot send and keeps as dead letters. */
  readonly unread: number;
}

const mostSegments = 1000;

export async function survey(client: RedisClient, list: SourceList): Promise<Survey> {
  const { key } = list;
  const reply = await runScript(
    client,
    surveyScript,
    [manifestKey(key), stateKey(key), segmentsKey(key), ledgerKey(key)],
    [mostSegments],
  );
  const [now, retained, claimed, groups, segments, ledger, unread] = reply as [
    number,
    number,
    number,
    [string, string, number][],
    string[],
    string[],
    number,
  ];
  return {
    list,
    now,
    retained,
    unread,
    standings: groups.map(([route, oldest, lag]) => ({ route, oldest, lag })),
    ledgers: ledgersOf(claimed, ledger),
    segments: segments.map((text) => {
      const [, lastEntry = '', bytes = '0'] = text.split('|');
      return { lastEntry, bytes: numberOf(bytes) };
    }),
  };
}

/** From the fields of the ledger hash, names and values in turn. */
function ledgersOf(claimed: number, fields: readonly string[]): readonly RouteLedger[] {
  const values = new Map<string, number>();
  for (let at = 0; at + 1 < fields.length; at += 2)
    values.set(fields[at] ?? '', numberOf(fields[at + 1]));
  return [...values.keys()]
    .filter((field) => field.endsWith(originField))
    .map((field) => {
      const route = field.slice(0, -originField.length);
      const expected = Math.max(0, claimed - (values.get(field) ?? 0));
      const of = (name: string): number => values.get(`${route}|${name}`) ?? 0;
      const found = Object.fromEntries(
        bookedOutcomes.map((outcome) => [outcome, of(outcome)]),
      ) as Record<Outcome, number>;
      const skipped = Math.min(found.skipped, found.shed);
      const stale = Math.min(found.stale, found.filtered);
      const shed = found.shed - skipped;
      const booked = { ...found, skipped, shed, stale, filtered: found.filtered - stale };
      const answered = Object.values(booked).reduce((sum, records) => sum + records, 0);
      const redelivered = of('redelivered');
      const pending = Math.max(0, expected - answered);
      return { route, claimed: expected, booked, redelivered, pending };
    });
}

/** A group has no books: somebody has deleted them, and tidying mends that. */
export const lacksBooks = ({ standings, ledgers }: Survey): boolean =>
  standings.some(({ route }) => ledgers.every((ledger) => ledger.route !== route));

/** 0 for what is no number of ours; upkeep mends it. */
const numberOf = (text = ''): number => (/^-?\d{1,15}$/.test(text) ? Number(text) : 0);

/** One ledger per route, over all lists. */
export function totals(surveys: readonly Survey[]): readonly RouteLedger[] {
  const byRoute = new Map<string, RouteLedger>();
  for (const { ledgers } of surveys)
    for (const ledger of ledgers) {
      const known = byRoute.get(ledger.route);
      byRoute.set(ledger.route, known === undefined ? ledger : added(known, ledger));
    }
  return [...byRoute.values()];
}

function added(a: RouteLedger, b: RouteLedger): RouteLedger {
  const booked = Object.fromEntries(
    bookedOutcomes.map((outcome) => [outcome, a.booked[outcome] + b.booked[outcome]]),
  ) as Record<Outcome, number>;
  return {
    route: a.route,
    claimed: a.claimed + b.claimed,
    booked,
    redelivered: a.redelivered + b.redelivered,
    pending: a.pending + b.pending,
  };
}

const originField = '|from';
