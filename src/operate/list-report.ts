import { type Survey, survey } from '../purge/bounds/survey.ts';
import type { SourceList } from '../purge/lease/lease.ts';
import { compareEntries } from '../purge/lease/manifest-entry.ts';
import type { RedisClient } from '../redis/client.ts';
import { isOutage } from '../redis/connect-outage.ts';
import { segmentKey, segmentsKey } from '../redis/keys.ts';

/** One of the gateway's lists, and what was claimed of it. */
export interface ListReport {
  readonly list: string;
  readonly records: 'analytics' | 'uptime';
  readonly encoding: 'msgpack' | 'protobuf';
  /** Records that nobody has claimed yet. */
  readonly waiting: number;
  /** Until the gateway's own time-to-live takes them; null: they have none, there are none, or Redis may not tell. */
  readonly expiresInSeconds: number | null;
  readonly segments: number;
  readonly retainedBytes: number;
  readonly routes: readonly {
    readonly route: string;
    /** Records it has not answered for, at most. */
    readonly pending: number;
    readonly lagSeconds: number;
  }[];
}

/** Asks Redis; changes nothing. `surveys`: of the same lists in the same order, where somebody has made them already. */
export const reportLists = (
  client: RedisClient,
  lists: readonly SourceList[],
  surveys: readonly Survey[] = [],
): Promise<readonly ListReport[]> =>
  Promise.all(lists.map((list, at) => reportList(client, list, surveys[at])));

async function reportList(
  client: RedisClient,
  list: SourceList,
  surveyed: Survey | undefined,
): Promise<ListReport> {
  const { key, decoder } = list;
  const [found, waiting, left] = await Promise.all([
    surveyed ?? survey(client, list),
    client.llen(key),
    client.pttl(key).catch(unlessAway(-1)),
  ]);
  return {
    list: key,
    records: decoder.records,
    encoding: decoder.name,
    waiting,
    expiresInSeconds: left < 0 ? null : left / 1000,
    segments: found.segments.length,
    retainedBytes: found.retained,
    routes: found.standings.map(({ route, oldest, lag }) => ({
      route,
      pending: lag,
      lagSeconds: oldest === '' ? 0 : Math.max(0, found.now - dateOf(oldest)) / 1000,
    })),
  };
}

/** Of a manifest entry: its id begins with the milliseconds. */
const dateOf = (entry: string): number => Number(entry.split('-')[0]);

/** A claimed segment, and who has not answered for it in full. */
export interface SegmentReport {
  readonly list: string;
  readonly segment: string;
  /** Null: it is gone, or is no list. */
  readonly records: number | null;
  readonly bytes: number;
  readonly claimed: string;
  readonly waitingFor: readonly string[];
}

/** The oldest segments of a list. */
export async function reportSegments(
  client: RedisClient,
  list: SourceList,
  limit: number,
): Promise<readonly SegmentReport[]> {
  const [found, lines] = await Promise.all([
    survey(client, list),
    client.lrange(segmentsKey(list.key), 0, limit - 1),
  ]);
  return Promise.all(
    lines.map(async (line) => {
      const [segment = '', lastEntry = '', bytes = '0'] = line.split('|');
      const length = await client.llen(segmentKey(list.key, segment)).catch(unlessAway<number>(0));
      return {
        ...{ list: list.key, segment, bytes: Number(bytes) || 0 },
        records: length === 0 ? null : length,
        // Its id begins with the time of Redis in microseconds (scripts/claim.ts).
        claimed: isoOf(Number(/^\d+/.exec(segment)?.[0] ?? 0) / 1000),
        waitingFor: waitingFor(found, lastEntry),
      };
    }),
  );
}

const waitingFor = ({ standings }: Survey, lastEntry: string): readonly string[] =>
  standings
    .filter(({ oldest }) => oldest !== '' && compareEntries(oldest, lastEntry) <= 0)
    .map(({ route }) => route);

/** What somebody else wrote may be no date. */
const isoOf = (milliseconds: number): string =>
  new Date(Math.min(milliseconds, 8.64e15)).toISOString();

/** For what Redis may refuse to tell; that it is away is another matter. */
const unlessAway =
  <T>(otherwise: T) =>
  (error: unknown): T => {
    if (isOutage(error)) throw error;
    return otherwise;
  };
