import { floatSizes, integerSizes, nil } from './codes.ts';
import { type Field, kinds, recordStruct, type Struct } from './layout.ts';
import { checkValue } from './scan.ts';

/**
 * The scanner for records as gateways write them: every struct a map, its keys in the order of declaration. Fields may
 * be missing, for older gateways know fewer. Whatever is different it leaves to the general scanner (scan.ts), which
 * alone decides what is no record; so a check that would need care here may give up instead.
 *
 * Offsets in this file are those of the buffer that `view` covers, and not of the record.
 */
interface Scan {
  bytes: Buffer;
  view: DataView;
  /** Of the record. */
  origin: number;
  end: number;
  slots: Int32Array;
  base: number;
}

/** One object for all: scans run one after the other, and to their end. */
const scan: Scan = {
  bytes: Buffer.alloc(0),
  view: new DataView(new ArrayBuffer(0)),
  origin: 0,
  end: 0,
  slots: new Int32Array(0),
  base: 0,
};

/** Instead of an offset. */
const unusual = -1;

/**
 * Checks a record and notes where its leaves are. False when it is no record or not of the usual form; some of its
 * slots may have been written then.
 */
export function scanUsual(bytes: Buffer, view: DataView, slots: Int32Array, base: number): boolean {
  const origin = bytes.byteOffset;
  scan.bytes = bytes;
  scan.view = view;
  scan.origin = origin;
  scan.end = origin + bytes.length;
  scan.slots = slots;
  scan.base = base;
  const at = afterMap(recordTable, origin);
  return at >= 0 && at <= scan.end;
}

/** A struct as numbers side by side, a row per field: the loop below looks nowhere else. */
interface Table {
  readonly rows: Int32Array;
  readonly count: number;
  /** Of a field that is a struct itself. */
  readonly structs: readonly (Table | undefined)[];
}

/** A row: size of the key, kind, slot, and the key's first, last, second, third and fourth word. */
const rowSize = 8;
const structKind = -1;

function tableOf({ fields }: Struct): Table {
  const rows = new Int32Array(fields.length * rowSize);
  fields.forEach(({ size, kind, slot, struct, words }, index) => {
    const [first = 0, second = 0, third = 0, fourth = 0] = words;
    const numbers = [size, struct === undefined ? kind : structKind, slot];
    rows.set([...numbers, first, words.at(-1) ?? 0, second, third, fourth], index * rowSize);
  });
  return {
    rows,
    count: fields.length,
    structs: fields.map(({ struct }) => (struct === undefined ? undefined : tableOf(struct))),
  };
}

const recordTable = tableOf(recordStruct);

/** Steps over a struct; gives the offset after it, or `unusual`. */
function afterMap({ rows, count, structs }: Table, start: number): number {
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
    let row = index * rowSize;
    for (; !isKey(rows, row, view, at, end); row += rowSize) if (++index === count) return unusual;
    at += rows[row] as number;
    const kind = rows[row + 1] as number;
    const slot = rows[row + 2] as number;
    if (kind === structKind) {
      at = afterMap(structs[index] as Table, at);
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

/** Whether this row's key is here, with at least one byte behind it. */
function isKey(rows: Int32Array, row: number, view: DataView, at: number, end: number): boolean {
  const size = rows[row] as number;
  if (at + size >= end || view.getInt32(at) !== rows[row + 3]) return false;
  if (view.getInt32(at + size - 4) !== rows[row + 4]) return false;
  if (size <= 8) return true;
  if (view.getInt32(at + 4) !== rows[row + 5]) return false;
  if (size <= 12) return true;
  if (view.getInt32(at + 8) !== rows[row + 6]) return false;
  return size <= 16 || view.getInt32(at + 12) === rows[row + 7];
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
  const { view, end, bytes, origin } = scan;
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
  }
  if (first === nil) return at + 1;
  const next = checkValue(kind as Field['kind'], bytes, at - origin);
  return next < 0 ? unusual : next + origin;
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
