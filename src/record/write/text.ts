import { sequenceLength } from '../utf8.ts';
import { beginsFormula } from './formula.ts';
import { escapeAt } from './json-text.ts';
import { type Kind, kinds } from './kinds.ts';
import { gaveUp } from './number.ts';
import {
  copyBytes,
  copyLong,
  copyMarked,
  copyPlainCsv,
  copyPlainJson,
  isFreeOfQuotes,
  isPlainInJson,
  longText,
} from './plain-text.ts';
import type { Row } from './row.ts';

/**
 * Copies a text of `size` bytes, 1 at least, from `start` of the row's region to `to`; gives the offset after it, or
 * gives up. The room must be there. First as if it were plain, which nearly all are; one that is not is gone through
 * again.
 */
export function copyText(
  kind: Kind,
  row: Row,
  start: number,
  size: number,
  data: DataView,
  to: number,
): number {
  const { view } = row;
  switch (kind) {
    case kinds.jsonText: {
      if (size >= longText && isPlainInJson(view, start, size))
        return copyLong(row.region.subarray(start, start + size), data, to);
      const next = copyPlainJson(view, start, size, data, to);
      return next < 0 ? copyEscaped(row, start, size, data, to) : next;
    }
    case kinds.copyText: {
      if (size >= longText && isPlainInJson(view, start, size))
        return copyLong(row.region.subarray(start, start + size), data, to);
      return copyForCopy(row, start, size, data, to);
    }
    case kinds.guardedText:
    case kinds.csvText: {
      if (kind === kinds.guardedText && isFormula(row, start, size)) return gaveUp;
      if (size >= longText) return copyLongCsv(row, start, size, data, to);
      const next = copyPlainCsv(view, start, size, data, to);
      return next < 0 ? copyQuoted(view, start, size, data, to) : next;
    }
    case kinds.guardedItem:
    case kinds.csvItem:
      if (kind === kinds.guardedItem && isFormula(row, start, size)) return gaveUp;
      return copyItem(row, start, size, data, to);
    case kinds.tagText:
      return copyMarked(inTag, view, start, size, data, to);
    case kinds.fieldText: {
      const next = copyMarked(inField, view, start, size, data, to);
      return next < 0 ? copyMended(row, start, size, data, to) : next;
    }
    default:
      return copyBytes(row, start, size, data, to);
  }
}

const isFormula = ({ region }: Row, start: number, size: number): boolean =>
  beginsFormula(region, start, start + size);

/** As JSON, whatever it holds. One byte becomes six at most. */
function copyEscaped(row: Row, start: number, size: number, data: DataView, to: number): number {
  const { region, view } = row;
  const end = start + size;
  let next = to;
  for (let at = start; at < end; ) {
    // Eight at a time while they are plain.
    const run = Math.min(end - at, 8);
    const plain = copyPlainJson(view, at, run, data, next);
    if (plain >= 0) {
      at += run;
      next = plain;
      continue;
    }
    // One by one past the first that is not.
    for (let isPlain = true; isPlain; at++) {
      isPlain = copyPlainJson(view, at, 1, data, next) >= 0;
      if (isPlain) next++;
      else {
        const length = view.getUint8(at) < 0x80 ? 0 : sequenceLength(region, at, end);
        const escape = escapeAt(region, at, length);
        if (escape === undefined) next = copyBytes(row, at, length, data, next);
        else
          for (let index = 0; index < escape.length; index++)
            data.setUint8(next++, escape.charCodeAt(index));
        at += Math.max(length, 1) - 1;
      }
    }
  }
  return next;
}

/** As a value of COPY's text form, whatever it holds. One byte becomes three at most. */
function copyForCopy(row: Row, start: number, size: number, data: DataView, to: number): number {
  const { region, view } = row;
  const end = start + size;
  let next = to;
  for (let at = start; at < end; ) {
    // Eight at a time while they are plain.
    const run = Math.min(end - at, 8);
    const plain = copyPlainJson(view, at, run, data, next);
    if (plain >= 0) {
      at += run;
      next = plain;
      continue;
    }
    // One by one to the end of those.
    for (const stop = at + run; at < stop; ) {
      const byte = view.getUint8(at);
      const length = byte < 0x80 ? 1 : sequenceLength(region, at, end);
      const letter = lettersOfCopy[byte] as number;
      if (byte === 0 || length === 0) {
        data.setUint16(next, 0xefbf);
        data.setUint8(next + 2, 0xbd);
        next += 3;
      } else if (letter !== 0) {
        data.setUint8(next++, backslash);
        data.setUint8(next++, letter);
      } else next = copyBytes(row, at, length, data, next);
      at += Math.max(length, 1);
    }
  }
  return next;
}

/** What stands behind a backslash for a byte; 0: nothing does. */
const lettersOfCopy = new Uint8Array(256);
for (const pair of ['\tt', '\nn', '\rr', '\\\\'])
  lettersOfCopy[pair.charCodeAt(0)] = pair.charCodeAt(1);

/** Whether what was written has one. */
export function hasBackslash(data: DataView, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (data.getUint8(at) === backslash) return true;
  return false;
}

const [quote, backslash, space, comma] = [0x22, 0x5c, 0x20, 0x2c];

/** In quotes if CSV wants them, those within doubled. Gives up where white space of Unicode might ask for them. */
function copyQuoted(
  view: DataView,
  start: number,
  size: number,
  data: DataView,
  to: number,
): number {
  const first = view.getUint8(start);
  if (first >= 0x80) return gaveUp;
  const isDelimiter = size === 2 && first === backslash && view.getUint8(start + 1) === 0x2e;
  const isSpace = first === space || (first >= 0x09 && first <= 0x0d);
  const end = start + size;
  let mark = isDelimiter || isSpace ? start : end;
  for (let at = start; at < mark; at++) if (quotedInCsv[view.getUint8(at)] === 1) mark = at;
  const isQuoted = mark < end;
  let next = to;
  if (isQuoted) data.setUint8(next++, quote);
  for (let at = start; at < end; ) {
    if (at + 4 <= end && isFreeOfQuotes(view.getInt32(at))) {
      data.setInt32(next, view.getInt32(at));
      at += 4;
      next += 4;
      continue;
    }
    const byte = view.getUint8(at++);
    if (byte === quote) data.setUint8(next++, quote);
    data.setUint8(next++, byte);
  }
  if (isQuoted) data.setUint8(next++, quote);
  return next;
}

/** Of a list. Gives up where the list may need quotes. */
function copyItem(row: Row, start: number, size: number, data: DataView, to: number): number {
  const { view } = row;
  const next = copyPlainCsv(view, start, size, data, to);
  if (next >= 0) return next;
  // Most that are not plain are names with letters that are no ASCII, and begin with one that is.
  const first = view.getUint8(start);
  if (first <= space || first >= 0x80 || first === backslash) return gaveUp;
  for (let at = start; at < start + size; at++)
    if (quotedInCsv[view.getUint8(at)] === 1) return gaveUp;
  return copyBytes(row, start, size, data, to);
}

/** What makes a text of CSV need quotes is sought by native code. */
function copyLongCsv(row: Row, start: number, size: number, data: DataView, to: number): number {
  const text = row.region.subarray(start, start + size);
  const first = text[0] as number;
  const isPlain =
    first > space &&
    first < 0x80 &&
    !text.includes(comma) &&
    !text.includes(quote) &&
    !text.includes(0x0a) &&
    !text.includes(0x0d);
  return isPlain ? copyLong(text, data, to) : copyQuoted(row.view, start, size, data, to);
}

const quotedInCsv = new Uint8Array(256);
for (const special of ',"\n\r') quotedInCsv[special.charCodeAt(0)] = 1;

/** Of a field of a point: bytes that are no UTF-8 become U+FFFD, three bytes. */
function copyMended(row: Row, start: number, size: number, data: DataView, to: number): number {
  const end = start + size;
  let next = to;
  for (let at = start; at < end; ) {
    const length = sequenceLength(row.region, at, end);
    if (length === 1) next = copyMarked(inField, row.view, at, 1, data, next);
    else if (length > 1) next = copyBytes(row, at, length, data, next);
    else {
      data.setUint16(next, 0xefbf);
      data.setUint8(next + 2, 0xbd);
      next += 3;
    }
    at += Math.max(length, 1);
  }
  return next;
}

/** 1: as it is; 2: behind a backslash; 0: neither. */
const markedWith = (plainFrom: number, escaped: string, left: string): Uint8Array => {
  const marks = new Uint8Array(256).fill(1, plainFrom, 0x80);
  for (const special of escaped) marks[special.charCodeAt(0)] = 2;
  for (const special of left) marks[special.charCodeAt(0)] = 0;
  return marks;
};

/** A tag is JSON without its quotes. What JSON escapes is left to the interpreter: the end of a tag has rules of its own. */
const inTag = markedWith(0x20, ' ,=', '"\\<>&');
const inField = markedWith(0, '"\\', '');
