import type { Millis } from '../lib/units.ts';
import { type Entry, type RecordId, recordIdOf } from '../pump/batch.ts';
import type { Failure } from '../pump/verdict.ts';
import type { Lease, SourceList, Tally } from '../purge/lease/lease.ts';
import type { Edit } from '../record/edit.ts';
import type { AnalyticsRecord } from '../record/record.ts';
import type { DeadLetter } from './dead-letters/letter.ts';

/**
 * A record on its way through a route, and at the same time the Entry a sink sees: one object per record, since
 * hundreds of thousands of them pass every second. Its id is put together when somebody asks for it.
 */
export class Item implements Entry {
  readonly origin: Origin;
  readonly segment: string;
  readonly index: number;
  readonly record: AnalyticsRecord;
  /** Wire size, taken once. */
  readonly size: number;
  /** Attempts begun so far. Changed by the courier alone. */
  attempts = 0;
  /** Its first attempt; one object for the whole batch. Changed by the courier alone. */
  first: Beginning | undefined;
  /** Since its first failure. Changed by stubborn-records.ts alone. */
  trouble: Trouble | undefined;

  constructor(
    origin: Origin,
    segment: string,
    index: number,
    record: AnalyticsRecord,
    size: number,
  ) {
    this.origin = origin;
    this.segment = segment;
    this.index = index;
    this.record = record;
    this.size = size;
    this.first = undefined;
    this.trouble = undefined;
  }

  get id(): RecordId {
    return recordIdOf(this.segment, this.index);
  }

  /** The same with another view of its bytes. */
  over(record: AnalyticsRecord): Item {
    const item = new Item(this.origin, this.segment, this.index, record, this.size);
    item.attempts = this.attempts;
    item.first = this.first;
    item.trouble = this.trouble;
    return item;
  }
}

/**
 * The same item over bytes of its own. A record is a view over the table of its whole range and the buffer it was read
 * into; while one that is sent again and again waits, it must not keep those alive, or the bound on bytes in flight
 * would bound nothing.
 */
export function detach(item: Item, edit: Edit | undefined): Item {
  // Decoding copies.
  const record = item.origin.list.decoder.decode([item.record.bytes]).record(0);
  if (record === undefined) return item;
  return item.over(edit === undefined ? record : edit(record));
}

/** How a record fares that the sink does not take. */
export interface Trouble {
  /** Failures of which its sink, which took others meanwhile, was not the cause. */
  strikes: number;
  /** At its last failure: what the sink had taken and what it had wanted again. */
  taken: number;
  again: number;
  /** Its last failure was a strike. */
  isStruck: boolean;
  isSuspected: boolean;
}

/** When an attempt began, on the wall clock. */
export interface Beginning {
  readonly at: Millis;
}

/** Where a record came from, and so what its answer must change. */
export type Origin = OpenRange | LetterOrigin;

/** A leased range and how many of its records are still unanswered. Changed by holdings.ts alone. */
export interface OpenRange {
  readonly kind: 'range';
  readonly list: SourceList;
  readonly lease: Lease;
  /** Records without an answer; undefined until the range has been read. */
  pending: number | undefined;
  readonly tally: Counts;
  /** Attempts that carry some of its records, and of which it is not certain that the sink reads nothing more. */
  carriers: number;
  /** Says that this route reads none of its records any more; undefined where there is nobody to tell. */
  letGo: (() => void) | undefined;
  /** When what was done with it; undefined: nobody wants to know. */
  times?: RangeTimes;
}

/** A tally while it is being made. Changed by holdings.ts alone. */
export type Counts = { -readonly [K in keyof Tally]-?: Tally[K] };

/** A dead letter that an operator asked to try again. */
export interface LetterOrigin {
  readonly kind: 'letter';
  readonly list: SourceList;
  readonly letter: DeadLetter;
}

/** Records that go to the sink together, and what their route knows of them; the sink sees a Batch (attempts.ts). */
export interface OutgoingBatch {
  readonly items: readonly Item[];
  readonly bytes: number;
  /** Rises with the age of its oldest record's batch: oldest first. */
  readonly order: number;
  /** Never joined with other records: it is suspected, or was too large before. */
  readonly isAlone: boolean;
  /** Attempts in a row that failed as a whole in a way one bad record could explain. */
  readonly suspicion: number;
  /** It is followed; also what is left of it to be sent again. */
  readonly followed?: Followed | undefined;
}

/** What is noted down of a batch that is followed (tracing/followed-batch.ts). */
export interface Followed {
  attempted(attempt: AttemptEnd): void;
  /** `error`: it could not be. */
  settled(openRange: OpenRange, now: Millis, error: unknown): void;
}

/** How an attempt ended. Of records: how many. */
export interface AttemptEnd {
  readonly begunAt: Millis;
  readonly endedAt: Millis;
  readonly records: number;
  readonly bytes: number;
  readonly delivered: number;
  readonly rejected: number;
  readonly retried: number;
  /** The first of each. */
  readonly rejection: Failure | undefined;
  readonly failure: Failure | undefined;
}

/** When what was done with a range, on the monotonic clock, and the batches with records of it that are followed. */
export interface RangeTimes {
  readonly leasedAt: Millis;
  arrivedAt: Millis;
  editedAt: Millis;
  answeredAt: Millis;
  readonly followers: Set<Followed>;
}

/**
 * What keeping track of one record costs beside its bytes: its places in the range, its id, a few objects. Measured with
 * records of a dozen bytes, which without it would hold thirty times what the bound permits.
 */
export const recordCost = 512;

/** Memory that these hold, against the bound in flight. */
export const weightOf = (items: readonly Item[]): number =>
  bytesOf(items) + items.length * recordCost;

export function bytesOf(items: readonly Item[]): number {
  let bytes = 0;
  for (const item of items) bytes += item.size;
  return bytes;
}
