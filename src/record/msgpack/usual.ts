import type { Region } from '../chunk.ts';
import { floatSizes, integerSizes, nil } from './codes.ts';
import { type Field, kinds, recordStruct } from './layout.ts';
import { checkValue } from './scan.ts';
import { structKind, type Table, tableOf, wordsPerKey } from './usual-table.ts';

/**
 * The scanner for records as gateways write them: every struct a map, its keys in the order of declaration. Fields may
 * be missing, for older gateways know fewer. Whatever is different it leaves to the general scanner (scan.ts), which
 * alone decides what is no record; so a check that would need care here may give up instead.
 *
 * Offsets in this file are those of the region, and not of the record.
 */
interface Scan {
  region: Buffer;
  view: DataView;
  /** Of the record. */
  origin: number;
  end: number;
  slots: Int32Array;
  base: number;
}

/** One object for all: scans run one after the other, and to their end. */
const scan: Scan = {
  region: Buffer.alloc(0),
  view: new DataView(new ArrayBuffer(0)),
  origin: 0,
  end: 0,
  slots: new Int32Array(0),
  base: 0,
};

/** Instead of an offset. */
const unusual = -1;

/**
 * Checks a record and notes where its leaves are; those of an empty struct have no place. False when it is no record or not
 * of the usual form; some of its slots may have been written then.
 */
export function scanUsual(
  { region, view }: Region,
  origin: number,
  size: number,
  slots: Int32Array,
  base: number,
): boolean {
  // Most records lie in the region of the one before.
  if (scan.view !== view) {
    scan.region = region;
    scan.view = view;
  }
  scan.origin = origin;
  scan.end = origin + size;
  if (scan.slots !== slots) scan.slots = slots;
  scan.base = base;
  const at = afterMap(recordTable, origin);
  return at >= 0 && at <= scan.end;
}

const recordTable = tableOf(recordStruct);

/** Steps over a struct; gives the offset after it, or `unusual`. */
function afterMap(table: Table, start: number): number {
  const { rows, count, structs } = table;
  const { view, end, slots, base, origin } = scan;
  if (start + 3 > end) return unusual;
  const code = view.getUint8(start);
  let at = start + 1;
  let rest = code & 0x0f;
  if (code === 0xde) {
    rest = view.getUint16(at);
    at += 2;
  } else if ((code & 0xf0) !== 0x80) return unusual;

  for (let index = 0; rest > 0; rest--, index++) {
    if (index === count) return unusual;
    let row = rows[index] as number;
    while (!isKey(table, index, row & 0xff, view, at, end)) {
      if (++index === count) return unusual;
      row = rows[index] as number;
    }
    at += row & 0xff;
    const kind = (row >> 8) & 0xff;
    const slot = row >> 16;
    if (kind === structKind) {
      const struct = structs[index] as Table;
      at = isEmpty(struct, view, at, end) ? at + struct.emptySize : afterMap(struct, at);
      if (at < 0) return unusual;
      continue;
    }
    const first = view.getUint8(at);
    // A nil for a list of texts is no value.
    if (slot >= 0 && (first !== nil || kind !== kinds.textList)) slots[base + slot] = at - origin;
    if (kind === kinds.text) {
      if ((first & 0xe0) === 0xa0) at += 1 + (first & 0x1f);
      else at = afterText(view, at, end);
    } else if (kind === kinds.integer) {
      const size = integerSizes[first] as number;
      at = size === 0 ? unusual : at + size;
    } else {
      at = afterOther(kind, at);
    }
    if (at < 0) return unusual;
  }
  return at;
}

/** Whether the key at `index`, of so many bytes, is here, with at least one byte behind it. */
function isKey(
  { keys, shortKeys }: Table,
  index: number,
  size: number,
  view: DataView,
  at: number,
  end: number,
): boolean {
  if (at + size >= end) return false;
  if (size < 8) {
    return (
      view.getInt32(at, true) === shortKeys[2 * index] &&
      view.getInt32(at + size - 4, true) === shortKeys[2 * index + 1]
    );
  }
  const word = wordsPerKey * index;
  if (view.getFloat64(at, true) !== keys[word]) return false;
  if (view.getFloat64(at + size - 8, true) !== keys[word + 1]) return false;
  return size <= 16 || view.getFloat64(at + 8, true) === keys[word + 2];
}

/** Whether the struct is here with nothing in it: then all of it is as if it were missing. */
function isEmpty(
  { emptyWords, emptyAt, emptySize }: Table,
  view: DataView,
  at: number,
  end: number,
): boolean {
  if (at + emptySize > end) return false;
  for (let index = 0; index < emptyWords.length; index++) {
    const word = view.getFloat64(at + (emptyAt[index] as number), true);
    if (word !== emptyWords[index]) return false;
  }
  return true;
}

/** A text whose length is not in its first byte. Where it ends beyond the record is found out later. */
function afterText(view: DataView, at: number, end: number): number {
  const code = view.getUint8(at);
  if (code === nil) return at + 1;
  if (at + 4 >= end) return unusual;
  if (code === 0xd9) return at + 2 + view.getUint8(at + 1);
  return code === 0xda ? at + 3 + view.getUint16(at + 1) : unusual;
}

function afterOther(kind: number, at: number): number {
  const { view, end } = scan;
  const first = view.getUint8(at);
  switch (kind) {
    case kinds.flag:
      return first === 0xc2 || first === 0xc3 ? at + 1 : unusual;
    case kinds.float:
      return floatSizes[first] === 0 ? unusual : at + (floatSizes[first] as number);
    case kinds.time:
      return first === 0x92 ? afterTime(view, at + 1, end) : unusual;
    case kinds.textList:
      if ((first & 0xf0) === 0x90) return afterTexts(view, at + 1, end, first & 0x0f);
      break;
    case kinds.textMap:
      if ((first & 0xf0) === 0x80) return afterTexts(view, at + 1, end, 2 * (first & 0x0f));
  }
  if (first === nil) return at + 1;
  const next = checkValue(kind as Field['kind'], scan.region.subarray(0, end), at);
  return next < 0 ? unusual : next;
}

/** The two numbers of a time. No record ends with one, so the longest form may be asked to fit. */
function afterTime(view: DataView, at: number, end: number): number {
  if (at + 18 > end) return unusual;
  const seconds = integerSizes[view.getUint8(at)] as number;
  const nanos = integerSizes[view.getUint8(at + seconds)] as number;
  return seconds === 0 || nanos === 0 ? unusual : at + seconds + nanos;
}

function afterTexts(view: DataView, at: number, end: number, count: number): number {
  let next = at;
  for (let rest = count; rest > 0; rest--) {
    if (next < 0 || next >= end) return unusual;
    const code = view.getUint8(next);
    next = (code & 0xe0) === 0xa0 ? next + 1 + (code & 0x1f) : afterText(view, next, end);
  }
  return next;
}
