import { beginRecord, meetName } from '../unknown-fields.ts';
import {
  checkAny,
  checkFlag,
  checkFloat,
  checkInteger,
  checkList,
  checkListHeader,
  checkMap,
  checkMapHeader,
  checkText,
  checkTextList,
  checkTime,
  countAt,
  failures,
  reasonOf,
  sizeAt,
  skipValues,
} from './check.ts';
import { isFixedText, isMap, nil, textLengthSizes } from './codes.ts';
import { errorStruct, type Field, kinds, recordStruct, type Struct } from './layout.ts';

/** The record under scan. One object for all: scans run one after the other, and to their end. */
interface Scan {
  bytes: Buffer;
  /** Over the whole buffer that `bytes` is a slice of: Redis replies are slices of few large ones. */
  view: DataView;
  origin: number;
  slots: Int32Array;
  base: number;
}

const scan: Scan = {
  bytes: Buffer.alloc(0),
  view: new DataView(new ArrayBuffer(0)),
  origin: 0,
  slots: new Int32Array(0),
  base: 0,
};

/**
 * Checks a record and notes where its leaves are; undefined when it is sound, else why not. What passes can be read
 * later without another check, so everything a reader might stumble over is looked at, also where it is not kept.
 */
export function scanRecord(
  bytes: Buffer,
  slots: Int32Array,
  base: number,
  struct: Struct = recordStruct,
): string | undefined {
  beginRecord();
  const end = scanStruct(struct, begin(bytes, slots, base), 0, true);
  return end < 0 ? reasonOf(end) : undefined;
}

/** The same for a GraphQL error that has been checked before; gives the offset after it. */
export function scanError(bytes: Buffer, at: number, slots: Int32Array): number {
  return scanStruct(errorStruct, begin(bytes, slots, 0), at, true);
}

/** Checks one value of a record that another scanner is going through. */
export function checkValue(kind: Field['kind'], bytes: Buffer, at: number): number {
  begin(bytes, noSlots, 0);
  return checkField(kind, bytes, at);
}

const noSlots = new Int32Array(0);

function begin(bytes: Buffer, slots: Int32Array, base: number): Scan {
  if (scan.view.buffer !== bytes.buffer) scan.view = new DataView(bytes.buffer);
  scan.bytes = bytes;
  scan.origin = bytes.byteOffset;
  scan.slots = slots;
  scan.base = base;
  return scan;
}

/** A struct comes as a map, as a list in the order of declaration, or as nil. */
function scanStruct(struct: Struct, target: Scan, at: number, isKept: boolean): number {
  const { bytes } = target;
  if (at >= bytes.length) return failures.truncated;
  const code = bytes[at] as number;
  if (isMap(code)) return scanMap(struct, target, at, isKept);
  if (code === nil) {
    if (isKept) for (const slot of struct.slots) target.slots[target.base + slot] = 0;
    return at + 1;
  }
  return scanPositional(struct, target, at, isKept);
}

/** Values of a list behind those that are known have no names. */
const behind = Buffer.from('(behind the last)');

function scanPositional(struct: Struct, target: Scan, at: number, isKept: boolean): number {
  let next = checkListHeader(target.bytes, at);
  if (next < 0) return next === failures.noList ? failures.noStruct : next;
  const count = countAt(target.bytes, at);
  for (let index = 0; index < count && next >= 0; index++) {
    const field = struct.fields[index];
    if (field === undefined) {
      meetName(struct.path, behind, 0, behind.length);
      return skipValues(target.bytes, next, count - index);
    }
    next = scanField(field, target, next, isKept);
  }
  return next;
}

function scanMap(struct: Struct, target: Scan, at: number, isKept: boolean): number {
  const { fields } = struct;
  const { bytes } = target;
  let next = checkMapHeader(bytes, at);
  if (next < 0) return next;
  let expected = 0;
  for (let rest = countAt(bytes, at); rest > 0; rest--) {
    const likely = fields[expected];
    if (likely !== undefined && isKeyOf(likely, target, next)) {
      expected++;
      next = scanField(likely, target, next + likely.size, isKept);
    } else {
      const field = find(fields, bytes, next);
      const keyEnd = checkText(bytes, next);
      if (keyEnd < 0) return keyEnd;
      if (field === undefined) {
        meetName(struct.path, bytes, keyEnd - textSize(bytes, next), keyEnd);
        next = skipValues(bytes, keyEnd, 1);
      } else {
        expected = field.index + 1;
        next = scanField(field, target, keyEnd, isKept);
      }
    }
    if (next < 0) return next;
  }
  return next;
}

/** Whether the key here is this field's, in the form in which the gateway writes it. */
function isKeyOf(field: Field, target: Scan, at: number): boolean {
  const { view } = target;
  const { size, words } = field;
  if (at + size > target.bytes.length) return false;
  const from = target.origin + at;
  const last = words.length - 1;
  for (let index = 0; index < last; index++) {
    if (view.getInt32(from + 4 * index) !== words[index]) return false;
  }
  return view.getInt32(from + size - 4) === words[last];
}

/** The field of a key that comes in another order or form. */
function find(fields: readonly Field[], bytes: Buffer, at: number): Field | undefined {
  const end = checkText(bytes, at);
  if (end < 0) return undefined;
  const start = end - textSize(bytes, at);
  return fields.find(
    ({ name }) =>
      name.length === end - start && bytes.compare(name, 0, name.length, start, end) === 0,
  );
}

function textSize(bytes: Buffer, at: number): number {
  const code = bytes[at] as number;
  if (isFixedText(code)) return code & 0x1f;
  const width = textLengthSizes[code] as number;
  return width === 0 ? 0 : sizeAt(bytes, at + 1, width);
}

function scanField(field: Field, target: Scan, at: number, isKept: boolean): number {
  const { kind, slot, struct } = field;
  if (struct !== undefined) return scanStruct(struct, target, at, isKept);
  const { bytes } = target;
  if (isKept && slot >= 0) {
    // A nil for a list of texts leaves what an earlier equal key gave; all others are replaced.
    if (kind !== kinds.textList || bytes[at] !== nil) target.slots[target.base + slot] = at;
  }
  // Nearly all fields are one of these two; the switch is too large to be inlined here.
  if (kind === kinds.text) return checkText(bytes, at);
  if (kind === kinds.integer) return checkInteger(bytes, at);
  return checkField(kind, bytes, at);
}

function checkField(kind: Field['kind'], bytes: Buffer, at: number): number {
  switch (kind) {
    case kinds.text:
      return checkText(bytes, at);
    case kinds.integer:
      return checkInteger(bytes, at);
    case kinds.float:
      return checkFloat(bytes, at);
    case kinds.flag:
      return checkFlag(bytes, at);
    case kinds.time:
      return checkTime(bytes, at);
    case kinds.textList:
      return checkTextList(bytes, at);
    case kinds.textMap:
      return checkMap(bytes, at, checkText);
    case kinds.textListMap:
      return checkMap(bytes, at, checkTextList);
    case kinds.errors:
      return checkList(bytes, at, (_, errorAt) => scanStruct(errorStruct, scan, errorAt, false));
    case kinds.anyList:
      return checkList(bytes, at, checkAnyItem);
  }
  return kind satisfies never;
}

const checkAnyItem = (bytes: Buffer, at: number): number => checkAny(bytes, at);
