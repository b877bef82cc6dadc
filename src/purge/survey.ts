import type { RedisClient } from '../redis/client.ts';
import { manifestKey, segmentsKey, stateKey } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';
import type { SourceList } from './lease.ts';
import { surveyScript } from './scripts/survey.ts';

/** Where one route stands on one list. */
export interface Standing {
  readonly route: string;
  /** First manifest entry it has not answered for; empty: it has answered for all. */
  readonly oldest: string;
  /** Records it has not answered for, at most (answers out of order are not subtracted). */
  readonly lag: number;
}

export interface SegmentInfo {
  readonly segment: string;
  readonly lastEntry: string;
  readonly bytes: number;
}

export interface Survey {
  readonly list: SourceList;
  /** Redis clock, milliseconds since the epoch. */
  readonly now: number;
  readonly retained: number;
  readonly standings: readonly Standing[];
  /** Oldest first. */
  readonly segments: readonly SegmentInfo[];
}

const mostSegments = 1000;

export async function survey(client: RedisClient, list: SourceList): Promise<Survey> {
  const { key } = list;
  const reply = await runScript(
    client,
    surveyScript,
    [manifestKey(key), stateKey(key), segmentsKey(key)],
    [mostSegments],
  );
  const [now, retained, groups, segments] = reply as [
    number,
    number,
    [string, string, number][],
    string[],
  ];
  return {
    list,
    now,
    retained,
    standings: groups.map(([route, oldest, lag]) => ({ route, oldest, lag })),
    segments: segments.map((text) => {
      const [segment = '', lastEntry = '', bytes = '0'] = text.split('|');
      return { segment, lastEntry, bytes: Number(bytes) };
    }),
  };
}

/** Compares two stream ids (`<milliseconds>-<sequence>`): negative when `a` is older. */
export function compareEntries(a: string, b: string): number {
  const [aTime = '0', aSequence = '0'] = a.split('-');
  const [bTime = '0', bSequence = '0'] = b.split('-');
  return Number(aTime) - Number(bTime) || Number(aSequence) - Number(bSequence);
}
