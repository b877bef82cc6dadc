import { dateOf, daysOf, secondsPerDay, splitDays } from './civil.ts';
import type { Period } from './period.ts';

/** Hours of clock change as POSIX writes them for all years after the last one listed: `CET-1CEST,M3.5.0,M10.5.0/3`. */
export type PosixRule = (seconds: number) => Period;

interface Change {
  /** Day of the year's start to day of the change, in days since 1970. */
  readonly dayIn: (year: number) => number;
  readonly secondOfDay: number;
}

const namePattern = '(<[A-Za-z0-9+-]+>|[A-Za-z]+)';
const offsetPattern = '([+-]?\\d+(?::\\d+){0,2})';
const changePattern = '([JM]?[\\d.]+)(?:/([+-]?\\d+(?::\\d+){0,2}))?';
const rulePattern = new RegExp(
  `^${namePattern}${offsetPattern}(?:${namePattern}${offsetPattern}?,${changePattern},${changePattern})?$`,
);

/** Undefined where the text is no rule. */
export function parsePosixRule(text: string): PosixRule | undefined {
  const match = rulePattern.exec(text);
  if (match === null) return undefined;
  const [, name = '', offset = '', summerName, summerOffset, start, startTime, end, endTime] =
    match;
  const standard = { offset: 0 - secondsOf(offset), abbreviation: bare(name) };
  if (summerName === undefined || start === undefined || end === undefined) {
    return () => ({ ...standard, start: -Infinity, end: Infinity });
  }
  const summer = {
    offset: summerOffset === undefined ? standard.offset + 3600 : 0 - secondsOf(summerOffset),
    abbreviation: bare(summerName),
  };
  const begins = changeOf(start, startTime);
  const ends = changeOf(end, endTime);
  return (seconds) => {
    const { year } = dateOf(splitDays(seconds).days);
    const changes = [year - 1, year, year + 1]
      .flatMap((each) => [
        { at: instant(begins, each, standard.offset), zone: summer },
        { at: instant(ends, each, summer.offset), zone: standard },
      ])
      .sort((left, right) => left.at - right.at);
    const next = changes.findIndex((change) => change.at > seconds);
    const current = changes[next - 1];
    const following = changes[next];
    return {
      ...(current?.zone ?? standard),
      start: current?.at ?? seconds,
      end: following?.at ?? seconds + 1,
    };
  };
}

const instant = (change: Change, year: number, offset: number): number =>
  change.dayIn(year) * secondsPerDay + change.secondOfDay - offset;

const bare = (name: string): string => name.replace(/^<(.*)>$/, '$1');

/** `h[:m[:s]]` with a sign; POSIX counts westwards. */
function secondsOf(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = text.replace(/^[+-]/, '').split(':').map(Number);
  const size = hours * 3600 + minutes * 60 + seconds;
  return text.startsWith('-') ? -size : size;
}

function changeOf(day: string, time = '2'): Change {
  const secondOfDay = secondsOf(time);
  if (day.startsWith('M')) {
    const [month = 1, week = 1, weekday = 0] = day.slice(1).split('.').map(Number);
    return { secondOfDay, dayIn: (year) => weekdayOf({ year, month, week, weekday }) };
  }
  const counted = Number(day.replace('J', ''));
  // Jn counts from 1 and leaves out 29 February; n counts from 0 with it.
  const dayIn = day.startsWith('J')
    ? (year: number) => daysOf(year, 1, counted) + (counted > 59 && isLeap(year) ? 1 : 0)
    : (year: number) => daysOf(year, 1, 1) + counted;
  return { secondOfDay, dayIn };
}

const isLeap = (year: number): boolean => daysOf(year, 3, 1) - daysOf(year, 2, 1) === 29;

/** The week-th such weekday of a month; the fifth is the last. */
function weekdayOf(rule: { year: number; month: number; week: number; weekday: number }): number {
  const { year, month, week, weekday } = rule;
  const first = daysOf(year, month, 1);
  // 1970-01-01 was a Thursday.
  const firstWeekday = (((first + 4) % 7) + 7) % 7;
  const day = first + ((weekday - firstWeekday + 7) % 7) + (week - 1) * 7;
  const afterMonth = month === 12 ? daysOf(year + 1, 1, 1) : daysOf(year, month + 1, 1);
  return day >= afterMonth ? day - 7 : day;
}
