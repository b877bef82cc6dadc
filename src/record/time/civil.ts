import type { Integer } from '../record.ts';

export const secondsPerDay = 86_400;

/** Days since 1970-01-01 and seconds of the day. Exact for every 64-bit number of seconds. */
export function splitDays(seconds: Integer): { days: number; rest: number } {
  if (typeof seconds === 'number') {
    const days = Math.floor(seconds / secondsPerDay);
    return { days, rest: seconds - days * secondsPerDay };
  }
  const perDay = BigInt(secondsPerDay);
  const rest = ((seconds % perDay) + perDay) % perDay;
  return { days: Number((seconds - rest) / perDay), rest: Number(rest) };
}

/**
 * A date of the proleptic Gregorian calendar, any year; months from 1 on. Howard Hinnant's days_from_civil turned round: eras of 400 years, years that
 * begin in March.
 */
export function dateOf(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
  };
}

/** Days from 1970-01-01 to the given date. */
export function daysOf(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
