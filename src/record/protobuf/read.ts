import type { Integer } from '../record.ts';
import type { Span } from '../span.ts';
import { decodeUtf8 } from '../utf8.ts';

/** Reads values the scanner has passed; no checks. */

/** Position after the varint at `at`. */
export function afterVarint(bytes: Buffer, at: number): number {
  let next = at;
  while ((bytes[next] as number) >= 0x80) next++;
  return next + 1;
}

/** A length, or any other small number. */
function readSize(bytes: Buffer, at: number): number {
  const first = bytes[at] as number;
  if (first < 0x80) return first;
  let size = 0;
  for (let next = afterVarint(bytes, at) - 1; next >= at; next--) {
    size = size * 0x80 + ((bytes[next] as number) & 0x7f);
  }
  return size;
}

/** The low 32 bits, signed: how the reference cuts an int32. */
export function readInt32(bytes: Buffer, at: number): number {
  let value = 0;
  let shift = 0;
  for (let next = at; shift < 32; next++, shift += 7) {
    const byte = bytes[next] as number;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return value;
}

/** 32 bits of exact arithmetic are enough for almost every number; the rest goes through bigints. */
export function readInt64(bytes: Buffer, at: number): Integer {
  const end = afterVarint(bytes, at);
  if (end - at <= 7) return readSize(bytes, at);
  let value = 0n;
  for (let next = end - 1; next >= at; next--) {
    value = (value << 7n) | BigInt((bytes[next] as number) & 0x7f);
  }
  const signed = BigInt.asIntN(64, value);
  const number = Number(signed);
  return Number.isSafeInteger(number) ? number : signed;
}

export function isSet(bytes: Buffer, at: number): boolean {
  const end = afterVarint(bytes, at);
  for (let next = at; next < end; next++) if (((bytes[next] as number) & 0x7f) !== 0) return true;
  return false;
}

/** Puts the place of the text (or message) whose length is at `at` into `span`. */
export function locateText(bytes: Buffer, at: number, span: Span): void {
  const start = afterVarint(bytes, at);
  span.source = bytes;
  span.start = start;
  span.end = start + readSize(bytes, at);
}

export function readText(bytes: Buffer, at: number): string {
  const start = afterVarint(bytes, at);
  return decodeUtf8(bytes, start, start + readSize(bytes, at));
}

/** Calls back with the offset of the length of every field of this number and of wire type 2 within bytes[at … end). */
export function eachOf(
  place: { readonly bytes: Buffer; readonly start: number; readonly end: number },
  number: number,
  visit: (at: number) => void,
): void {
  const { bytes, end } = place;
  const wanted = number * 8 + 2;
  for (let at = place.start; at < end; ) {
    const tag = readSize(bytes, at);
    at = afterVarint(bytes, at);
    if (tag === wanted) visit(at);
    at = afterValue(bytes, at, tag % 8);
  }
}

function afterValue(bytes: Buffer, at: number, wireType: number): number {
  switch (wireType) {
    case 0:
      return afterVarint(bytes, at);
    case 1:
      return at + 8;
    case 2:
      return afterVarint(bytes, at) + readSize(bytes, at);
    case 5:
      return at + 4;
    default:
      return afterGroup(bytes, at);
  }
}

function afterGroup(bytes: Buffer, start: number): number {
  let at = start;
  for (let open = 1; open > 0; ) {
    const wireType = readSize(bytes, at) % 8;
    at = afterVarint(bytes, at);
    if (wireType === 3) open++;
    else if (wireType === 4) open--;
    else at = afterValue(bytes, at, wireType);
  }
  return at;
}
