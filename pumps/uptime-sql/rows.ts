import type { Counter, Dimension, RecordTime, Tally } from '#pump';
import { rowsOf } from '../shared/sql/aggregate/aggregate-rows.ts';
import type { Dialect } from '../shared/sql/dialect/dialect.ts';
import type { SqlRow } from '../shared/sql/value.ts';
import type { Row } from './count.ts';

/** Go's zero time: what the total has, which no record is the last one of. */
const never: RecordTime = { seconds: -62_135_596_800, nanos: 0, zone: 'UTC' };

const dimension = (name: string): Dimension => ({
  ...{ sql: name, bson: name, json: undefined, isNested: false },
});
const dimensions = { url: dimension('url'), errors: dimension('errors') } as const;

/** An hour of an organisation, as `rowsOf` takes it. */
interface Hour {
  readonly start: number;
  readonly orgId: string;
  readonly apiId: '';
  total: Counter;
  readonly tallies: Tally[];
}

/** The rows as they are stored, in the order of their keys. */
export function storedRows(rows: readonly Row[], dialect: Dialect): readonly SqlRow[] {
  const rules = { isByApi: false, dialect: dialect.name };
  return rowsOf(hoursOf(rows), rules);
}

function hoursOf(rows: readonly Row[]): readonly Hour[] {
  const hours = new Map<string, Hour>();
  for (const row of rows) {
    const { start, orgId, value } = row;
    const key = `${start} ${orgId}`;
    const hour = hours.get(key) ?? { start, orgId, apiId: '', total: counterOf(row), tallies: [] };
    hours.set(key, hour);
    if (row.dimension === '') hour.total = counterOf(row);
    else
      hour.tallies.push({
        ...{ dimension: dimensions[row.dimension], outer: undefined, value },
        counter: counterOf(row),
      });
  }
  return [...hours.values()];
}

/** Of connections, bytes and latencies an uptime record has none. */
const counterOf = (row: Row): Counter => ({
  identifier: row.dimension === '' ? '' : row.value,
  humanIdentifier: '',
  ...{ hits: row.hits, success: row.success, error: row.error },
  totalRequestTime: row.requestTime,
  ...{ totalLatency: 0, maxLatency: 0, minLatency: 0 },
  ...{ totalUpstreamLatency: 0, maxUpstreamLatency: 0, minUpstreamLatency: 0 },
  ...{ openConnections: 0, closedConnections: 0, bytesIn: 0, bytesOut: 0 },
  // Here successes have columns, too.
  errorMap: row.codes,
  lastTime: row.lastTime ?? never,
});
