/** Pieces of JSON in a text that need not be JSON, or not all of it: everything here ends at the end of the text. */

const quote = 0x22;
const backslash = 0x5c;

/** The quote that ends a string, or the text's length; `from` is behind the one that began it. */
export function stringEnd(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 1)) {
    let before = at;
    while (before > from && text.charCodeAt(before - 1) === backslash) before--;
    if ((at - before) % 2 === 0) return at;
  }
  return text.length;
}

export const isSpace = (code: number): boolean =>
  code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

export function skipSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** The end of the object or the array that begins at `from`. */
export function structureEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) at = stringEnd(text, at + 1);
    else if (code === 0x7b || code === 0x5b) depth++;
    else if ((code === 0x7d || code === 0x5d) && --depth === 0) return at + 1;
  }
  return text.length;
}

/** The end of a number, a word or whatever else stands without quotes. */
export function scalarEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isStop(text.charCodeAt(at))) at++;
  return at;
}

const isStop = (code: number): boolean =>
  isSpace(code) ||
  code === 0x2c ||
  code === 0x7d ||
  code === 0x5d ||
  code === 0x3a ||
  code === quote;

export const isNumber = (text: string): boolean =>
  text.length <= 400 && /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text);

/** A text without its escapes, and where each of its characters stood; one entry more for the end. */
export interface Decoded {
  readonly text: string;
  readonly places: Uint32Array;
}

/** Undoes JSON's escapes in text[from … to). A letter beyond ASCII becomes its bytes of UTF-8. */
export function unescapeJson(text: string, from: number, to: number): Decoded {
  const out = Buffer.allocUnsafe(to - from);
  const places = new Uint32Array(to - from + 1);
  let length = 0;
  const put = (byte: number, place: number): void => {
    places[length] = place;
    out[length++] = byte;
  };
  for (let at = from; at < to; ) {
    const code = text.charCodeAt(at);
    if (code !== backslash || at + 1 >= to) {
      put(code, at++);
      continue;
    }
    const letter = text.charCodeAt(at + 1);
    if (letter === 0x75) {
      const unit = hexAt(text, at + 2, to);
      if (unit >= 0) {
        const low = isHigh(unit) && text.startsWith('\\u', at + 6) ? hexAt(text, at + 8, to) : -1;
        const isPair = low >= 0xdc00 && low <= 0xdfff;
        const point = isPair ? 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00) : unit;
        for (const byte of utf8Of(point)) put(byte, at);
        at += isPair ? 12 : 6;
        continue;
      }
    }
    if (letter === 0x78) {
      // JavaScript's `\x40`.
      const byte = hexAt(text, at + 2, to, 2);
      if (byte >= 0) {
        for (const each of utf8Of(byte)) put(each, at);
        at += 4;
        continue;
      }
    }
    const plain = simple.get(letter);
    if (plain === undefined) put(code, at++);
    else {
      put(plain, at);
      at += 2;
    }
  }
  places[length] = to;
  return { text: out.toString('latin1', 0, length), places: places.subarray(0, length + 1) };
}

const simple: ReadonlyMap<number, number> = new Map(
  [...'""\\\\//'.matchAll(/(.)(.)/g), ...'b\bf\fn\nr\rt\t'.matchAll(/(.)([^])/g)].map(
    ([, letter = '', meaning = '']) => [letter.charCodeAt(0), meaning.charCodeAt(0)],
  ),
);

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;

function hexAt(text: string, from: number, to: number, count = 4): number {
  if (from + count > to) return -1;
  const digits = text.slice(from, from + count);
  return /^[0-9A-Fa-f]+$/.test(digits) ? Number.parseInt(digits, 16) : -1;
}

export function utf8Of(point: number): readonly number[] {
  if (point < 0x80) return [point];
  if (point < 0x800) return [0xc0 | (point >> 6), 0x80 | (point & 0x3f)];
  if (point < 0x10000)
    return [0xe0 | (point >> 12), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f)];
  return [
    0xf0 | (point >> 18),
    0x80 | ((point >> 12) & 0x3f),
    0x80 | ((point >> 6) & 0x3f),
    0x80 | (point & 0x3f),
  ];
}

/** What is put into a JSON string. */
export const escapeJson = (put: string): string =>
  put
    .replaceAll(/["\\]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\0', '\\u0000');
