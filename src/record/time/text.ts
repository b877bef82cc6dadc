import type { ByteWriter } from '../../lib/byte-writer.ts';
import type { Integer, RecordTime } from '../record.ts';
import { dateOf, splitDays } from './civil.ts';
import type { Period } from './period.ts';
import { periodAt } from './zone.ts';

/** A time's text before and after the fraction of its second. */
export interface TimeHalves {
  readonly before: string;
  readonly after: string;
}

/**
 * RFC 3339 with up to nine digits of fraction (tyk-pump.md, "JSON as Go writes it"). A year outside 0 … 9999, for which
 * Go's JSON fails and the record is lost, is written with as many digits as it needs.
 */
export const rfc3339 = (time: RecordTime): string => joined(rfc3339Halves(time), time);

export function rfc3339Halves(time: RecordTime): TimeHalves {
  const { offset } = periodOf(time);
  const { days, rest } = splitDays(shift(time.seconds, offset));
  return {
    before: `${dateText(days)}T${clockText(rest)}`,
    after: offset === 0 ? 'Z' : offsetText(offset, ':'),
  };
}

/** The same straight into bytes: every document has one. */
export function writeRfc3339(time: RecordTime, out: ByteWriter): void {
  const { offset } = periodOf(time);
  const { days, rest } = splitDays(shift(time.seconds, offset));
  const minutes = Math.floor(rest / 60);
  out.ascii(dateText(days));
  out.byte(0x54);
  writePair(Math.floor(minutes / 60), out);
  out.byte(0x3a);
  writePair(minutes % 60, out);
  out.byte(0x3a);
  writePair(rest - minutes * 60, out);
  writeFraction(time.nanos, out);
  if (offset === 0) out.byte(0x5a);
  else out.ascii(offsetText(offset, ':'));
}

function writePair(value: number, out: ByteWriter): void {
  const tens = Math.floor(value / 10);
  out.byte(0x30 + tens);
  out.byte(0x30 + value - tens * 10);
}

function writeFraction(nanos: number, out: ByteWriter): void {
  if (nanos === 0) return;
  out.byte(0x2e);
  let rest = nanos;
  for (let unit = 100_000_000; rest > 0; unit /= 10) {
    const digit = Math.floor(rest / unit);
    out.byte(0x30 + digit);
    rest -= digit * unit;
  }
}

/** Go's default time text: `2024-03-10 22:22:00.5 +0100 CET` (tyk-pump.md, "Texts as Go prints them"). */
export const goTimeText = (time: RecordTime): string => joined(goTimeHalves(time), time);

export function goTimeHalves(time: RecordTime): TimeHalves {
  const { offset, abbreviation } = periodOf(time);
  const { days, rest } = splitDays(shift(time.seconds, offset));
  return {
    before: `${dateText(days)} ${clockText(rest)}`,
    after: ` ${offsetText(offset, '')} ${abbreviation}`,
  };
}

const joined = ({ before, after }: TimeHalves, { nanos }: RecordTime): string =>
  before + fraction(nanos) + after;

/** Nanoseconds since 1970, as a signed 64-bit number that wraps, like Go's UnixNano. */
export const unixNanos = (time: RecordTime): bigint =>
  BigInt.asIntN(64, BigInt(time.seconds) * 1_000_000_000n + BigInt(time.nanos));

const utcPeriod: Period = { offset: 0, abbreviation: 'UTC', start: -Infinity, end: Infinity };

const periodOf = ({ zone, seconds }: RecordTime): Period =>
  zone === 'UTC' ? utcPeriod : periodAt(zone, Number(seconds));

const shift = (seconds: Integer, offset: number): Integer =>
  typeof seconds === 'number' ? seconds + offset : seconds + BigInt(offset);

/** Two digits each of 0 … 99. */
const pairs = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'));
const pair = (value: number): string => pairs[value] as string;

let lastDays = 0;
let lastDate = '1970-01-01';

/** Records come in order of time: the last day's text is kept. */
function dateText(days: number): string {
  if (days === lastDays) return lastDate;
  const { year, month, day } = dateOf(days);
  const years = String(Math.abs(year)).padStart(4, '0');
  lastDate = `${year < 0 ? '-' : ''}${years}-${pair(month)}-${pair(day)}`;
  lastDays = days;
  return lastDate;
}

const clockText = (rest: number): string =>
  `${pair(Math.floor(rest / 3600))}:${pair(Math.floor(rest / 60) % 60)}:${pair(rest % 60)}`;

/** With its point, without trailing zeros; nothing for a whole second. */
function fraction(nanos: number): string {
  if (nanos === 0) return '';
  const digits = nanos % 1_000_000 === 0 ? pad(nanos / 1_000_000, 3) : pad(nanos, 9);
  return `.${digits.replace(/0+$/, '')}`;
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

/** Whole minutes, cut towards zero, as in Go. */
function offsetText(offset: number, separator: ':' | ''): string {
  const minutes = Math.floor(Math.abs(offset) / 60);
  return `${offset <= -60 ? '-' : '+'}${pair(Math.floor(minutes / 60))}${separator}${pair(minutes % 60)}`;
}
