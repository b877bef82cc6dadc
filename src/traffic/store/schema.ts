import { columnOf, integerColumns, textColumns } from './columns.ts';

/** Of the files’ tables; another is a file of another version, which is left alone. */
export const storeVersion = 1;

/** After `row`, `segment` and `place`; in the order of `columnsOf`. */
export const recordColumns = [
  ...['time', 'odd'],
  ...textColumns.map(columnOf),
  'tags',
  ...integerColumns.map(columnOf),
];

const typeOf = (column: string): string =>
  column === 'tags' || textColumns.some((field) => columnOf(field) === column) ? 'TEXT' : 'INTEGER';

/**
 * A volume: what is asked for often in narrow rows, and what is shown in wide ones. Rows are counted from 0, without gaps. A record’s id is
 * that of its segment, and its place in it.
 */
export const schema = [
  'CREATE TABLE segment (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)',
  `CREATE TABLE record (row INTEGER PRIMARY KEY, segment INTEGER NOT NULL, place INTEGER NOT NULL, ${recordColumns
    .map((column) => `${column} ${typeOf(column)} NOT NULL`)
    .join(', ')}, size INTEGER NOT NULL)`,
  'CREATE UNIQUE INDEX by_id ON record (segment, place)',
  'CREATE INDEX by_time ON record (time)',
  'CREATE TABLE stored (row INTEGER PRIMARY KEY, record BLOB NOT NULL)',
  'CREATE TABLE trigram (id INTEGER PRIMARY KEY, words BLOB NOT NULL)',
  `PRAGMA user_version = ${storeVersion}`,
] as const;
