import { explain } from '../lib/errors.ts';
import type { LogFields } from '../lib/log.ts';
import { type Mask, masked } from '../lib/mask.ts';
import { Secret } from '../lib/secret.ts';
import { namesSecret } from './redact.ts';

/** A field as bare text: what a key=value line quotes. */
export function valueText(key: string, value: unknown, shown: Mask): string {
  if (namesSecret(key)) return masked;
  if (typeof value === 'string') return shown(value);
  if (value === null) return '<nil>';
  if (isLogValue(value)) return value.toLogText();
  if (value instanceof Error) return shown(explain(value));
  if (typeof value === 'object' && !(value instanceof Secret)) return jsonOf(value, shown);
  return plainText(value);
}

/** A field as JSON. */
export function valueJson(key: string, value: unknown, shown: Mask): string {
  if (namesSecret(key)) return jsonOf(masked);
  if (typeof value === 'object' && value !== null && isLogValue(value)) return value.toLogJson();
  return jsonOf(value, shown);
}

/** The JSON of `value` with Go's escapes, so that a line is the same bytes as the reference's. */
export function jsonOf(value: unknown, shown: Mask = asItIs): string {
  return (stringify(value, printable(shown)) ?? `"${typeof value}"`).replace(
    goEscaped,
    (character) => {
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    },
  );
}

// Declared as always a text, but functions and symbols give undefined.
const stringify: (value: unknown, replacer: Replacer) => string | undefined = JSON.stringify;
type Replacer = (key: string, value: unknown) => unknown;
const asItIs: Mask = (text) => text;

// Behind the first five what is not Go's: it steers terminals, and escaped it is the same JSON.
const goEscaped = /[<>&\u2028\u2029\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const printable =
  (shown: Mask): Replacer =>
  (key, value) => {
    if (namesSecret(key)) return masked;
    if (typeof value === 'string') return shown(value);
    if (value instanceof Error) return shown(explain(value));
    if (typeof value === 'bigint') return plainText(value);
    if (typeof value === 'number' && !Number.isFinite(value)) return plainText(value);
    return value;
  };

const plainText = (value: unknown): string => String(value);

type LogValueLike = { toLogText(): string; toLogJson(): string };

export const isLogValue = (value: unknown): value is LogValueLike =>
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
