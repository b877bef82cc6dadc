/** One thing that is wrong with the text of a query. All are told at once. */
export interface QueryProblem {
  /** Offset in the text, in UTF-16 units as JavaScript counts them; its length where something is missing at the end. */
  readonly at: number;
  /** What stands there, in quotes and cut; safe to print, whoever wrote it. */
  readonly found: string;
  readonly expected: string;
}

/** Of the text, what is shown before and behind the place. */
const shownBefore = 60;
const shownBehind = 40;
const longestFound = 40;

/** Two lines: the text around the place, and a caret under it with what is wrong. No character moves the cursor. */
export function renderProblem(text: string, { at, found, expected }: QueryProblem): string {
  const from = Math.max(0, at - shownBefore);
  const before = `${from > 0 ? '...' : ''}${visible(text.slice(from, at))}`;
  const rest = text.length > at + shownBehind ? '...' : '';
  const behind = `${visible(text.slice(at, at + shownBehind))}${rest}`;
  return `${before}${behind}\n${' '.repeat(before.length)}^ found ${found}, expected ${expected}`;
}

/** What stands in the text from `at` to `end`, for people. */
export function foundIn(text: string, at: number, end = at + 1): string {
  if (at >= text.length) return 'the end';
  const rest = end - at > longestFound ? '...' : '';
  return `"${visible(text.slice(at, Math.min(end, at + longestFound)))}${rest}"`;
}

/** ASCII and the letters of Latin-1 and Latin Extended-A take a column each; whatever else is there becomes its number. */
const visible = (text: string): string =>
  text.replace(
    /[^\x20-\x7e\u00a1-\u00ac\u00ae-\u017f]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
