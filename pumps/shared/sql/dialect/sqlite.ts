import { goTimeText } from '#pump';
import { isTime, type SqlValue } from '../value.ts';
import type { Dialect } from './dialect.ts';
import { hexOf, quotedText } from './texts.ts';

const types = {
  text: 'text',
  key: 'text',
  integer: 'integer',
  unsigned: 'integer',
  float: 'real',
  flag: 'numeric',
  time: 'datetime',
} as const;

export const sqliteDialect: Dialect = {
  name: 'sqlite',
  quote: (name) => `"${name.replaceAll('"', '""')}"`,
  literal,
  bytes: (value) => `x'${hexOf(value)}'`,
  typeOf: (kind) => types[kind],
  indexed: ({ name }) => sqliteDialect.quote(name),
  greatest: (left, right) => `max(${left}, ${right})`,
  least: (left, right) => `min(${left}, ${right})`,
  onConflict: (key) => `ON CONFLICT (${key.map(sqliteDialect.quote).join(', ')}) DO UPDATE SET`,
  fresh: (column) => `excluded.${sqliteDialect.quote(column)}`,
  // At once the writer: two that had read before could never both write.
  begin: 'BEGIN IMMEDIATE',
  probe: 'SELECT 1',
  ago: (milliseconds) => `datetime('now', '-${Math.round(milliseconds / 1_000)} seconds')`,
};

function literal(value: SqlValue): string {
  if (value === null) return 'NULL';
  if (isTime(value)) {
    const { seconds, nanos } = value;
    const [date = '', clock = ''] = goTimeText({
      seconds,
      nanos: nanos - (nanos % 1_000),
      zone: 'UTC',
    }).split(' ');
    return `'${date} ${clock}+00:00'`;
  }
  switch (typeof value) {
    case 'string':
      return quotedText(value);
    case 'boolean':
      return value ? '1' : '0';
    case 'number':
      return Number.isFinite(value) ? String(value) : 'NULL';
    default:
      return String(value);
  }
}
