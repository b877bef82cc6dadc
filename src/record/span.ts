import { ContractError } from '../lib/errors.ts';
import type { AnalyticsRecord } from './record.ts';

/** Where a text lies: `source[start … end)`. Reused: valid until the next one is asked for. */
export interface Span {
  source: Buffer;
  start: number;
  end: number;
}

/** Where the texts of a list lie: pairs of start and end. Reused like a Span. */
export interface Spans {
  source: Buffer;
  /** Number of texts; `bounds` may be longer. */
  count: number;
  readonly bounds: number[];
}

/**
 * What the writers need beyond AnalyticsRecord, so that copying a text allocates nothing. All our records have it; it
 * is kept out of the public interface because a reused object is a trap for everybody else.
 */
export interface SpannedRecord extends AnalyticsRecord {
  /** The text at this slot (slots.ts); empty where the field is missing. */
  span(slot: number): Span;
  /** The texts of the list at this slot; undefined where Go has a nil slice. */
  spans(slot: number): Spans | undefined;
}

const isSpanned = (record: AnalyticsRecord): record is SpannedRecord => 'span' in record;

/** The record with the writers' own door to its bytes. Whatever comes out of a decoder or an edit has it. */
export function spanned(record: AnalyticsRecord): SpannedRecord {
  if (!isSpanned(record)) throw new ContractError('a record comes from a decoder');
  return record;
}

const nothing = Buffer.alloc(0);

export const createSpan = (): Span => ({ source: nothing, start: 0, end: 0 });
export const createSpans = (): Spans => ({ source: nothing, count: 0, bounds: [] });

export function emptySpan(span: Span): Span {
  span.source = nothing;
  span.start = 0;
  span.end = 0;
  return span;
}
