import { bucketStart, type Entry, type RecordTime, readUptime, type UptimeRecord } from '#pump';
import { dayOf } from '../shared/sql/shards.ts';

/** What is counted of the records that share an hour, an organisation, and an address, a code or nothing more. */
export interface Row {
  /** Day of its hour, `YYYYMMDD`. */
  readonly day: string;
  /** Unix seconds at which its hour begins, in the zone of its records. */
  readonly start: number;
  readonly orgId: string;
  readonly dimension: '' | 'url' | 'errors';
  readonly value: string;
  hits: number;
  success: number;
  error: number;
  /** Milliseconds. */
  requestTime: number;
  /** Of the first record that it counted in the batch; undefined: of none. */
  lastTime: RecordTime | undefined;
  /** Errors and successes by their code. */
  readonly codes: Map<number, number>;
}

/** The last second of the year 9999. */
const lastSecond = 253_402_300_799;

/** Whether a record has a time that there is an hour for. */
export function hasHour({ record }: Entry): boolean {
  const seconds = record.seconds('timestamp');
  return seconds >= 0 && seconds <= lastSecond;
}

/** Whether it is counted: without an organisation there is nobody who could look at it. */
export const isCounted = (entry: Entry): boolean =>
  hasHour(entry) && entry.record.text('org_id') !== '';

/**
 * Counts records, each in the hour of its own time. A hit is a success from 200 to 299 and an error from 400 on. One with the
 * code −1 is no hit: there is a row for its address then, and nothing in it.
 */
export function countRows(entries: readonly Entry[]): readonly Row[] {
  const rows = new Map<string, Row>();
  for (const { record } of entries) {
    const read = readUptime(record);
    const start = bucketStart(read.timestamp, 60);
    const day = dayOf({ ...read.timestamp, seconds: start });
    const place = { day, start, orgId: read.orgId };
    const code = Number(read.responseCode);
    const of = (dimension: Row['dimension'], value: string): Row =>
      rowIn(rows, { ...place, dimension, value });
    const [total, url] = [of('', 'total'), of('url', read.url)];
    if (code === -1) continue;
    add(total, read, code);
    seen(url, read);
    add(url, read, code);
    if (code < 400) continue;
    const errors = of('errors', String(code));
    seen(errors, read);
    add(errors, read, code);
  }
  return [...rows.values()];
}

function rowIn(
  rows: Map<string, Row>,
  place: Pick<Row, 'day' | 'start' | 'orgId' | 'dimension' | 'value'>,
): Row {
  const { day, start, orgId, dimension, value } = place;
  const key = JSON.stringify([day, start, orgId, dimension, value]);
  const known = rows.get(key);
  if (known !== undefined) return known;
  const row = {
    ...place,
    ...{ hits: 0, success: 0, error: 0, requestTime: 0 },
    lastTime: undefined,
    codes: new Map<number, number>(),
  };
  rows.set(key, row);
  return row;
}

function add(row: Row, { requestTime }: UptimeRecord, code: number): void {
  row.hits += 1;
  row.requestTime += Number(requestTime);
  const isSuccess = code >= 200 && code < 300;
  if (isSuccess) row.success += 1;
  else if (code >= 400) row.error += 1;
  else return;
  row.codes.set(code, (row.codes.get(code) ?? 0) + 1);
}

function seen(row: Row, { timestamp }: UptimeRecord): void {
  row.lastTime ??= timestamp;
}
