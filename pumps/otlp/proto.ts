import type { ByteWriter } from '#pump';

/** Writing protobuf: what OTLP's messages are made of. */

const [varint, fixed64, delimited, fixed32] = [0, 1, 2, 5] as const;

/** A field's number and how its value lies. Of numbers below 16: one byte. */
const tag = (field: number, wire: number): number => (field << 3) | wire;

export const sizeOfVarint = (value: number): number =>
  value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5;

/** A whole number from 0 to 2³² − 1. */
function putVarint(out: ByteWriter, value: number): void {
  out.ensure(mostOfVarint);
  out.advance(varintAt(out.buffer, out.length, value));
}

const mostOfVarint = 5;

/** Where there is room for it; gives the place behind it. */
function varintAt(buffer: Buffer, at: number, value: number): number {
  let [to, rest] = [at, value];
  while (rest >= 0x80) {
    buffer[to++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  buffer[to++] = rest;
  return to;
}

/** Two's complement of 64 bits, as protobuf has them: ten bytes below 0. */
export function putInt64(out: ByteWriter, value: number | bigint): void {
  if (typeof value === 'number' && value >= 0 && value <= 0xffff_ffff) {
    putVarint(out, value);
    return;
  }
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest >= 0x80n) {
    out.byte(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  out.byte(Number(rest));
}

export function sizeOfInt64(value: number | bigint): number {
  if (typeof value === 'number' && value >= 0 && value <= 0xffff_ffff) return sizeOfVarint(value);
  let size = 1;
  for (let rest = BigInt.asUintN(64, BigInt(value)); rest >= 0x80n; rest >>= 7n) size += 1;
  return size;
}

/** The head of a text, of bytes or of a message: its field and its size. */
export function putHead(out: ByteWriter, field: number, size: number): void {
  out.ensure(mostOfHead);
  out.advance(headAt(out.buffer, out.length, field, size));
}

export const mostOfHead = 1 + mostOfVarint;

/** Where there is room for it; gives the place behind it. */
export function headAt(buffer: Buffer, at: number, field: number, size: number): number {
  buffer[at] = tag(field, delimited);
  return varintAt(buffer, at + 1, size);
}

export function putBytes(out: ByteWriter, field: number, bytes: Uint8Array): void {
  putHead(out, field, bytes.length);
  out.bytes(bytes);
}

/** Left out where it is 0, as protobuf does. */
export function putNumber(out: ByteWriter, field: number, value: number): void {
  if (value === 0) return;
  out.byte(tag(field, varint));
  putVarint(out, value);
}

export function putFixed64(out: ByteWriter, field: number, value: bigint): void {
  out.byte(tag(field, fixed64));
  out.ensure(8);
  out.data.setBigUint64(out.length, value, true);
  out.advance(out.length + 8);
}

export function putFixed32(out: ByteWriter, field: number, value: number): void {
  out.byte(tag(field, fixed32));
  putWord(out, value);
}

export function putDouble(out: ByteWriter, field: number, value: number): void {
  out.byte(tag(field, fixed64));
  putFloat(out, value);
}

/** Without its field: in a list that is packed. */
export function putFloat(out: ByteWriter, value: number): void {
  out.ensure(8);
  out.data.setFloat64(out.length, value, true);
  out.advance(out.length + 8);
}

/** A whole number that is exact, of eight bytes. */
export function putLong(out: ByteWriter, value: number): void {
  putWord(out, value % 0x1_0000_0000);
  putWord(out, Math.floor(value / 0x1_0000_0000));
}

function putWord(out: ByteWriter, value: number): void {
  out.ensure(4);
  out.data.setUint32(out.length, value, true);
  out.advance(out.length + 4);
}

/** Most messages have from 128 to 16,383 bytes. */
const usualSize = 2;

/** Begins a message whose size is known when it ends; gives where its content begins. */
export function beginMessage(out: ByteWriter, field: number): number {
  out.byte(tag(field, delimited));
  out.ensure(usualSize);
  out.advance(out.length + usualSize);
  return out.length;
}

/** Writes the size where room was left for it; a content for whose size the room does not fit is moved. */
export function endMessage(out: ByteWriter, start: number): void {
  const end = out.length;
  const size = end - start;
  const by = sizeOfVarint(size) - usualSize;
  if (by !== 0) {
    if (by > 0) out.ensure(by);
    out.buffer.copyWithin(start + by, start, end);
  }
  out.advance(start - usualSize);
  putVarint(out, size);
  out.advance(end + by);
}
