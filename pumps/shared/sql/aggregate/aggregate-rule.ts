import type { ColumnUpdate, UpsertRule } from '../dialect/dialect.ts';
import { codeColumns } from './aggregate-table.ts';

type Expression = (column: string) => string;

/** Of a column that a row from before it was added has nothing in. */
const known = (stored: Expression, column: string): string => `COALESCE(${stored(column)}, 0)`;

const sum = (stored: Expression, fresh: Expression, column: string): string =>
  `${known(stored, column)} + ${fresh(column)}`;

const added = (column: string): ColumnUpdate => ({
  column,
  set: (stored, fresh) => sum(stored, fresh, column),
});

/** The mean over all hits. `1e0` makes a fraction of what some servers would cut to an integer, or to four digits. */
const mean = (column: string, total: string): ColumnUpdate => ({
  column,
  set(stored, fresh) {
    const hits = sum(stored, fresh, 'counter_hits');
    return `CASE WHEN ${hits} = 0 THEN 0 ELSE (${sum(stored, fresh, total)}) * 1e0 / (${hits}) END`;
  },
});

const highest = (column: string): ColumnUpdate => ({
  column,
  set: (stored, fresh, { greatest }) =>
    `CASE WHEN ${fresh('counter_hits')} = 0 THEN ${stored(column)} WHEN ${known(stored, 'counter_hits')} = 0 THEN ${fresh(column)} ELSE ${greatest(known(stored, column), fresh(column))} END`,
});

/** Of the hits that are no errors, where there are some (`Counter.minLatency` of the kit). */
const lowest = (column: string): ColumnUpdate => ({
  column,
  set(stored, fresh, { least }) {
    const hits = known(stored, 'counter_hits');
    const hasOnlyErrors = `${hits} = ${known(stored, 'counter_error')}`;
    const areOnlyErrors = `${fresh('counter_hits')} = ${fresh('counter_error')}`;
    return [
      `CASE WHEN ${fresh('counter_hits')} = 0 THEN ${stored(column)}`,
      `WHEN ${hits} = 0 THEN ${fresh(column)}`,
      `WHEN ${hasOnlyErrors} AND NOT (${areOnlyErrors}) THEN ${fresh(column)}`,
      `WHEN ${areOnlyErrors} AND NOT (${hasOnlyErrors}) THEN ${stored(column)}`,
      `ELSE ${least(known(stored, column), fresh(column))} END`,
    ].join(' ');
  },
});

const latest = (column: string): ColumnUpdate => ({
  column,
  set: (stored, fresh, { greatest }) =>
    `COALESCE(${greatest(stored(column), fresh(column))}, ${fresh(column)}, ${stored(column)})`,
});

/**
 * How a stored row takes in what was counted anew: identifiers stay as they were at first, as in Tyk Pump. Means and minima
 * come first, because MySQL lets what comes later see the new hits and totals.
 */
export const aggregateRule: UpsertRule = {
  updates: [
    mean('counter_request_time', 'counter_total_request_time'),
    mean('counter_upstream_latency', 'counter_total_upstream_latency'),
    mean('counter_latency', 'counter_total_latency'),
    lowest('counter_min_upstream_latency'),
    lowest('counter_min_latency'),
    highest('counter_max_upstream_latency'),
    highest('counter_max_latency'),
    latest('counter_last_time'),
    ...[
      ...['counter_total_request_time', 'counter_total_upstream_latency', 'counter_total_latency'],
      ...['counter_hits', 'counter_success', 'counter_error'],
      ...['counter_open_connections', 'counter_closed_connections'],
      ...['counter_bytes_in', 'counter_bytes_out'],
      ...codeColumns,
    ].map(added),
  ],
};
