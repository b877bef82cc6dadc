import type { Instant } from './tree.ts';

/** The stretch of time that a text names: a year, a month, a day, a minute, a second, or a part of one. */
export interface Period {
  readonly from: Instant;
  readonly before: Instant;
}

const notation =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/i;

/** Without a zone: UTC. Undefined where there is no such time. */
export function readPeriod(text: string): Period | undefined {
  const [, year, month, day, hour, minute, second, fraction, zone] = notation.exec(text) ?? [];
  if (year === undefined || Number(year) === 0) return undefined;
  const offset = offsetOf(zone);
  const [h, m, s] = [Number(hour ?? 0), Number(minute ?? 0), Number(second ?? 0)];
  const start = daysOf(Number(year), Number(month ?? 1), Number(day ?? 1));
  if (start === undefined || offset === undefined || h > 23 || m > 59 || s > 59) return undefined;
  const seconds = 86_400 * start + 3600 * h + 60 * m + s - offset;
  if (fraction !== undefined) {
    const nanos = Number(fraction.padEnd(9, '0'));
    return {
      from: { seconds, nanos },
      before: later(seconds, nanos + 10 ** (9 - fraction.length)),
    };
  }
  const length =
    second !== undefined
      ? 1
      : minute !== undefined
        ? 60
        : 86_400 * daysIn(Number(year), start, month, day);
  return { from: { seconds, nanos: 0 }, before: { seconds: seconds + length, nanos: 0 } };
}

const later = (seconds: number, nanos: number): Instant =>
  nanos < 1_000_000_000
    ? { seconds, nanos }
    : { seconds: seconds + 1, nanos: nanos - 1_000_000_000 };

function daysIn(year: number, start: number, month?: string, day?: string): number {
  if (day !== undefined) return 1;
  const next =
    month === undefined || month === '12'
      ? daysOf(year + 1, 1, 1)
      : daysOf(year, Number(month) + 1, 1);
  return (next ?? start) - start;
}

/** Days since 1970 began; undefined where the month has no such day. */
function daysOf(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const isThatDay = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isThatDay ? date.getTime() / 86_400_000 : undefined;
}

function offsetOf(zone: string | undefined): number | undefined {
  if (zone === undefined || zone.toUpperCase() === 'Z') return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(4))];
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (3600 * hours + 60 * minutes);
}
