import { ContractError } from '../lib/errors.ts';
import type { AnalyticsRecord } from '../record/record.ts';

declare const recordId: unique symbol;

/** `<segment id>:<index>`: stable over retries, restarts and replicas. What makes a sink idempotent. */
export type RecordId = string & { readonly [recordId]: true };

export const recordIdOf = (segment: string, index: number): RecordId =>
  `${segment}:${index}` as RecordId;

/** The halves of a record id; undefined where a text is none. Neither has anything that JSON escapes. */
export function identityOf(id: string): Pick<Entry, 'segment' | 'index'> | undefined {
  const [, segment, digits] = /^([\w-]+):(0|[1-9]\d{0,14})$/.exec(id) ?? [];
  return segment === undefined ? undefined : { segment, index: Number(digits) };
}

/** A record with its identity. */
export interface Entry {
  /** The two halves of its id, for those who write hundreds of thousands of them every second. */
  readonly segment: string;
  readonly index: number;
  /** Made anew each time it is asked for. */
  readonly id: RecordId;
  readonly record: AnalyticsRecord;
}

export type NonEmpty<T> = readonly [T, ...T[]];

const isFilled = <T>(items: readonly T[]): items is NonEmpty<T> => items.length > 0;

/** Records sent to one sink in one call. Never empty, never changed. */
export class Batch implements Iterable<Entry> {
  readonly entries: NonEmpty<Entry>;
  // Nominal: a look-alike object is no Batch.
  readonly #isBatch = true;

  private constructor(entries: NonEmpty<Entry>) {
    this.entries = entries;
  }

  /** Keeps the array, which must not change any more. */
  static of(entries: readonly Entry[]): Batch {
    if (!isFilled(entries)) throw new ContractError('a batch is never empty');
    return new Batch(entries);
  }

  static isBatch(value: object): value is Batch {
    return #isBatch in value;
  }

  get size(): number {
    return this.entries.length;
  }

  [Symbol.iterator](): Iterator<Entry> {
    return this.entries[Symbol.iterator]();
  }
}
