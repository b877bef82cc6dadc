import { type Clock, type Entry, goTimeText, localZone, type RecordTime } from '#pump';

/** The day of a time in its own zone, `YYYYMMDD`. */
export function dayOf(time: RecordTime): string {
  const [date = ''] = goTimeText({ ...time, nanos: 0 }).split(' ', 1);
  return date.replaceAll('-', '');
}

/** Records by their day, days in order. */
export function byDay(entries: readonly Entry[]): ReadonlyMap<string, readonly Entry[]> {
  const days = new Map<string, Entry[]>();
  for (const entry of entries) {
    const day = dayOf(entry.record.time('timestamp'));
    const found = days.get(day);
    if (found === undefined) days.set(day, [entry]);
    else found.push(entry);
  }
  return new Map([...days].sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** Today, in the process's zone. */
export function dayNow(clock: Clock): string {
  const seconds = Math.floor(clock.now() / 1_000);
  return dayOf({ seconds, nanos: 0, zone: localZone() });
}
