import type { Dialect } from '../dialect/dialect.ts';
import type { Cell, Connection } from '../driver/driver.ts';

/** What the database says it has. */
export interface Found {
  /** Names of the columns; undefined: there is no such table. */
  readonly columns: ReadonlySet<string> | undefined;
  readonly indexes: ReadonlySet<string>;
}

export async function lookUp(
  connection: Connection,
  dialect: Dialect,
  table: string,
): Promise<Found> {
  const columns = textsOf(await connection.run([columnsStatement(dialect, table)]));
  if (columns.length === 0) return { columns: undefined, indexes: new Set() };
  const indexes = textsOf(await connection.run([indexesStatement(dialect, table)]));
  return { columns: new Set(columns), indexes: new Set(indexes) };
}

/** Names of tables that are a prefix and eight digits. */
export async function shardsOf(
  connection: Connection,
  dialect: Dialect,
  prefix: string,
): Promise<readonly string[]> {
  const [schema, name] = partsOf(prefix);
  const found = textsOf(await connection.run([tablesStatement(dialect, schema)]));
  const path = schema === undefined ? '' : `${schema}.`;
  return found
    .filter((table) => table.startsWith(`${name}_`) && /^\d{8}$/.test(table.slice(name.length + 1)))
    .map((table) => path + table)
    .sort();
}

const textsOf = (rows: readonly (readonly Cell[])[]): readonly string[] =>
  rows.map(([text]) => (text instanceof Uint8Array ? Buffer.from(text).toString() : String(text)));

function partsOf(table: string): readonly [schema: string | undefined, name: string] {
  const dot = table.lastIndexOf('.');
  return dot < 0 ? [undefined, table] : [table.slice(0, dot), table.slice(dot + 1)];
}

function columnsStatement({ name: dialect, literal, quote }: Dialect, table: string): string {
  const [schema, name] = partsOf(table);
  switch (dialect) {
    case 'postgres': {
      const path = table.split('.').map(quote).join('.');
      return `SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass(${literal(path)}) AND attnum > 0 AND NOT attisdropped`;
    }
    case 'mysql':
      return `SELECT column_name FROM information_schema.columns WHERE table_schema = ${inSchema(schema, literal)} AND table_name = ${literal(name)}`;
    case 'sqlite':
      return `SELECT name FROM pragma_table_info(${literal(name)})`;
  }
  return dialect satisfies never;
}

function indexesStatement({ name: dialect, literal, quote }: Dialect, table: string): string {
  const [schema, name] = partsOf(table);
  switch (dialect) {
    case 'postgres': {
      const path = table.split('.').map(quote).join('.');
      return `SELECT c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = to_regclass(${literal(path)})`;
    }
    case 'mysql':
      return `SELECT DISTINCT index_name FROM information_schema.statistics WHERE table_schema = ${inSchema(schema, literal)} AND table_name = ${literal(name)}`;
    case 'sqlite':
      return `SELECT name FROM pragma_index_list(${literal(name)})`;
  }
  return dialect satisfies never;
}

function tablesStatement({ name: dialect, literal }: Dialect, schema: string | undefined): string {
  switch (dialect) {
    case 'postgres':
      return schema === undefined
        ? "SELECT relname::text FROM pg_class WHERE relkind IN ('r', 'p') AND pg_table_is_visible(oid)"
        : `SELECT tablename::text FROM pg_tables WHERE schemaname = ${literal(schema)}`;
    case 'mysql':
      return `SELECT table_name FROM information_schema.tables WHERE table_schema = ${inSchema(schema, literal)}`;
    case 'sqlite':
      return "SELECT name FROM sqlite_master WHERE type = 'table'";
  }
  return dialect satisfies never;
}

const inSchema = (schema: string | undefined, literal: Dialect['literal']): string =>
  schema === undefined ? 'database()' : literal(schema);
