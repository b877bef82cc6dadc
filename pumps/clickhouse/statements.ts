import type { Column } from './columns.ts';
import { type Dialect, isModern, window } from './dialect.ts';
import type { Options } from './options.ts';

/** A name as SQL has it, whatever is in it. */
const quoted = (name: string): string => `\`${name.replace(/[\\`]/g, '\\$&')}\``;
const quotedText = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

type Where = Pick<Options, 'database' | 'table'>;
const tableName = ({ database, table }: Where): string => `${quoted(database)}.${quoted(table)}`;

export const insertStatement = (where: Where, columns: readonly Column[]): string =>
  `INSERT INTO ${tableName(where)} (${columns.map(({ name }) => quoted(name)).join(', ')}) FORMAT JSONEachRow`;

export const columnsStatement = ({ database, table }: Where): string =>
  `SELECT name FROM system.columns WHERE database = ${quotedText(database)} AND table = ${quotedText(table)}`;

const typeOf = ({ type, oldType }: Column, dialect: Dialect): string =>
  isModern(dialect) ? type : oldType;

export function createStatement(
  options: Options,
  columns: readonly Column[],
  dialect: Dialect,
): string {
  const { engine, order_by, partition_by, table_options } = options;
  const lines = columns.map((column) => `${quoted(column.name)} ${typeOf(column, dialect)}`);
  return [
    `CREATE TABLE IF NOT EXISTS ${tableName(options)} (${lines.join(', ')})`,
    `ENGINE = ${engine.includes('(') ? engine : `${engine}()`}`,
    ...(partition_by === '' ? [] : [`PARTITION BY ${partition_by}`]),
    `ORDER BY ${order_by}`,
    ...optionsOf(table_options, engine, dialect),
  ].join(' ');
}

/** A table that is not replicated looks for repeated inserts only where it is told to. */
function optionsOf(said: string, engine: string, { tableSettings }: Dialect): readonly string[] {
  const isReplicated = /^(?:Replicated|Shared)/.test(engine);
  if (isReplicated || !tableSettings.has(window) || /\bSETTINGS\b/i.test(said))
    return said === '' ? [] : [said];
  return [...(said === '' ? [] : [said]), `SETTINGS ${window} = 1000`];
}

export const addStatement = (where: Where, column: Column, dialect: Dialect): string =>
  `ALTER TABLE ${tableName(where)} ADD COLUMN ${quoted(column.name)} ${typeOf(column, dialect)}`;
