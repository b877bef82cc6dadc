import { type Dialect, quoteTable, type UpsertRule, upsertTail } from './dialect/dialect.ts';
import type { Connection } from './driver/driver.ts';
import type { Table } from './table.ts';
import type { FreshRows } from './value.ts';

/** Fewer rows are not worth a table of their own. */
const fewest = 200;
/** The session's own, until the transaction ends. */
const name = 'sluice_fresh';

/**
 * Takes many rows into a table of PostgreSQL: by COPY into a temporary table, and from there by one statement. The server
 * has far less to read than with literals. False where it has not been done: they are few, or the user may make no such table.
 */
export async function upsertInBulk(
  connection: Connection,
  dialect: Dialect,
  { table, rows, rule }: { table: Table; rows: FreshRows; rule: UpsertRule },
): Promise<boolean> {
  const { copy } = connection;
  if (copy === undefined || rows.count < fewest) return false;
  const [may] = await connection.run([`SELECT has_database_privilege(current_database(), 'TEMP')`]);
  if (may?.[0] !== true) return false;
  const columns = table.columns.map((column) => dialect.quote(column.name)).join(', ');
  const target = quoteTable(dialect, table.name);
  await connection.run([
    `CREATE TEMP TABLE ${name} ON COMMIT DROP AS SELECT ${columns} FROM ${target} WITH NO DATA`,
  ]);
  await copy(`COPY ${name} (${columns}) FROM STDIN`, rows.lines());
  // By bytes, as the rows of others are: locks are taken in one order.
  const order = (table.key ?? []).map((key) => `${dialect.quote(key)} COLLATE "C"`).join(', ');
  await connection.run([
    `INSERT INTO ${target} (${columns}) SELECT ${columns} FROM ${name} ORDER BY ${order}${upsertTail(dialect, table, rule)}`,
    `DROP TABLE ${name}`,
  ]);
  return true;
}
