import { addColumn, createTable, type Dialect, quoteTable } from '../dialect/dialect.ts';
import type { Connection, Driver } from '../driver/driver.ts';
import type { Index, Table } from '../table.ts';
import { lookUp } from './catalogue.ts';

/** Indexes that a table of before lacks: they take a while, so they are made in the background. */
export interface MissingIndexes {
  readonly table: Table;
  readonly indexes: readonly Index[];
}

/** How statements reach the database. */
export interface Means {
  readonly connection: Connection;
  readonly dialect: Dialect;
  readonly driver: Driver;
}

/** Ours among PostgreSQL's advisory locks: instances that start together make tables one after the other. */
const lockOfTables = 7_510_417;

/**
 * Makes a table, its indexes with it, or adds the columns it lacks; drops nothing and changes no type. Gives the indexes
 * that a table which was there lacks. Where it rejects, the connection is of no use any more.
 */
export async function migrate(means: Means, table: Table): Promise<MissingIndexes | undefined> {
  const { connection, dialect } = means;
  const found = await lookUp(connection, dialect, table.name);
  if (found.columns === undefined) {
    await define(means, [
      createTable(dialect, table),
      ...table.indexes.map((index) => createIndex(dialect, table, index)),
    ]);
    return undefined;
  }
  const has = lookIn(dialect, found.columns);
  const lacking = table.columns.filter(({ name }) => !has(name));
  await define(
    means,
    lacking.map((column) => addColumn(dialect, table.name, column)),
  );
  const indexes = table.indexes.filter(({ name }) => !found.indexes.has(name));
  return indexes.length === 0 ? undefined : { table, indexes };
}

/** PostgreSQL alone minds the case of a column's name. */
function lookIn({ name }: Dialect, columns: ReadonlySet<string>): (column: string) => boolean {
  if (name === 'postgres') return (column) => columns.has(column);
  const lower = new Set([...columns].map((column) => column.toLowerCase()));
  return (column) => lower.has(column.toLowerCase());
}

/** Another instance may do the same at this moment, or have done it just before. */
export async function define(
  { connection, dialect, driver }: Means,
  statements: readonly string[],
): Promise<void> {
  if (statements.length === 0) return;
  if (dialect.name === 'postgres') {
    const lock = `SELECT pg_advisory_xact_lock(${lockOfTables})`;
    await connection.run(['BEGIN', lock, ...statements, 'COMMIT']);
    return;
  }
  for (const statement of statements)
    try {
      await connection.run([statement]);
    } catch (error) {
      if (!driver.isAlreadyThere(error)) throw error;
    }
}

/** Where it can, harmless if the index is there. `isLive`: the table is written to meanwhile. */
export function createIndex(
  dialect: Dialect,
  { name: table, columns }: Table,
  { name, columns: indexed }: Index,
  isLive = false,
): string {
  const { quote, name: dialectName } = dialect;
  const list = indexed.map((column) => {
    const found = columns.find((one) => one.name === column);
    return found === undefined ? quote(column) : dialect.indexed(found);
  });
  const how = dialectName === 'postgres' && isLive ? ' CONCURRENTLY' : '';
  const unless = dialectName === 'mysql' ? '' : ' IF NOT EXISTS';
  return `CREATE INDEX${how}${unless} ${quote(name)} ON ${quoteTable(dialect, table)} (${list.join(', ')})`;
}
