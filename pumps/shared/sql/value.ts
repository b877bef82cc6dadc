import type { RecordTime } from '#pump';

/** What stands in a column of a row. A time goes into a column of kind `time`. */
export type SqlValue = string | number | bigint | boolean | RecordTime | null;

/** The values of a row, in the order of its table's columns. */
export type SqlRow = readonly SqlValue[];

/** Rows for an upsert, made when it is known in which form; no two of them have the same key. */
export interface FreshRows {
  readonly count: number;
  /** Sorted by their key. */
  readonly values: () => readonly SqlRow[];
  /** In the text form of PostgreSQL's COPY, piece by piece and in any order. */
  readonly lines: () => Iterable<Uint8Array>;
}

export const isTime = (value: SqlValue): value is RecordTime =>
  typeof value === 'object' && value !== null;
