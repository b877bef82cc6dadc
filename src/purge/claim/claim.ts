import { randomBytes } from 'node:crypto';
import type { RedisClient } from '../../redis/client.ts';
import { ledgerKey, manifestKey, segmentKey, segmentsKey, stateKey } from '../../redis/keys.ts';
import { runScript } from '../../redis/script.ts';
import type { SourceList } from '../lease/lease.ts';
import { readersOf } from '../lists.ts';
import { claimScript } from '../scripts/claim.ts';
import { mostRecordsPerRange } from '../scripts/range.ts';
import { type Begun, type BegunReply, begunOf, Starts } from './starts.ts';

/**
 * A range is about this many bytes, and up to four times as many where that makes few records (scripts/cut.ts). With half as many
 * a record costs up to a tenth more, because much of a route's work is per range; with more, one record without an answer
 * holds up more others, and more is sent again after a crash (docs/performance.md, "Ranges"). How much Redis is asked for at once is another matter (`redis/replies/list-connection.ts`).
 */
export const rangeBytes = 1024 * 1024;

/** What one claim of one list found. */
export interface Claimed {
  readonly list: SourceList;
  readonly records: number;
  readonly bytes: number;
  /** Ranges in the manifest, answered or not. */
  readonly ranges: number;
  /** Of this list, named: 0 where there are ranges means that somebody has deleted keys of ours. */
  readonly segments: number;
  /** Bytes of this list's segments in Redis. */
  readonly retained: number;
  /** Those of the oldest one. */
  readonly oldest: number;
  /** The manifest is gone with records in it: nothing is claimed until what is left has been recovered (unnamed.ts). */
  readonly isLost: boolean;
  /** Routes that had no position in the list. */
  readonly begun: readonly Begun[];
}

type Reply = readonly [
  ...[number, number, string, number, number, number, number, number],
  BegunReply,
];

export interface ClaimOptions {
  /** False: only look, take nothing. */
  readonly isClaiming: boolean;
  /** Who claims, for whoever asks which versions are at work here. */
  readonly self?: {
    readonly name: string;
    readonly version: string;
    /** One line. */
    readonly about?: string;
  };
  /** True: create the groups even where the manifest exists (start, reconnect). */
  readonly ensuresGroups: boolean;
}

/** Claims lists for a set of routes. The groups of those who read a list exist before the first range does. */
export class Claimer {
  readonly #client: RedisClient;
  readonly #routes: readonly string[];
  readonly #mostRecords: number;
  /** Keys of lists whose manifest held ranges when last looked at: where it is gone now, something is lost. */
  readonly #stocked = new Set<string>();
  readonly #starts: Starts;

  /** `chunk` is `purge_chunk`: at most that many records per range; 0 = by bytes alone. */
  constructor(
    client: RedisClient,
    routes: readonly string[],
    chunk: number,
    starts: Starts = new Starts(),
  ) {
    this.#client = client;
    this.#routes = routes;
    this.#starts = starts;
    this.#mostRecords = chunk > 0 ? Math.min(chunk, mostRecordsPerRange) : mostRecordsPerRange;
  }

  async claim(
    list: SourceList,
    { isClaiming, ensuresGroups, self }: ClaimOptions,
  ): Promise<Claimed> {
    const { key } = list;
    const reply = await runScript(
      this.#client,
      claimScript,
      [key, manifestKey(key), stateKey(key), segmentsKey(key), ledgerKey(key)],
      [
        segmentKey(key, ''),
        rangeBytes,
        this.#mostRecords,
        isClaiming ? 1 : 0,
        // New each time: a state that Redis lost must not get the salt it had.
        randomBytes(4).toString('hex'),
        ensuresGroups ? 1 : 0,
        this.#stocked.has(key) ? 1 : 0,
        self?.name ?? '',
        self?.version ?? '',
        self?.about ?? '',
        ...this.#starts.argsFor(key, readersOf(list, this.#routes)),
      ],
    );
    const [records, bytes, , ranges, retained, , oldest, segments, begun] = reply as Reply;
    const isLost = records < 0;
    if (ranges > 0) this.#stocked.add(key);
    else if (!isLost) this.#stocked.delete(key);
    if (ensuresGroups && !isLost) this.#starts.ensured(key);
    return {
      list,
      records: Math.max(0, records),
      bytes,
      ranges,
      segments,
      retained,
      oldest,
      isLost,
      begun: begunOf(begun),
    };
  }
}
