import type { GraphErrorValue, TextValue } from '../encode/record-fields.ts';
import type { Field } from '../fields.ts';
import type { Integer } from '../record.ts';
import { goTimeOf } from '../time/go-time.ts';
import { compareUtf8 } from '../utf8.ts';
import { goMonth } from '../write/go-value.ts';

/** What `interpret.ts` wrote of a value, as far as a cell holds it; or what was expected of the cell. */
export type ReadCell = (cell: Buffer) => {
  readonly value?: unknown;
  readonly expected?: string;
};

export function cellReader(field: Field): ReadCell {
  const { kind, csvNumber } = field;
  switch (kind) {
    case 'text':
      return (value) => ({ value });
    case 'int32':
    case 'int64':
      if (csvNumber === 'month') return asked(monthOf, 'the English name of a month');
      return csvNumber === 'signed'
        ? asked(signedOf, 'a 64-bit integer')
        : asked(unsignedOf, 'an unsigned 64-bit integer');
    case 'float':
      return asked(wholeOf, 'an unsigned 64-bit integer');
    case 'flag':
      return asked((text) => flags.get(text), 'true or false');
    case 'time':
      return asked(goTimeOf, 'a time, such as 2026-01-31 12:00:00 +0000 UTC');
    case 'list':
      return (cell) => ({ value: listOf(cell) });
    case 'names':
      return asked(namesOf, 'language:name, separated by ";"');
    case 'types':
      return asked(typesOf, 'type:field, separated by ";"');
    case 'errors':
      return (cell) => ({ value: errorsOf(cell.toString()) });
  }
  return kind satisfies never;
}

/** Undefined: it is not what was expected. */
const asked =
  (read: (text: string) => unknown, expected: string): ReadCell =>
  (cell) => {
    const value = read(cell.toString());
    return value === undefined ? { expected } : { value };
  };

const flags = new Map([
  ['true', true],
  ['false', false],
]);

const narrow = (value: bigint): Integer => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
};

/** Go's uint64 of an int64: 18446744073709551615 is −1. */
function unsignedOf(text: string): Integer | undefined {
  const value = /^\d{1,20}$/.test(text) ? BigInt(text) : undefined;
  return value === undefined || value !== BigInt.asUintN(64, value)
    ? undefined
    : narrow(BigInt.asIntN(64, value));
}

function signedOf(text: string): Integer | undefined {
  const value = /^-?\d{1,19}$/.test(text) ? BigInt(text) : undefined;
  return value === undefined || value !== BigInt.asIntN(64, value) ? undefined : narrow(value);
}

function wholeOf(text: string): number | undefined {
  const value = unsignedOf(text);
  return value === undefined ? undefined : Number(value);
}

const months = new Map(Array.from({ length: 12 }, (_, at) => [goMonth(at + 1), at + 1]));

function monthOf(text: string): Integer | undefined {
  const [, other] = /^%!Month\((\d+)\)$/.exec(text) ?? [];
  return other === undefined ? months.get(text) : unsignedOf(other);
}

/** No list, none in it and one empty text look the same. */
function listOf(cell: Buffer): readonly TextValue[] | null {
  if (cell.length === 0) return null;
  const texts: Buffer[] = [];
  let start = 0;
  for (let end = cell.indexOf(';'); end >= 0; end = cell.indexOf(';', start)) {
    texts.push(cell.subarray(start, end));
    start = end + 1;
  }
  return [...texts, cell.subarray(start)];
}

function namesOf(text: string): Readonly<Record<string, string>> | null | undefined {
  if (text === '') return null;
  const pairs = pairsOf(text, (key, last) => compareUtf8(key, last) > 0);
  return pairs && Object.fromEntries(pairs);
}

function typesOf(text: string): Readonly<Record<string, readonly string[]>> | null | undefined {
  if (text === '') return null;
  const pairs = pairsOf(text, (key, last) => compareUtf8(key, last) >= 0);
  if (pairs === undefined) return undefined;
  const types = new Map<string, string[]>();
  for (const [key, value] of pairs) {
    const values = types.get(key);
    if (values === undefined) types.set(key, [value]);
    else values.push(value);
  }
  return Object.fromEntries(types);
}

/**
 * `k:v` joined by `;`, keys sorted. What has no colon, or a key that cannot follow the last one, belongs to the value before
 * it, which had a semicolon. Undefined: there is no colon.
 */
function pairsOf(
  text: string,
  mayFollow: (key: string, last: string) => boolean,
): readonly (readonly [string, string])[] | undefined {
  const first = text.indexOf(':');
  if (first < 0) return undefined;
  const [value = '', ...parts] = text.slice(first + 1).split(';');
  const pairs: [string, string][] = [[text.slice(0, first), value]];
  for (const part of parts) {
    const colon = part.indexOf(':');
    const key = part.slice(0, colon);
    const last = pairs.at(-1) as [string, string];
    if (colon >= 0 && mayFollow(key, last[0])) pairs.push([key, part.slice(colon + 1)]);
    else last[1] += `;${part}`;
  }
  return pairs;
}

const errorsOf = (text: string): readonly GraphErrorValue[] | null =>
  text === '' ? null : text.split(';').map((message) => ({ message }));
