import type { Millis } from '../../lib/units.ts';
import type { TimeValue } from '../../record/encode/record-fields.ts';

/** The instant in UTC, with nanoseconds below the millisecond. */
export const timeOf = (at: Millis, nanos: number): TimeValue => ({
  seconds: Math.floor(at / 1_000),
  nanos: (((at % 1_000) + 1_000) % 1_000) * 1_000_000 + nanos,
  zone: 'UTC',
});

/** The record's own copy of its date, in UTC. */
export function calendarOf(at: Millis) {
  const date = new Date(at);
  return {
    day: date.getUTCDate(),
    month: date.getUTCMonth() + 1,
    year: date.getUTCFullYear(),
    hour: date.getUTCHours(),
  };
}
