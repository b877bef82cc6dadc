import type { RecordTime } from '../record.ts';
import { goTimeHalves, goTimeText, type TimeHalves } from './text.ts';

/** PostgreSQL keeps microseconds; Go's driver cuts the rest off, and the server would round it. */
export const postgresStep = 1_000;

/** As PostgreSQL reads a timestamptz, in UTC: `2024-03-10 22:22:00.5+00`. */
export function postgresTime({ seconds, nanos }: RecordTime): string {
  const whole = { seconds, nanos: nanos - (nanos % postgresStep), zone: 'UTC' };
  const [, clock = ''] = goTimeText(whole).split(' ', 2);
  const { before, after } = postgresTimeHalves(whole);
  return before + clock.slice('00:00:00'.length) + after;
}

/** The same around the fraction of the second. */
export function postgresTimeHalves({ seconds }: RecordTime): TimeHalves {
  const { before } = goTimeHalves({ seconds, nanos: 0, zone: 'UTC' });
  if (!before.startsWith('-') && !before.startsWith('0000')) return { before, after: '+00' };
  const [, year = '', rest = ''] = /^-?(\d+)(.*)$/.exec(before) ?? [];
  // The year 0 of astronomers is 1 BC.
  return { before: String(Number(year) + 1).padStart(4, '0') + rest, after: '+00 BC' };
}
