/** What is said of values that can be read and perhaps are not what was meant. */
import { Secret } from '../../lib/secret.ts';
import type { Note, Problem } from '../problem.ts';
import { typeName } from './json.ts';
import type { Leaf } from './leaves.ts';

export type Place = Pick<Problem, 'source' | 'key'>;

/** What the checks of a set leave behind. */
export interface Remarks {
  readonly problems: Problem[];
  readonly notes: Note[];
}

/** A text that was taken for a number or a flag is said: Tyk Pump does not read it. */
export function takenForNumbers(
  { option }: Leaf,
  raw: unknown,
  value: unknown,
  at: Place,
): readonly Note[] {
  const isOther = (one: unknown, read: unknown): boolean =>
    typeof one === 'string' && (typeof read === 'number' || typeof read === 'boolean');
  const isText =
    option.kind === 'list'
      ? Array.isArray(raw) && Array.isArray(value) && raw.some((one, i) => isOther(one, value[i]))
      : ['integer', 'number', 'flag'].includes(option.kind) && isOther(raw, value);
  const what = option.kind === 'flag' ? 'the flag' : 'the number';
  const text = `is a text, taken for ${what} it spells (Tyk Pump does not read it)`;
  return isText ? [{ ...at, text }] : [];
}

const isSame = (value: unknown, fallback: unknown): boolean =>
  Array.isArray(value) && Array.isArray(fallback)
    ? value.length === 0 && fallback.length === 0
    : value === fallback;

/** A value that was said and means nothing here. */
export function sayWithoutEffect({ option }: Leaf, value: unknown, at: Place, out: Remarks): void {
  const reason = option.withoutEffect;
  // Saying what holds anyway (`"enable_http_profiler": false`) surprises nobody.
  if (reason === undefined || isSame(value, option.fallback)) return;
  if (option.isQuiet === true) {
    out.notes.push({ ...at, text: `has no effect here: ${reason}` });
    return;
  }
  const expected = `it left out, for it has no effect here: ${reason}`;
  out.problems.push({ ...at, found: typeName(value), expected, severity: 'warning' });
}

/** A line end that came with a secret from a file or a variable: servers refuse it, and nobody sees why. */
export function sayWhiteSpace(value: unknown, at: Place, out: Remarks): void {
  if (!(value instanceof Secret) || !/^\s|\s$/.test(value.reveal())) return;
  const found = 'text with white space at an end';
  const expected = 'it without, unless that is part of the secret';
  out.problems.push({ ...at, found, expected, severity: 'warning' });
}
