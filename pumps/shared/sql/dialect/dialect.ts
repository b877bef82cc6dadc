import type { Column, ColumnKind, Table } from '../table.ts';
import type { SqlRow, SqlValue } from '../value.ts';

/** How a database says things. All values stand in the statements as literals: nothing is prepared on the server. */
export interface Dialect {
  readonly name: 'postgres' | 'mysql' | 'sqlite';
  /** The name of a column or an index. */
  readonly quote: (name: string) => string;
  readonly literal: (value: SqlValue) => string;
  readonly bytes: (value: Uint8Array) => string;
  readonly typeOf: (kind: ColumnKind) => string;
  /** A column within an index, where a text may be too long for one. */
  readonly indexed: (column: Column) => string;
  readonly greatest: (left: string, right: string) => string;
  readonly least: (left: string, right: string) => string;
  /** What is between an insert and the updates of rows that are there already. */
  readonly onConflict: (key: readonly string[]) => string;
  /** A column of the row that was to be inserted. */
  readonly fresh: (column: string) => string;
  readonly begin: string;
  /** Proves that the server answers, and that it can be written to: one row, whose only column is false or 0 then. */
  readonly probe: string;
  /** The time so many milliseconds ago. */
  readonly ago: (milliseconds: number) => string;
}

/** The name of a table, after that of its schema where it has one. */
export const quoteTable = ({ quote }: Dialect, name: string): string =>
  name
    .split('.')
    .map((part) => quote(part))
    .join('.');

export function createTable(dialect: Dialect, { name, columns, key }: Table): string {
  const lines = columns.map((column) => columnLine(dialect, column, key?.includes(column.name)));
  if (key !== undefined) lines.push(`PRIMARY KEY (${key.map(dialect.quote).join(', ')})`);
  const tail = dialect.name === 'mysql' ? ' DEFAULT CHARACTER SET utf8mb4' : '';
  return `CREATE TABLE IF NOT EXISTS ${quoteTable(dialect, name)} (${lines.join(', ')})${tail}`;
}

const columnLine = (dialect: Dialect, { name, kind }: Column, isKey = false): string =>
  `${dialect.quote(name)} ${dialect.typeOf(kind)}${isKey ? ' NOT NULL' : ''}`;

export const addColumn = (dialect: Dialect, table: string, column: Column): string =>
  `ALTER TABLE ${quoteTable(dialect, table)} ADD COLUMN ${dialect.name === 'postgres' ? 'IF NOT EXISTS ' : ''}${columnLine(dialect, column)}`;

/** An INSERT without its rows. */
export const insertHead = (dialect: Dialect, { name, columns }: Table): string =>
  `INSERT INTO ${quoteTable(dialect, name)} (${columns.map((column) => dialect.quote(column.name)).join(', ')}) VALUES `;

export const rowText = ({ literal }: Dialect, row: SqlRow): string =>
  `(${row.map((value) => literal(value)).join(',')})`;

/** How rows that are there already take in new ones. */
export interface UpsertRule {
  /**
   * In their order: MySQL lets later ones see what earlier ones set, so whatever reads other columns comes first. A column
   * without an update keeps its stored value.
   */
  readonly updates: readonly ColumnUpdate[];
}

export interface ColumnUpdate {
  readonly column: string;
  /** An expression of stored and new columns. */
  readonly set: (
    stored: (column: string) => string,
    fresh: (column: string) => string,
    dialect: Dialect,
  ) => string;
}

/** What follows the rows of an INSERT. */
export function upsertTail(
  dialect: Dialect,
  { name, key = [] }: Table,
  { updates }: UpsertRule,
): string {
  const table = quoteTable(dialect, name);
  const stored = (column: string): string => `${table}.${dialect.quote(column)}`;
  const fresh = (column: string): string => dialect.fresh(column);
  const sets = updates.map(
    ({ column, set }) => `${dialect.quote(column)} = ${set(stored, fresh, dialect)}`,
  );
  return ` ${dialect.onConflict(key)} ${sets.join(', ')}`;
}
