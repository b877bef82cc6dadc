import type { Column, ColumnKind, Table } from '../shared/sql/table.ts';
import { indexOf } from '../shared/sql/table.ts';

/** Of the table, or what is before the day. */
export const tableName = 'tyk_uptime_analytics';
export const shardOf = (day: string): string => `${tableName}_${day}`;

/** Codes with a column of their own, and those that share one by their first digit. */
// biome-ignore format: a table
export const codeColumns = [
  '1x', '200', '201', '2x', '301', '302', '303', '304', '3x', '400', '401', '403', '404', '429', '4x',
  '500', '501', '502', '503', '504', '5x',
] as const;

const columnsOf = (kind: ColumnKind, ...names: readonly string[]): readonly Column[] =>
  names.map((name) => ({ name, kind }));

/** In the order of a row (rows.ts). */
const columns: readonly Column[] = [
  ...columnsOf('key', 'id'),
  ...columnsOf('integer', 'counter_hits', 'counter_success', 'counter_error'),
  ...columnsOf('float', 'counter_request_time', 'counter_total_request_time'),
  ...columnsOf('text', 'counter_identifier', 'counter_human_identifier'),
  ...columnsOf('time', 'counter_last_time'),
  ...columnsOf(
    'integer',
    ...['counter_open_connections', 'counter_closed_connections'],
    ...['counter_bytes_in', 'counter_bytes_out'],
    ...['counter_max_upstream_latency', 'counter_min_upstream_latency'],
    'counter_total_upstream_latency',
  ),
  ...columnsOf('float', 'counter_upstream_latency'),
  ...columnsOf('integer', 'counter_max_latency', 'counter_min_latency', 'counter_total_latency'),
  ...columnsOf('float', 'counter_latency'),
  ...columnsOf('text', 'counter_error_map', 'counter_error_list'),
  ...columnsOf('integer', 'timestamp'),
  ...columnsOf('text', 'org_id', 'dimension', 'dimension_value'),
  ...columnsOf('integer', ...codeColumns.map((code) => `code_${code}`)),
];

/** The table of that name. Its index has a name of its own, also beside those of other days. */
export const tableOf = (name: string): Table => ({
  name,
  columns,
  key: ['id'],
  indexes: [indexOf(name, 'dimension', ['timestamp', 'org_id', 'dimension', 'dimension_value'])],
});
