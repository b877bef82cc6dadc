import { createHash } from 'node:crypto';
import {
  type Aggregate,
  type Counter,
  meanOf,
  OpenCounter,
  totalDimension,
  totalValue,
} from '#pump';
import type { Dialect } from '../dialect/dialect.ts';
import type { SqlRow, SqlValue } from '../value.ts';
import { codeColumns } from './aggregate-table.ts';

export interface RowRules {
  readonly isByApi: boolean;
  readonly dialect: Dialect['name'];
  /** Dimensions that are not stored, by their names in SQL. */
  readonly leftOut: ReadonlySet<string>;
}

/** Bytes that a key, and a value in an index, may have. PostgreSQL has 2,704 for an entry of an index, all told. */
const room = {
  postgres: { id: 2_600, value: 2_000 },
  mysql: { id: 191, value: Infinity },
  sqlite: { id: Infinity, value: Infinity },
} as const;

/** What is stored of an aggregate. */
type Stored = Pick<Aggregate, 'start' | 'orgId' | 'apiId' | 'total' | 'tallies'>;

/** What a row is about. */
interface Place {
  readonly aggregate: Stored;
  readonly dimension: string;
  readonly value: string;
  readonly counter: Counter;
}

/**
 * The rows of aggregates, in the order of their ids: whoever else writes takes the same locks in the same order. The order of
 * the values is that of the table's columns.
 */
export function rowsOf(aggregates: readonly Stored[], rules: RowRules): readonly SqlRow[] {
  const places = new Map<string, Place>();
  const { id: longest } = room[rules.dialect];
  for (const aggregate of aggregates) {
    const owner = rules.isByApi ? aggregate.apiId : aggregate.orgId;
    const start = hex(`${aggregate.start}${owner}`);
    for (const place of placesOf(aggregate, rules.leftOut)) {
      const whole = `${start}${hexOfDimension(place.dimension)}${hex(place.value)}`;
      const id = whole.length > longest ? shortened(whole, longest) : whole;
      const same = places.get(id);
      places.set(id, same === undefined ? place : { ...same, counter: both(same, place) });
    }
  }
  return [...places]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([id, place]) => rowOf(id, place, rules));
}

function* placesOf(aggregate: Stored, leftOut: ReadonlySet<string>): Iterable<Place> {
  const { total, tallies } = aggregate;
  yield { aggregate, dimension: totalDimension.sql, value: totalValue, counter: total };
  for (const { dimension, outer, value, counter } of tallies)
    if (!leftOut.has(dimension.sql))
      yield {
        aggregate,
        dimension: dimension.sql,
        value: outer === undefined ? value : `${outer}.${value}`,
        counter,
      };
}

/** The parts of an id are joined with nothing between them, so that two places may have one: then it is one row. */
function both({ counter }: Place, other: Place): Counter {
  const { identifier, humanIdentifier, lastTime } = counter;
  const sum = new OpenCounter(identifier, humanIdentifier, lastTime);
  sum.add(counter);
  sum.add(other.counter);
  return sum;
}

function rowOf(
  id: string,
  { aggregate, dimension, value, counter }: Place,
  rules: RowRules,
): SqlRow {
  const { value: longest } = room[rules.dialect];
  const row: SqlValue[] = [
    ...[id, counter.hits, counter.success, counter.error],
    ...[meanOf(counter, counter.totalRequestTime), counter.totalRequestTime],
    ...[counter.identifier, counter.humanIdentifier, counter.lastTime],
    ...[counter.openConnections, counter.closedConnections, counter.bytesIn, counter.bytesOut],
    ...[counter.maxUpstreamLatency, counter.minUpstreamLatency, counter.totalUpstreamLatency],
    meanOf(counter, counter.totalUpstreamLatency),
    ...[counter.maxLatency, counter.minLatency, counter.totalLatency],
    meanOf(counter, counter.totalLatency),
    ...['{}', '[]', aggregate.start, aggregate.orgId],
  ];
  if (rules.isByApi) row.push(aggregate.apiId);
  row.push(dimension, shortened(value, longest));
  const { errorMap } = counter;
  if (errorMap.size === 0) {
    for (let at = 0; at < codeColumns.length; at++) row.push(0);
    return row;
  }
  const counts = new Map<string, number>();
  for (const [code, count] of errorMap) {
    const column = columnOf(code);
    counts.set(column, (counts.get(column) ?? 0) + count);
  }
  for (const column of codeColumns) row.push(counts.get(column) ?? 0);
  return row;
}

const ownColumns = new Set(codeColumns);

/** Its own column, else that of its first digit; some codes have none. */
const columnOf = (code: number): string =>
  ownColumns.has(`code_${code}`) ? `code_${code}` : `code_${String(code).slice(0, 1)}x`;

/** Too long a text ends in the hash of the whole. */
function shortened(text: string, most: number): string {
  // No UTF-16 unit takes more than three bytes.
  if (text.length * 3 <= most) return text;
  const bytes = Buffer.from(text);
  if (bytes.length <= most) return text;
  const hash = createHash('sha256').update(bytes).digest('hex');
  // A character that is cut in two waits in the decoder for its rest.
  const head = new TextDecoder().decode(bytes.subarray(0, most - hash.length), { stream: true });
  return `${head}${hash}`;
}

const hex = (text: string): string => Buffer.from(text).toString('hex');

const dimensionHex = new Map<string, string>();

function hexOfDimension(name: string): string {
  const found = dimensionHex.get(name) ?? hex(name);
  dimensionHex.set(name, found);
  return found;
}
