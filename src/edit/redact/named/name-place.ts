/** Where a name stands. */
export interface NamePlace {
  readonly from: number;
  readonly to: number;
}

/** Longer ones are no names. */
export const longestName = 64;

export const isNameCode = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x30 && code <= 0x39) ||
  code === 0x5f ||
  code === 0x2d ||
  code === 0x2e ||
  code === 0x24;

/** The whole name around a part of it; undefined where it is too long for one. */
export function nameAround(text: string, at: number): NamePlace | undefined {
  let from = at;
  while (from > 0 && isNameCode(text.charCodeAt(from - 1))) {
    from--;
    if (at - from > longestName) return undefined;
  }
  let to = at;
  while (isNameCode(text.charCodeAt(to))) {
    to++;
    if (to - from > longestName) return undefined;
  }
  // Words in quotes: "API key".
  if (text[to] === '"' && text[from - 1] === ' ') {
    const open = text.lastIndexOf('"', from - 1);
    if (open >= 0 && from - open < 40 && /^[A-Za-z0-9 _-]+$/.test(text.slice(open + 1, from)))
      from = open + 1;
  }
  return { from, to };
}

/** Whether a whole text can be a name: not a sentence of many words, nor JSON or a form that has a name within. */
export const mayBeName = (text: string): boolean =>
  text.length <= longestName && !/[\p{Cc}"'\\{}:,;=<>&?]/u.test(text);

/** Whether a line ends behind a name that no tag or path holds: then no value follows, whatever its name says. */
export function isAlone(text: string, { from, to }: NamePlace): boolean {
  const next = text.charCodeAt(to);
  if (to < text.length && next !== 0x0a && next !== 0x0d) return false;
  const before = text.charCodeAt(from - 1);
  return before !== 0x3c && before !== 0x3e && before !== 0x3a && before !== 0x2f;
}

export function isParameterBegin(text: string, at: number): boolean {
  const before = text[at - 1];
  return at === 0 || before === '?' || before === '&';
}
