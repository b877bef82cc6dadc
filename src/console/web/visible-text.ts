/** Texts of strangers, so that what is in them can be seen and nothing in them does anything. */

/** A stretch of a text: as it is, or a character that would not be seen, or would move others, with its name. */
export type Stretch =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'hidden'; readonly text: string; readonly name: string };

/**
 * Controls, what changes direction, what has no width, tags, private use, halves of pairs. Line ends are among them: a name is
 * one line.
 */
const hidden =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f\u205f-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|\udb40[\udc00-\udfff]/g;

const short: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\0': '\\0',
  '\u001b': '\\e',
};

export function stretches(text: string): readonly Stretch[] {
  const found: Stretch[] = [];
  let at = 0;
  for (const match of text.matchAll(hidden)) {
    if (match.index > at) found.push({ kind: 'text', text: text.slice(at, match.index) });
    found.push({ kind: 'hidden', text: shortName(match[0]), name: codeOf(match[0]) });
    at = match.index + match[0].length;
  }
  if (at < text.length) found.push({ kind: 'text', text: text.slice(at) });
  return found;
}

const shortName = (character: string): string => short[character] ?? `\\u{${hexOf(character)}}`;
const codeOf = (character: string): string =>
  `U+${hexOf(character).toUpperCase().padStart(4, '0')}`;
const hexOf = (character: string): string => (character.codePointAt(0) ?? 0).toString(16);

/** The same as one plain text, for titles and labels. */
export const plainText = (text: string): string =>
  stretches(text)
    .map((each) => each.text)
    .join('');

/** Its beginning, never half a pair; and how many characters are left. */
export function cut(text: string, most: number): { readonly start: string; readonly rest: number } {
  if (text.length <= most) return { start: text, rest: 0 };
  const end = /[\ud800-\udbff]/.test(text[most - 1] ?? '') ? most - 1 : most;
  return { start: text.slice(0, end), rest: text.length - end };
}
