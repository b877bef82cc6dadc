import { indexOf, type Table } from '../table.ts';
import type { RecordColumn } from './record-columns.ts';

/** Where records go: a table, or one for each day. */
export interface RecordTable {
  /** Of the table, or what is before the day. */
  readonly name: string;
  readonly columns: readonly RecordColumn[];
  /** Columns that each have an index. */
  readonly indexed: readonly string[];
}

/** Under a name. An index is called by its column's name in the record: `…_idx_apiid`. */
export const tableOf = ({ columns, indexed }: RecordTable, name: string): Table => ({
  name,
  columns,
  indexes: indexed.map((column) => indexOf(name, column, [column])),
});

/** The six that Tyk Pump makes for a day's table. */
export const usualIndexes = ['responsecode', 'apikey', 'timestamp', 'apiid', 'orgid', 'oauthid'];
