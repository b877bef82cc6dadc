import { millis } from '../lib/units.ts';

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * A time as an operator types it, in milliseconds since the epoch: `2h`, `1h30m` (ago), `14:00` (the last one, by this
 * machine's clock and zone), or ISO 8601, by the zone it names, else this machine's. Undefined: it is none, or lies ahead.
 */
export function readTime(typed: string, now: number): number | undefined {
  const time = agoOf(typed, now) ?? clockTimeOf(typed, now) ?? isoOf(typed);
  return time === undefined || time > now || Number.isNaN(time) ? undefined : millis(time);
}

function agoOf(typed: string, now: number): number | undefined {
  if (!/^(?:\d{1,9}[smhd])+$/.test(typed)) return undefined;
  let ago = 0;
  for (const [, amount = '', unit = ''] of typed.matchAll(/(\d+)([smhd])/g))
    ago += Number(amount) * (units[unit] ?? 0) * 1000;
  return now - ago;
}

function clockTimeOf(typed: string, now: number): number | undefined {
  const [, hours, minutes, seconds = '0'] = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(typed) ?? [];
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  if (hours === undefined) return undefined;
  const time = new Date(now);
  time.setHours(Number(hours), Number(minutes), Number(seconds), 0);
  if (time.getTime() > now) time.setDate(time.getDate() - 1);
  return time.getTime();
}

/** A day alone is the zone's own, as an operator means it. */
function isoOf(typed: string): number | undefined {
  if (
    !/^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/.test(
      typed,
    )
  )
    return undefined;
  const time = Date.parse(typed.length === 10 ? `${typed}T00:00` : typed.replace(' ', 'T'));
  return Number.isNaN(time) ? undefined : time;
}
