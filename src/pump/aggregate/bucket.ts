import type { RecordTime } from '../../record/record.ts';
import { dateOf, splitDays } from '../../record/time/civil.ts';
import { periodAt } from '../../record/time/zone.ts';

/** A date and an hour, as clocks in a record's zone show them; months from 1 on. */
export interface TimeId {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
}

/**
 * Where the bucket of a time begins, in Unix seconds: the hour as clocks in its zone show it, and in it the so many minutes
 * (1 … 60) that the time lies in. A bucket never reaches into the next hour, so that all of it has one `timeId`.
 */
export function bucketStart(time: RecordTime, minutes: number): number {
  const seconds = Number(time.seconds);
  const inHour = modulo(seconds + offsetOf(time), 3600);
  return seconds - (inHour % (60 * minutes));
}

export function timeIdOf(time: RecordTime): TimeId {
  const { days, rest } = splitDays(Number(time.seconds) + offsetOf(time));
  return { ...dateOf(days), hour: Math.floor(rest / 3600) };
}

const offsetOf = ({ zone, seconds }: RecordTime): number =>
  zone === 'UTC' ? 0 : periodAt(zone, Number(seconds)).offset;

const modulo = (value: number, by: number): number => ((value % by) + by) % by;
