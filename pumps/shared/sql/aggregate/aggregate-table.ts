import { type Column, type Index, indexOf, type Table } from '../table.ts';

/** How a table of aggregates is made. */
export interface AggregateTable {
  /** Its rows are of one API, which then stands in their ids in place of the organisation. */
  readonly isByApi: boolean;
  readonly hasIndex: boolean;
}

/** Codes that have a column of their own. */
const codes = [
  ...[200, 201, 301, 302, 303, 304],
  ...[400, 401, 403, 404, 429, 500, 501, 502, 503, 504],
];

/** What a code is counted in: its own column or that of its hundred, in the order of the table. */
export const codeColumns: readonly string[] = [1, 2, 3, 4, 5].flatMap((hundred) => [
  ...codes.filter((code) => Math.floor(code / 100) === hundred).map((code) => `code_${code}`),
  `code_${hundred}x`,
]);

const columnsOf = (kind: Column['kind'], ...names: readonly string[]): readonly Column[] =>
  names.map((name) => ({ name, kind }));

/** The columns of a row (tyk-pump.md, "sql_aggregate"). `aggregate-rows.ts` has the values in this order. */
const columns = (isByApi: boolean): readonly Column[] => [
  ...columnsOf('key', 'id'),
  ...columnsOf('integer', 'counter_hits', 'counter_success', 'counter_error'),
  ...columnsOf('float', 'counter_request_time', 'counter_total_request_time'),
  ...columnsOf('text', 'counter_identifier', 'counter_human_identifier'),
  ...columnsOf('time', 'counter_last_time'),
  ...columnsOf('integer', 'counter_open_connections', 'counter_closed_connections'),
  ...columnsOf('integer', 'counter_bytes_in', 'counter_bytes_out'),
  ...columnsOf('integer', 'counter_max_upstream_latency', 'counter_min_upstream_latency'),
  ...columnsOf('integer', 'counter_total_upstream_latency'),
  ...columnsOf('float', 'counter_upstream_latency'),
  ...columnsOf('integer', 'counter_max_latency', 'counter_min_latency', 'counter_total_latency'),
  ...columnsOf('float', 'counter_latency'),
  ...columnsOf('text', 'counter_error_map', 'counter_error_list'),
  ...columnsOf('integer', 'timestamp'),
  ...columnsOf('text', 'org_id', ...(isByApi ? ['api_id'] : []), 'dimension', 'dimension_value'),
  ...columnsOf('integer', ...codeColumns),
];

const indexed = ['dimension', 'timestamp', 'org_id', 'dimension_value'];

const indexesOf = ({ hasIndex }: AggregateTable, name: string): readonly Index[] =>
  hasIndex ? [indexOf(name, 'dimension', indexed)] : [];

/** Under a name. */
export const tableOf = (table: AggregateTable, name: string): Table => ({
  name,
  columns: columns(table.isByApi),
  key: ['id'],
  indexes: indexesOf(table, name),
});
