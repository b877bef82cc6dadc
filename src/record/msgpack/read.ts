import type { GraphError, Integer } from '../record.ts';
import type { Span } from '../span.ts';
import { decodeUtf8 } from '../utf8.ts';
import { countAt, headerSize, mapStart, sizeAt } from './check.ts';
import { integerSizes, isFixedText, isList, isMap, nil, textLengthSizes } from './codes.ts';
import { errorSlots } from './layout.ts';
import { scanError } from './scan.ts';

/**
 * Reads values the scanner has passed, from the offset of their first byte. No checks: a bound tested twice costs
 * twice. Positions move through a cursor where a value contains others.
 */
export interface Cursor {
  readonly bytes: Buffer;
  at: number;
}

/** Puts the place of the text at `at` into `span`. */
export function locateText(bytes: Buffer, at: number, span: Span): void {
  const code = bytes[at] as number;
  const width = textLengthSizes[code] as number;
  const from = at + 1 + width;
  span.source = bytes;
  span.start = from;
  span.end =
    width === 0
      ? from + (isFixedText(code) ? code & 0x1f : 0)
      : from + sizeAt(bytes, at + 1, width);
}

export function readInteger(bytes: Buffer, at: number): Integer {
  const code = bytes[at] as number;
  if (code < 0x80) return code;
  if (code >= 0xe0) return code - 0x100;
  switch (code) {
    case 0xcc:
      return bytes[at + 1] as number;
    case 0xcd:
      return bytes.readUInt16BE(at + 1);
    case 0xce:
      return bytes.readUInt32BE(at + 1);
    case 0xd0:
      return bytes.readInt8(at + 1);
    case 0xd1:
      return bytes.readInt16BE(at + 1);
    case 0xd2:
      return bytes.readInt32BE(at + 1);
    // The reference takes a uint64 into an int64: above 2⁶³ it wraps.
    case 0xcf:
    case 0xd3:
      return readInt64(bytes, at + 1);
    default:
      return 0;
  }
}

function readInt64(bytes: Buffer, at: number): Integer {
  const value = bytes.readInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4);
  return Number.isSafeInteger(value) ? value : bytes.readBigInt64BE(at);
}

/** The same bits as an unsigned number, which is how the reference keeps a geoname id. */
export const unsigned = (value: Integer): Integer =>
  value < 0 ? BigInt.asUintN(64, BigInt(value)) : value;

export function readFloat(bytes: Buffer, at: number): number {
  const code = bytes[at] as number;
  if (code === 0xcb) return bytes.readDoubleBE(at + 1);
  if (code === 0xca) return bytes.readFloatBE(at + 1);
  return Number(readInteger(bytes, at));
}

const nanosPerSecond = 1_000_000_000;

/** Seconds and nanoseconds behind the 0x92; nanoseconds out of range carry over, as Go's time.Unix does. */
export function readTime(bytes: Buffer, at: number): { seconds: Integer; nanos: number } {
  const secondsAt = at + 1;
  const seconds = readInteger(bytes, secondsAt);
  const nanos = readInteger(
    bytes,
    secondsAt + (integerSizes[bytes[secondsAt] as number] as number),
  );
  if (nanos >= 0 && nanos < nanosPerSecond) return { seconds, nanos: Number(nanos) };
  const rest = BigInt(nanos) % BigInt(nanosPerSecond);
  const positive = rest < 0n ? rest + BigInt(nanosPerSecond) : rest;
  const carried = BigInt(seconds) + (BigInt(nanos) - positive) / BigInt(nanosPerSecond);
  return { seconds: narrow(BigInt.asIntN(64, carried)), nanos: Number(positive) };
}

/** The seconds of `readTime`. */
export function readSeconds(bytes: Buffer, at: number): Integer {
  const code = bytes[at + 6] as number;
  // As gateways write it: 32 bits, and then a fraction of a second.
  const isFraction = code < 0x80 || (code === 0xce && (bytes[at + 7] as number) < 0x3b);
  return bytes[at + 1] === 0xce && isFraction
    ? bytes.readUInt32BE(at + 2)
    : readTime(bytes, at).seconds;
}

const narrow = (value: bigint): Integer => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
};

export function readText(cursor: Cursor): string {
  const { bytes } = cursor;
  const span = { source: bytes, start: 0, end: 0 };
  locateText(bytes, cursor.at, span);
  cursor.at = span.end;
  return decodeUtf8(bytes, span.start, span.end);
}

/** Steps over the header of a list or a map; -1 for nil. */
export function readCount(cursor: Cursor): number {
  const { bytes, at } = cursor;
  cursor.at += headerSize(bytes[at] as number);
  return countAt(bytes, at);
}

export function readTextList(cursor: Cursor): readonly string[] | null {
  return readList(cursor, () => readText(cursor));
}

function readList<T>(cursor: Cursor, item: () => T): readonly T[] | null {
  const count = readCount(cursor);
  if (count < 0) return null;
  const items: T[] = [];
  for (let index = 0; index < count; index++) items.push(item());
  return items;
}

/** A map with text keys, an extension header before it stepped over. */
export function readMap<T>(cursor: Cursor, value: () => T): ReadonlyMap<string, T> | null {
  cursor.at = mapStart(cursor.bytes, cursor.at);
  const count = readCount(cursor);
  if (count < 0) return null;
  const entries = new Map<string, T>();
  for (let index = 0; index < count; index++) {
    const key = readText(cursor);
    entries.set(key, value());
  }
  return entries;
}

export const readErrors = (cursor: Cursor): readonly GraphError[] | null =>
  readList(cursor, () => readError(cursor));

function readError(cursor: Cursor): GraphError {
  const { bytes } = cursor;
  const slots = new Int32Array(errorSlots.count);
  cursor.at = scanError(bytes, cursor.at, slots);
  const message = slots[errorSlots.message] as number;
  const path = slots[errorSlots.path] as number;
  return {
    message: message === 0 ? '' : readText({ bytes, at: message }),
    path: path === 0 ? null : readPath({ bytes, at: path }),
  };
}

function readPath(cursor: Cursor): readonly unknown[] | null {
  return readList(cursor, () => readAny(cursor));
}

/** Any value, as Go's interface{} takes it; the scanner has bounded the depth. */
function readAny(cursor: Cursor): unknown {
  const { bytes, at } = cursor;
  const code = bytes[at] as number;
  if (isFixedText(code) || (code >= 0xd9 && code <= 0xdb)) return readText(cursor);
  if (code >= 0xc4 && code <= 0xc6) return readBinary(cursor);
  if (isList(code)) return readPath(cursor);
  if (isMap(code)) return readAnyMap(cursor);
  if (code === nil || code === 0xc2 || code === 0xc3) {
    cursor.at++;
    return code === nil ? null : code === 0xc3;
  }
  if (code === 0xca || code === 0xcb) {
    cursor.at += code === 0xca ? 5 : 9;
    return code === 0xca ? shortest(bytes.readFloatBE(at + 1)) : bytes.readDoubleBE(at + 1);
  }
  cursor.at += integerSizes[code] as number;
  const value = readInteger(bytes, at);
  return code === 0xcf ? unsigned(value) : value;
}

function readBinary(cursor: Cursor): Uint8Array {
  const span = { source: cursor.bytes, start: 0, end: 0 };
  locateText(cursor.bytes, cursor.at, span);
  cursor.at = span.end;
  return cursor.bytes.subarray(span.start, span.end);
}

function readAnyMap(cursor: Cursor): ReadonlyMap<string, unknown> {
  const count = readCount(cursor);
  const entries = new Map<string, unknown>();
  for (let index = 0; index < count; index++) {
    const key = String(readAny(cursor));
    entries.set(key, readAny(cursor));
  }
  return entries;
}

/** The double with the fewest digits that is this 32-bit float: 0.1 and not 0.10000000149011612, as Go prints it. */
function shortest(value: number): number {
  for (let digits = 1; digits <= 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return value;
}
