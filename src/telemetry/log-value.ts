import { explain } from '../lib/errors.ts';
import type { LogFields } from '../lib/log.ts';
import { Secret } from '../lib/secret.ts';
import { mask, namesSecret, withoutPasswords } from './redact.ts';

/** A field as bare text: what a key=value line quotes. */
export function valueText(key: string, value: unknown): string {
  if (namesSecret(key)) return mask;
  if (typeof value === 'string') return withoutPasswords(value);
  if (value === null) return '<nil>';
  if (isLogValue(value)) return value.toLogText();
  if (value instanceof Error) return withoutPasswords(explain(value));
  if (typeof value === 'object' && !(value instanceof Secret)) return jsonOf(value);
  return plainText(value);
}

/** A field as JSON. */
export function valueJson(key: string, value: unknown): string {
  if (namesSecret(key)) return jsonOf(mask);
  if (typeof value === 'object' && value !== null && isLogValue(value)) return value.toLogJson();
  return jsonOf(value);
}

/** The JSON of `value` with Go's escapes, so that a line is the same bytes as the reference's. */
export function jsonOf(value: unknown): string {
  return (stringify(value, printable) ?? `"${typeof value}"`).replace(goEscaped, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

// Declared as always a text, but functions and symbols give undefined.
const stringify: (value: unknown, replacer: typeof printable) => string | undefined =
  JSON.stringify;

const goEscaped = /[<>&\u2028\u2029]/g;

function printable(key: string, value: unknown): unknown {
  if (namesSecret(key)) return mask;
  if (typeof value === 'string') return withoutPasswords(value);
  if (value instanceof Error) return withoutPasswords(explain(value));
  if (typeof value === 'bigint') return plainText(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return plainText(value);
  return value;
}

const plainText = (value: unknown): string => String(value);

type LogValueLike = { toLogText(): string; toLogJson(): string };

const isLogValue = (value: unknown): value is LogValueLike =>
  typeof value === 'object' &&
  value !== null &&
  'toLogText' in value &&
  typeof value.toLogText === 'function' &&
  'toLogJson' in value &&
  typeof value.toLogJson === 'function';

/** Fields that have a value, by name in byte order, as both formats of the reference list them. */
export function sortedFields(fields: LogFields): (readonly [key: string, value: unknown])[] {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
