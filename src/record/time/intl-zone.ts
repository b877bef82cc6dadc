import type { Period, Zone } from './period.ts';

/** Clocks change at such multiples; ICU is asked once per quarter of an hour. */
const step = 900;
/** The calendar repeats after 400 years, ICU's range does not reach as far as ours. */
const cycle = 146_097 * 86_400;
const farthest = 8_640_000_000_000;

/**
 * A zone as the runtime's own data (ICU) knows it: where the system has no zone files, as in slim containers. Offsets
 * are the same; abbreviations are those of British English, `GMT+5:45` becomes `+0545`.
 */
export function intlZone(name: string): Zone | undefined {
  const offsets = format(name, 'longOffset');
  const names = format(name, 'short');
  if (offsets === undefined || names === undefined) return undefined;
  return (seconds): Period => {
    const start = Math.floor(seconds / step) * step;
    const date = new Date(within(start) * 1000);
    const offset = parseOffset(zonePart(offsets, date));
    const short = zonePart(names, date);
    return {
      offset,
      abbreviation: /^(GMT|UTC)[+-]/.test(short) ? numeric(offset) : short,
      start,
      end: start + step,
    };
  };
}

const within = (seconds: number): number =>
  Math.abs(seconds) <= farthest ? seconds : seconds % cycle;

function format(
  timeZone: string,
  timeZoneName: 'longOffset' | 'short',
): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone, timeZoneName });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const zonePart = (formatter: Intl.DateTimeFormat, date: Date): string =>
  formatter.formatToParts(date).find((part) => part.type === 'timeZoneName')?.value ?? 'UTC';

/** `GMT`, `GMT+05:45`, `GMT-04:56:02`. */
function parseOffset(text: string): number {
  const match = /([+-])(\d+):(\d+)(?::(\d+))?/.exec(text);
  if (match === null) return 0;
  const [, sign, hours, minutes, seconds = 0] = match;
  const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return sign === '-' ? -size : size;
}

/** As the zone files name zones that have no name of their own: `+0545`, `-03`. */
function numeric(offset: number): string {
  const size = Math.abs(offset);
  const hours = String(Math.floor(size / 3600)).padStart(2, '0');
  const minutes = Math.floor(size / 60) % 60;
  const sign = offset < 0 ? '-' : '+';
  return `${sign}${hours}${minutes === 0 ? '' : String(minutes).padStart(2, '0')}`;
}
