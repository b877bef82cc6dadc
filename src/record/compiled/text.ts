import type { ByteWriter } from '../../lib/byte-writer.ts';
import { beginsFormula } from '../transcode/csv-columns.ts';
import { escapeAt, plainInJson } from '../transcode/json-text.ts';
import { sequenceLength } from '../utf8.ts';
import type { Row } from './row.ts';

/**
 * Copies bytes[start … end) of a record to `to`; gives the offset after them, or below 0 if it cannot. The room must be
 * there.
 */
export type CopyText = (
  row: Row,
  start: number,
  end: number,
  out: ByteWriter,
  to: number,
) => number;

const quote = 0x22;
const needsCare = -1;

/** As JSON, with its quotes. One byte becomes six at most. */
export const copyJsonText: CopyText = (row, start, end, out, to) => {
  const { buffer } = out;
  buffer[to] = quote;
  let next = copyPlainJson(row, start, end, out, to + 1);
  if (next < 0) next = copyEscaped(row, start, end, out, to + 1);
  buffer[next] = quote;
  return next + 1;
};

/**
 * The text if nothing in it is escaped. Eight bytes at a time, of which the last may overlap those before; as a float
 * they survive, for plain ASCII is never a NaN.
 */
const copyPlainJson: CopyText = ({ bytes, view, origin }, start, end, { buffer, data }, to) => {
  const size = end - start;
  const from = origin + start;
  if (size >= 8) {
    for (let at = 0; ; at = Math.min(at + 8, size - 8)) {
      if (isSpecialInJson(view.getInt32(from + at, true))) return needsCare;
      if (isSpecialInJson(view.getInt32(from + at + 4, true))) return needsCare;
      data.setFloat64(to + at, view.getFloat64(from + at, true), true);
      if (at === size - 8) return to + size;
    }
  }
  for (let at = 0; at < size; at++) {
    const byte = bytes[start + at] as number;
    if (plainInJson[byte] !== 1) return needsCare;
    buffer[to + at] = byte;
  }
  return to + size;
};

/** Any text. Plain bytes go four at a time. */
const copyEscaped: CopyText = ({ bytes, view, origin }, start, end, { buffer, data }, to) => {
  let next = to;
  for (let at = start; at < end; ) {
    for (; at + 4 <= end; at += 4, next += 4) {
      const word = view.getInt32(origin + at, true);
      if (isSpecialInJson(word)) break;
      data.setInt32(next, word, true);
    }
    // One by one, up to the end or past the first special one.
    for (let isPlain = true; isPlain && at < end; ) {
      const byte = bytes[at] as number;
      isPlain = plainInJson[byte] === 1;
      if (isPlain) {
        buffer[next++] = byte;
        at++;
        continue;
      }
      const size = byte < 0x80 ? 0 : sequenceLength(bytes, at, end);
      const escape = escapeAt(bytes, at, size);
      if (escape === undefined) {
        for (let index = 0; index < size; index++) buffer[next++] = bytes[at + index] as number;
      } else {
        for (let index = 0; index < escape.length; index++) {
          buffer[next++] = escape.charCodeAt(index);
        }
      }
      at += Math.max(size, 1);
    }
  }
  return next;
};

/** As it is. */
export const copyBytes: CopyText = ({ bytes, view, origin }, start, end, { buffer, data }, to) => {
  const size = end - start;
  let at = 0;
  for (; at + 4 <= size; at += 4) {
    data.setInt32(to + at, view.getInt32(origin + start + at, true), true);
  }
  for (; at < size; at++) buffer[to + at] = bytes[start + at] as number;
  return to + size;
};

/** As CSV, if it is plain ASCII and needs no quotes; eight bytes at a time like JSON. */
export const copyPlainCsv: CopyText = (
  { bytes, view, origin },
  start,
  end,
  { buffer, data },
  to,
) => {
  const size = end - start;
  if (size === 0) return to;
  // White space at the beginning demands quotes, and so does a text that is `\.`.
  const first = bytes[start] as number;
  if (first <= 0x20 || (first === 0x5c && size === 2)) return needsCare;
  const from = origin + start;
  if (size >= 8) {
    for (let at = 0; ; at = Math.min(at + 8, size - 8)) {
      if (isSpecialInCsv(view.getInt32(from + at, true))) return needsCare;
      if (isSpecialInCsv(view.getInt32(from + at + 4, true))) return needsCare;
      data.setFloat64(to + at, view.getFloat64(from + at, true), true);
      if (at === size - 8) return to + size;
    }
  }
  for (let at = 0; at < size; at++) {
    const byte = bytes[start + at] as number;
    if (plainInCsv[byte] !== 1) return needsCare;
    buffer[to + at] = byte;
  }
  return to + size;
};

/** The same, if it is also no formula. */
export const copyGuardedCsv: CopyText = (row, start, end, out, to) =>
  beginsFormula(row.bytes, start, end) ? needsCare : copyPlainCsv(row, start, end, out, to);

const plainInCsv = new Uint8Array(256).fill(1, 0x20, 0x80);
for (const special of ',"') plainInCsv[special.charCodeAt(0)] = 0;

/**
 * Questions asked of four bytes at once. For bytes below 0x80, subtracting n from each sets the highest bit of those
 * that are less than n; a borrow may set one more next to it, but never hides one. Bytes from 0x80 on have that bit
 * already. An exclusive or makes the byte looked for a zero, which is the one less than 1.
 */
function isSpecialInJson(word: number): boolean {
  // `<` and `>` differ in one bit, and so do `"` and `&`.
  const angles = (word | 0x0202_0202) ^ 0x3e3e_3e3e;
  const quotes = (word | 0x0404_0404) ^ 0x2626_2626;
  const backslashes = word ^ 0x5c5c_5c5c;
  const marks =
    word |
    (word - 0x2020_2020) |
    (angles - 0x0101_0101) |
    (quotes - 0x0101_0101) |
    (backslashes - 0x0101_0101);
  return (marks & highBits) !== 0;
}

function isSpecialInCsv(word: number): boolean {
  const commas = (word ^ 0x2c2c_2c2c) - 0x0101_0101;
  const quotes = (word ^ 0x2222_2222) - 0x0101_0101;
  return ((word | (word - 0x2020_2020) | commas | quotes) & highBits) !== 0;
}

const highBits = 0x8080_8080 | 0;
