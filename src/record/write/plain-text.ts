import { plainInJson } from './json-text.ts';
import { gaveUp } from './number.ts';
import type { Row } from './row.ts';

/**
 * Copies of texts that are what they look like. Eight bytes at a time, and looked at once they are copied; the last eight
 * may overlap those before. As a float they survive, for plain ASCII is never a NaN.
 */

/** Gives up at what JSON escapes, and at what is no ASCII. */
export function copyPlainJson(
  view: DataView,
  start: number,
  size: number,
  data: DataView,
  to: number,
): number {
  if (size >= 8) {
    for (let at = 0; ; at = Math.min(at + 8, size - 8)) {
      const low = view.getInt32(start + at, true);
      const high = view.getInt32(start + at + 4, true);
      data.setInt32(to + at, low, true);
      data.setInt32(to + at + 4, high, true);
      if (!isUsualInJson(low, high) && isSpecialInJson(low, high)) return gaveUp;
      if (at === size - 8) return to + size;
    }
  }
  for (let at = 0; at < size; at++) {
    const byte = view.getUint8(start + at);
    if (plainInJson[byte] !== 1) return gaveUp;
    data.setUint8(to + at, byte);
  }
  return to + size;
}

/** Of a text of sixteen bytes at least, as many at a time: the same question without the copy. */
export function isPlainInJson(view: DataView, start: number, size: number): boolean {
  const last = start + size - 16;
  for (let at = start; ; at = Math.min(at + 16, last)) {
    const first = view.getInt32(at, true);
    const second = view.getInt32(at + 4, true);
    const third = view.getInt32(at + 8, true);
    const fourth = view.getInt32(at + 12, true);
    const areUsual = isUsualInJson(first, second) && isUsualInJson(third, fourth);
    if (!areUsual && (isSpecialInJson(first, second) || isSpecialInJson(third, fourth)))
      return false;
    if (at === last) return true;
  }
}

/** Gives up at what CSV may want quotes for, and at what is no ASCII. */
export function copyPlainCsv(
  view: DataView,
  start: number,
  size: number,
  data: DataView,
  to: number,
): number {
  // White space at the beginning demands quotes, and so does a text that is `\.`.
  const first = view.getUint8(start);
  if (first <= 0x20 || (first === 0x5c && size === 2)) return gaveUp;
  if (size >= 8) {
    for (let at = 0; ; at = Math.min(at + 8, size - 8)) {
      const low = view.getInt32(start + at, true);
      const high = view.getInt32(start + at + 4, true);
      data.setInt32(to + at, low, true);
      data.setInt32(to + at + 4, high, true);
      if (!isUsualInCsv(low, high) && isSpecialInCsv(low, high)) return gaveUp;
      if (at === size - 8) return to + size;
    }
  }
  for (let at = 0; at < size; at++) {
    const byte = view.getUint8(start + at);
    if (plainInCsv[byte] !== 1) return gaveUp;
    data.setUint8(to + at, byte);
  }
  return to + size;
}

const plainInCsv = new Uint8Array(256).fill(1, 0x20, 0x80);
for (const special of ',"') plainInCsv[special.charCodeAt(0)] = 0;

/** By a table of marks: 1 as it is, 2 behind a backslash; gives up at all else. */
export function copyMarked(
  marks: Uint8Array,
  view: DataView,
  start: number,
  size: number,
  data: DataView,
  to: number,
): number {
  let next = to;
  for (let at = start; at < start + size; at++) {
    const byte = view.getUint8(at);
    const mark = marks[byte];
    if (mark === 0) return gaveUp;
    if (mark === 2) data.setUint8(next++, 0x5c);
    data.setUint8(next++, byte);
  }
  return next;
}

/** From this size on native code is faster than a loop. */
export const longText = 512;

/** Any bytes: as words, for a float may be a NaN, which does not survive. */
export function copyBytes(
  { region, view }: Row,
  start: number,
  size: number,
  data: DataView,
  to: number,
): number {
  if (size >= longText) return copyLong(region.subarray(start, start + size), data, to);
  let at = 0;
  for (; at + 4 <= size; at += 4) data.setInt32(to + at, view.getInt32(start + at));
  for (; at < size; at++) data.setUint8(to + at, view.getUint8(start + at));
  return to + size;
}

export function copyLong(text: Uint8Array, data: DataView, to: number): number {
  new Uint8Array(data.buffer, data.byteOffset + to, text.length).set(text);
  return to + text.length;
}

/**
 * Questions asked of four bytes at once, by their highest bits. For bytes below 0x80, adding n sets that bit of those that
 * are 0x80 − n at least, and subtracting n that of those that are less than n; what is carried or borrowed may set one
 * more next to it where there is one already, but never hides one. Bytes from 0x80 on have that bit already. An exclusive
 * or makes the byte looked for a zero, which is the one less than 1.
 */
const highBits = 0x8080_8080 | 0;

/** The quick question: letters, digits and most of what stands between them are from 0x27 on, and none of `<>\^|~`. */
function isUsualInJson(low: number, high: number): boolean {
  const from27 = (low + 0x5959_5959) & (high + 0x5959_5959);
  // Those have three bits in common, and one that is never set.
  const others =
    (((low | 0xe2e2_e2e2) ^ 0xfefe_fefe) + 0x7f7f_7f7f) &
    (((high | 0xe2e2_e2e2) ^ 0xfefe_fefe) + 0x7f7f_7f7f);
  return (from27 & others & ~(low | high) & highBits) === highBits;
}

const isSpecialInJson = (low: number, high: number): boolean =>
  ((specialsInJson(low) | specialsInJson(high)) & highBits) !== 0;

function specialsInJson(word: number): number {
  // `<` and `>` differ in one bit, and so do `"` and `&`.
  const angles = (word | 0x0202_0202) ^ 0x3e3e_3e3e;
  const quotes = (word | 0x0404_0404) ^ 0x2626_2626;
  const backslashes = word ^ 0x5c5c_5c5c;
  return (
    word |
    (word - 0x2020_2020) |
    (angles - 0x0101_0101) |
    (quotes - 0x0101_0101) |
    (backslashes - 0x0101_0101)
  );
}

/** The quick question: all but spaces and a few signs are behind the comma. */
const isUsualInCsv = (low: number, high: number): boolean =>
  ((low + 0x5353_5353) & (high + 0x5353_5353) & ~(low | high) & highBits) === highBits;

const isSpecialInCsv = (low: number, high: number): boolean =>
  ((specialsInCsv(low) | specialsInCsv(high)) & highBits) !== 0;

function specialsInCsv(word: number): number {
  const commas = (word ^ 0x2c2c_2c2c) - 0x0101_0101;
  const quotes = (word ^ 0x2222_2222) - 0x0101_0101;
  return word | (word - 0x2020_2020) | commas | quotes;
}

/** Whether none of four bytes is a quote; they may be any. */
export function isFreeOfQuotes(word: number): boolean {
  const quotes = word ^ 0x2222_2222;
  return ((quotes - 0x0101_0101) & ~quotes & highBits) === 0;
}
