import type { Entry, Millis, RecordTime } from '#pump';

/**
 * A point is known by its tags and its time: two records with the same of both would be one point. So the digits of
 * the time that the record does not use hold a number of the record, taken from its id: different for its neighbours,
 * the same at every repeat, which therefore overwrites itself.
 *
 * A time in whole milliseconds gets six digits, a finer one three: it stays exact to the microsecond.
 */
/** What tells one record from another. */
type Identity = Pick<Entry, 'segment' | 'index'>;

export function pointNanos({ seconds, nanos }: RecordTime, identity: Identity): string | undefined {
  const number = numberOf(identity);
  const unique =
    nanos % 1_000_000 === 0 ? nanos + number : nanos - (nanos % 1_000) + (number % 1_000);
  if (seconds > 0 && seconds < mostSeconds) return `${seconds}${padded(unique)}`;
  if (seconds > 0 || seconds <= -mostSeconds) return undefined;
  return String(BigInt(seconds) * 1_000_000_000n + BigInt(unique));
}

/** The time of writing, with the number of the record in its last six digits. */
export function writeNanos(now: Millis, identity: Identity): string {
  const whole = Math.floor(now);
  const rest = whole % 1_000;
  return `${(whole - rest) / 1_000}${padded(rest * 1_000_000 + numberOf(identity))}`;
}

/** Nanoseconds in 64 bits: the years 1678 to 2262. */
const mostSeconds = 9_223_372_036;

const padded = (nanos: number): string => String(nanos).padStart(9, '0');

const numbers = 1_000_000;

let lastSegment = '';
let lastOffset = 0;

/** The index in the segment, beginning at a place that depends on the segment: 0 … 999,999. */
function numberOf({ segment, index }: Identity): number {
  if (segment !== lastSegment) {
    lastSegment = segment;
    lastOffset = hash(segment) % numbers;
  }
  return (lastOffset + index) % numbers;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++)
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}
