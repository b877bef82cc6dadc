import type { RecordTime } from '#pump';

/** What stands in a column of a row. A time goes into a column of kind `time`. */
export type SqlValue = string | number | bigint | boolean | RecordTime | null;

/** The values of a row, in the order of its table's columns. */
export type SqlRow = readonly SqlValue[];

export const isTime = (value: SqlValue): value is RecordTime =>
  typeof value === 'object' && value !== null;
