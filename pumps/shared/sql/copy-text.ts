import { postgresTime } from '#pump';
import { withoutNul } from './dialect/texts.ts';
import { type FreshRows, isTime, type SqlRow, type SqlValue } from './value.ts';

/** Rows that are there as values, sorted by their key. */
export const freshRows = (rows: readonly SqlRow[]): FreshRows => ({
  count: rows.length,
  values: () => rows,
  lines: () => [Buffer.from(`${rows.map((row) => row.map(copyText).join('\t')).join('\n')}\n`)],
});

/** A value in the text form of PostgreSQL's COPY. */
export function copyText(value: SqlValue): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return escaped(value);
  if (value === null) return '\\N';
  if (isTime(value)) return postgresTime(value);
  return String(value);
}

const special = /[\0\\\t\n\r]/;
const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
};

const escaped = (text: string): string =>
  special.test(text)
    ? withoutNul(text).replaceAll(/[\\\t\n\r]/g, (character) => escapes[character] ?? character)
    : text;
