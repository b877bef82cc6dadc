import type { TimeField } from '../record/fields.ts';
import type { SpannedRecord } from '../record/span.ts';
import type { Holds } from './holds.ts';
import type { Instant, TimeRangeTest, TimeTest } from './tree.ts';

export function compileTime({ field, operator, instant }: TimeTest): Holds {
  switch (operator) {
    case '<':
      return (record) => order(record, field, instant) < 0;
    case '<=':
      return (record) => order(record, field, instant) <= 0;
    case '>':
      return (record) => order(record, field, instant) > 0;
    case '>=':
      return (record) => order(record, field, instant) >= 0;
  }
  return operator satisfies never;
}

export const compileTimeRange =
  ({ field, from, before }: TimeRangeTest): Holds =>
  (record) =>
    (from === undefined || order(record, field, from) >= 0) &&
    (before === undefined || order(record, field, before) < 0);

/** Below 0 where the record's time is before the instant, above where it is after. */
function order(record: SpannedRecord, field: TimeField, { seconds, nanos }: Instant): number {
  const value = record.seconds(field);
  if (value < seconds) return -1;
  return value > seconds ? 1 : record.time(field).nanos - nanos;
}
