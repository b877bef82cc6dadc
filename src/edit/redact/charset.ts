import { noSpans, type Span } from './spans.ts';

/** A text whose letters take two or four bytes each, as one of one character each. */
export interface Narrowed {
  readonly text: string;
  readonly widen: (spans: readonly Span[]) => readonly Span[];
}

interface Width {
  readonly size: 2 | 4;
  readonly isLittle: boolean;
  readonly from: number;
}

/** Undefined where each letter begins with a byte of its own, as in UTF-8 and everything like ASCII. */
export function narrowed(text: string, charset: string): Narrowed | undefined {
  const width = widthOf(text, charset);
  if (width === undefined) return undefined;
  const { size, isLittle, from } = width;
  const count = Math.floor((text.length - from) / size);
  const out = Buffer.allocUnsafe(count);
  const low = isLittle ? 0 : size - 1;
  for (let letter = 0; letter < count; letter++) {
    const at = from + letter * size;
    let others = 0;
    for (let byte = 0; byte < size; byte++) if (byte !== low) others |= text.charCodeAt(at + byte);
    // A letter that is not of Latin-1 is some letter.
    out[letter] = others === 0 ? text.charCodeAt(at + low) : 0xff;
  }
  const wide = (put: string): string =>
    Array.from(put, (letter) =>
      isLittle ? letter.padEnd(size, '\0') : letter.padStart(size, '\0'),
    ).join('');
  return {
    text: out.toString('latin1'),
    widen: (spans) =>
      spans.length === 0
        ? noSpans
        : spans.map((span) => ({
            ...span,
            from: from + span.from * size,
            to: from + span.to * size,
            put: wide(span.put),
          })),
  };
}

function widthOf(text: string, charset: string): Width | undefined {
  if (text.startsWith('\xff\xfe\0\0')) return { size: 4, isLittle: true, from: 4 };
  if (text.startsWith('\0\0\xfe\xff')) return { size: 4, isLittle: false, from: 4 };
  if (text.startsWith('\xff\xfe')) return { size: 2, isLittle: true, from: 2 };
  if (text.startsWith('\xfe\xff')) return { size: 2, isLittle: false, from: 2 };
  const [, size, order = ''] = /^(?:utf-?|ucs-?)(16|32|2|4)-?(le|be)?$/i.exec(charset) ?? [];
  if (size !== undefined)
    return {
      size: size === '16' || size === '2' ? 2 : 4,
      isLittle: order === '' ? text.charCodeAt(0) !== 0 : order.toLowerCase() === 'le',
      from: 0,
    };
  return withoutMark(text);
}

/** Without anything that says so, ASCII in two bytes each: every other one is 0. */
function withoutMark(text: string): Width | undefined {
  const zero = text.slice(0, longestLead).indexOf('\0');
  if (zero < 0) return undefined;
  // Something in letters of one byte may stand before them: the name of a parameter.
  return widthAt(text, Math.max(0, zero - 1)) ?? widthAt(text, zero);
}

const longestLead = 64;

function widthAt(text: string, from: number): Width | undefined {
  if (text.length - from < 8) return undefined;
  const isZero = (at: number): boolean => text.charCodeAt(from + at) === 0;
  if (isZero(0) === isZero(1)) return undefined;
  const low = isZero(0) ? 1 : 0;
  for (let at = 0; at < 8; at++) if (isZero(at) === (at % 2 === low)) return undefined;
  return { size: 2, isLittle: low === 0, from };
}
