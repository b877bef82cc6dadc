/**
 * Texts with fields of a record in them: `/logs/{{api_id}}`, with what stands for an empty field behind a bar:
 * `{{org_id|none}}`. Read once, at start; what a field becomes in its place, url-template.ts and json-template.ts say.
 */

export interface Placeholder {
  /** As the operator wrote it: `api_id`, `latency.total`, `record`. */
  readonly name: string;
  /** Stands for an empty value. */
  readonly fallback: string | undefined;
}

/** A piece that stays as it is, or a field. */
export type Piece = string | Placeholder;

/** What is wrong with a template, and at which character of it, counted from 1. No word of the template itself. */
export interface TemplateProblem {
  readonly at: number;
  readonly found: string;
  readonly expected: string;
}

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: TemplateProblem };

export const broken = (at: number, found: string, expected: string): Parsed<never> => ({
  ok: false,
  problem: { at: at + 1, found, expected },
});

const opening = '{{';
const closing = '}}';
const namePattern = /^[a-z][\w.]*$/i;

/** Whether a placeholder begins there. */
export const opensAt = (text: string, at: number): boolean => text.startsWith(opening, at);

/** The placeholder that begins at `at`, and where it ends. */
export function readPlaceholder(
  text: string,
  at: number,
  isKnown: (name: string) => boolean,
): Parsed<{ readonly placeholder: Placeholder; readonly end: number }> {
  const close = text.indexOf(closing, at + opening.length);
  if (close < 0) return broken(at, 'a "{{" without its "}}"', 'a field such as {{api_id}}');
  const inside = text.slice(at + opening.length, close);
  const bar = inside.indexOf('|');
  const name = (bar < 0 ? inside : inside.slice(0, bar)).trim();
  const place = at + opening.length;
  if (!namePattern.test(name)) return broken(place, 'no name of a field', 'one such as api_id');
  if (!isKnown(name)) return broken(place, 'a field that no record has', 'one of the README');
  const fallback = bar < 0 ? undefined : inside.slice(bar + 1).trim();
  return { ok: true, value: { placeholder: { name, fallback }, end: close + closing.length } };
}

/** A text and its fields, in their order. */
export function readPieces(
  text: string,
  isKnown: (name: string) => boolean,
): Parsed<readonly Piece[]> {
  const pieces: Piece[] = [];
  let from = 0;
  for (;;) {
    const at = text.indexOf(opening, from);
    const literal = text.slice(from, at < 0 ? undefined : at);
    if (literal !== '') pieces.push(literal);
    if (at < 0) return { ok: true, value: pieces };
    const reading = readPlaceholder(text, at, isKnown);
    if (!reading.ok) return reading;
    pieces.push(reading.value.placeholder);
    from = reading.value.end;
  }
}
