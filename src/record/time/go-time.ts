import type { Integer } from '../record.ts';
import { dateOf, daysOf, secondsPerDay } from './civil.ts';
import { localZone } from './local-zone.ts';
import { periodAt } from './zone.ts';

const pattern =
  /^(-?\d{4,12})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? ([+-])(\d\d)(\d\d) (\S+)$/;

/** The instant of a time as Go prints it (text.ts); of the zone, the text has the distance. */
export function goTimeOf(
  text: string,
): { readonly seconds: Integer; readonly nanos: number } | undefined {
  const parts = pattern.exec(text);
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as Six;
  const [, , , , , , , fraction = '', sign, hours, minutes, abbreviation = ''] = parts;
  const days = daysOf(year, month, day);
  const date = dateOf(days);
  const isDate = date.year === year && date.month === month && date.day === day;
  if (!isDate || hour > 23 || minute > 59 || second > 59) return undefined;
  const clock = hour * 3600 + minute * 60 + second;
  const distance = (Number(hours) * 60 + Number(minutes)) * 60 * (sign === '-' ? -1 : 1);
  const about = BigInt(days) * BigInt(secondsPerDay) + BigInt(clock - distance);
  const seconds = about - BigInt(missingSeconds(Number(about), distance, abbreviation));
  if (BigInt.asIntN(64, seconds) !== seconds) return undefined;
  const number = Number(seconds);
  return {
    seconds: Number.isSafeInteger(number) ? number : seconds,
    nanos: Number(fraction.padEnd(9, '0')),
  };
}

type Six = [number, number, number, number, number, number];

/** Go cuts distances to minutes. Before zones were made, as in year 1, they had seconds: known if the zone is ours. */
function missingSeconds(seconds: number, distance: number, abbreviation: string): number {
  const period = periodAt(localZone(), seconds);
  const isOurs =
    period.abbreviation === abbreviation && Math.trunc(period.offset / 60) * 60 === distance;
  return isOurs ? period.offset - distance : 0;
}
