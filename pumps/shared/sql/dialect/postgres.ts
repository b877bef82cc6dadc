import { postgresTime } from '#pump';
import { isTime, type SqlValue } from '../value.ts';
import type { Dialect } from './dialect.ts';
import { hexOf, quotedText } from './texts.ts';

const types = {
  text: 'text',
  key: 'text',
  integer: 'bigint',
  unsigned: 'bigint',
  float: 'decimal',
  flag: 'boolean',
  time: 'timestamptz',
} as const;

export const postgresDialect: Dialect = {
  name: 'postgres',
  quote: (name) => `"${name.replaceAll('"', '""')}"`,
  literal,
  bytes: (value) => `'\\x${hexOf(value)}'::bytea`,
  typeOf: (kind) => types[kind],
  indexed: ({ name }) => postgresDialect.quote(name),
  greatest: (left, right) => `GREATEST(${left}, ${right})`,
  least: (left, right) => `LEAST(${left}, ${right})`,
  onConflict: (key) => `ON CONFLICT (${key.map(postgresDialect.quote).join(', ')}) DO UPDATE SET`,
  fresh: (column) => `excluded.${postgresDialect.quote(column)}`,
  begin: 'BEGIN',
  probe: `SELECT current_setting('transaction_read_only') = 'off'`,
  ago: (milliseconds) => `now() - interval '${milliseconds} milliseconds'`,
};

function literal(value: SqlValue): string {
  if (value === null) return 'NULL';
  if (isTime(value)) return `'${postgresTime(value)}'`;
  switch (typeof value) {
    case 'string':
      return quotedText(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : `'${value}'`;
    default:
      return String(value);
  }
}
