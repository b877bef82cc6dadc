import { upsertInBulk } from './bulk-upsert.ts';
import {
  type Dialect,
  insertHead,
  quoteTable,
  rowText,
  type UpsertRule,
  upsertTail,
} from './dialect/dialect.ts';
import type { Connection } from './driver/driver.ts';
import type { Table } from './table.ts';
import type { FreshRows, SqlRow } from './value.ts';

/** What a sink may do within a transaction. */
export interface Transaction {
  readonly dialect: Dialect;
  insert(table: Table, rows: readonly SqlRow[]): Promise<void>;
  /**
   * Rows that are new, or taken into those that are there by the rule, in the order of their keys: transactions take their
   * locks in one order then.
   */
  upsert(table: Table, rows: FreshRows, rule: UpsertRule): Promise<void>;
  /** Rows in the text form of COPY, columns as in the table. Only on PostgreSQL. */
  readonly copy: ((table: Table, rows: Uint8Array) => Promise<void>) | undefined;
}

/** `mostRows`: of one statement. */
export function transactionOn(
  connection: Connection,
  dialect: Dialect,
  mostRows: number,
): Transaction {
  const write = async (head: string, rows: readonly SqlRow[], tail: string): Promise<void> => {
    for (const statement of statementsOf(
      rows.map((row) => rowText(dialect, row)),
      { head, tail, mostRows, room: connection.maxStatement },
    ))
      await connection.run([statement]);
  };
  const { copy } = connection;
  return {
    dialect,
    insert: (table, rows) => write(insertHead(dialect, table), rows, ''),
    async upsert(table, rows, rule) {
      if (await upsertInBulk(connection, dialect, { table, rows, rule })) return;
      await write(insertHead(dialect, table), rows.values(), upsertTail(dialect, table, rule));
    },
    copy: copy && ((table, rows) => copy(copyStatement(dialect, table), [rows])),
  };
}

interface Frame {
  readonly head: string;
  readonly tail: string;
  readonly mostRows: number;
  /** Characters that a statement may have; a row that is longer goes alone. */
  readonly room: number;
}

function* statementsOf(
  rows: readonly string[],
  { head, tail, mostRows, room }: Frame,
): Iterable<string> {
  const fixed = head.length + tail.length;
  let [first, size] = [0, fixed];
  for (const [at, row] of rows.entries()) {
    if (at > first && (at - first >= mostRows || size + row.length + 1 > room)) {
      yield head + rows.slice(first, at).join(',') + tail;
      [first, size] = [at, fixed];
    }
    size += row.length + 1;
  }
  if (first < rows.length) yield head + rows.slice(first).join(',') + tail;
}

const copyStatement = (dialect: Dialect, { name, columns }: Table): string =>
  `COPY ${quoteTable(dialect, name)} (${columns.map((column) => dialect.quote(column.name)).join(', ')}) FROM STDIN`;
