import {
  type Aggregate,
  type Counter,
  meanOf,
  OpenCounter,
  totalDimension,
  totalValue,
} from '#pump';
import type { SqlRow } from '../value.ts';
import { type RowRules, shortened, startOfId, storedRoom, storedValue } from './aggregate-ids.ts';
import { CodeCounts } from './code-counts.ts';

/** What is stored of an aggregate. */
export type Stored = Pick<Aggregate, 'start' | 'orgId' | 'apiId' | 'total' | 'tallies'>;

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
  const { id: longest } = storedRoom[rules.dialect];
  const codes = new CodeCounts();
  for (const aggregate of aggregates) {
    const start = hex(startOfId(aggregate, rules));
    for (const place of placesOf(aggregate)) {
      const whole = `${start}${hexOfDimension(place.dimension)}${hex(place.value)}`;
      const id = whole.length > longest ? shortened(whole, longest) : whole;
      const same = places.get(id);
      places.set(id, same === undefined ? place : { ...same, counter: both(same, place) });
    }
  }
  return [...places]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([id, place]) => rowOf(id, place, rules, codes));
}

function* placesOf(aggregate: Stored): Iterable<Place> {
  const { total, tallies } = aggregate;
  yield { aggregate, dimension: totalDimension.sql, value: totalValue, counter: total };
  for (const { dimension, outer, value, counter } of tallies)
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
  codes: CodeCounts,
): SqlRow {
  return [
    ...[id, counter.hits, counter.success, counter.error],
    ...[meanOf(counter, counter.totalRequestTime), counter.totalRequestTime],
    ...[counter.identifier, counter.humanIdentifier, counter.lastTime],
    ...[counter.openConnections, counter.closedConnections, counter.bytesIn, counter.bytesOut],
    ...[counter.maxUpstreamLatency, counter.minUpstreamLatency, counter.totalUpstreamLatency],
    meanOf(counter, counter.totalUpstreamLatency),
    ...[counter.maxLatency, counter.minLatency, counter.totalLatency],
    meanOf(counter, counter.totalLatency),
    ...['{}', '[]', aggregate.start, aggregate.orgId],
    ...(rules.isByApi ? [aggregate.apiId] : []),
    ...[dimension, storedValue(value, rules)],
    ...codes.of(counter.errorMap),
  ];
}

const hex = (text: string): string => Buffer.from(text).toString('hex');

const dimensionHex = new Map<string, string>();

function hexOfDimension(name: string): string {
  const found = dimensionHex.get(name) ?? hex(name);
  dimensionHex.set(name, found);
  return found;
}
