import { createHash } from 'node:crypto';
import { type AnalyticsRecord, type Entry, fullShape, type Shape, type TextField } from '#pump';
import { type Piece, readPieces } from '../shared/templates/template.ts';

/** What of a prefix stands for a record. */
type Value = (record: AnalyticsRecord) => string;

const two = (value: number): string => String(value).padStart(2, '0');

/** Of a time that no calendar here has, the first hour of 1970. */
const dateOf = (record: AnalyticsRecord): Date => {
  const date = new Date(Number(record.seconds('timestamp')) * 1_000);
  return Number.isNaN(date.getTime()) || date.getUTCFullYear() < 1970 ? new Date(0) : date;
};

const hours: Readonly<Record<string, Value>> = {
  year: (record) => String(dateOf(record).getUTCFullYear()).padStart(4, '0'),
  month: (record) => two(dateOf(record).getUTCMonth() + 1),
  day: (record) => two(dateOf(record).getUTCDate()),
  hour: (record) => two(dateOf(record).getUTCHours()),
};

const texts: ReadonlyMap<string, TextField> = new Map(textsIn(fullShape, ''));

function textsIn(shape: Shape, before: string): readonly (readonly [string, TextField])[] {
  return shape.flatMap(({ key, value }) => {
    if (value.form === 'object') return textsIn(value.entries, `${before}${key}.`);
    return value.form === 'text' && !Object.hasOwn(hours, key)
      ? [[before + key, value.field] as const]
      : [];
  });
}

export const isKeyField = (name: string): boolean => Object.hasOwn(hours, name) || texts.has(name);

/** The prefix for a record. Throws where the options were refused for it. */
export function prefixWriter(template: string): (record: AnalyticsRecord) => string {
  const parsed = readPieces(template, isKeyField);
  if (!parsed.ok) throw new Error('a prefix that was refused is not used');
  const values = parsed.value.map(valueOf);
  return (record) => values.map((value) => value(record)).join('');
}

function valueOf(piece: Piece): Value {
  if (typeof piece === 'string') return () => piece;
  const { name, fallback = '' } = piece;
  const hour = Object.hasOwn(hours, name) ? hours[name] : undefined;
  if (hour !== undefined) return hour;
  const field = texts.get(name);
  if (field === undefined) throw new Error('a prefix names no other field');
  return (record) => inKey(record.text(field) || fallback);
}

/** Keys have 1,024 bytes. */
const longest = 200;

/**
 * A value as a part of a key: whatever a record holds, it stays one, and is no path to somewhere else. What is not a letter, a
 * digit, `-`, `_` or a dot within is percent-encoded; one that is too long is told by its hash.
 */
function inKey(text: string): string {
  if (text === '') return '-';
  const encoded = encodeURIComponent(text)
    .replace(/[!'()*~]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/^\.+$/, (dots) => '%2E'.repeat(dots.length));
  return encoded.length <= longest ? encoded : hashOf([text]).slice(0, 32);
}

/**
 * The last part of a key, from the records that the object has: the same records in the same order have the same, and no
 * others. It begins with the first record's id, so that names are in the order of their time, more or less.
 */
export function objectName(entries: readonly Entry[]): string {
  const [first] = entries;
  if (first === undefined) throw new Error('an object has records');
  const ids = entries.map(({ segment, index }) => `${segment}:${index}`);
  return `${first.segment}-${first.index}-${hashOf(ids).slice(0, 16)}`;
}

function hashOf(lines: readonly string[]): string {
  const hash = createHash('sha256');
  for (const line of lines) hash.update(`${line}\n`);
  return hash.digest('hex');
}
