import type { ByteWriter } from '../../lib/byte-writer.ts';

/** The types of elements that are written here (https://bsonspec.org/spec.html). */
export const elementTypes = {
  double: 0x01,
  text: 0x02,
  document: 0x03,
  array: 0x04,
  binary: 0x05,
  objectId: 0x07,
  flag: 0x08,
  time: 0x09,
  nil: 0x0a,
  integer: 0x10,
  long: 0x12,
} as const;
type ElementType = (typeof elementTypes)[keyof typeof elementTypes];

/** Before each value: its type and its name, as text, so that it may be a literal. */
export const elementHead = (type: ElementType, name: string): string =>
  `${String.fromCharCode(type)}${safeName(name)}\0`;

/** A name ends at its first NUL, so it can hold none. */
const safeName = (name: string): string => name.replaceAll('\0', '\ufffd');

export function writeHead(out: ByteWriter, type: ElementType, name: string): void {
  out.utf8(elementHead(type, name));
}

/** A document or an array: what `body` writes, with its size before it. */
export function writeDocument(out: ByteWriter, body: () => void): void {
  const start = out.length;
  out.ensure(4);
  out.advance(start + 4);
  body();
  out.byte(0);
  out.data.setInt32(start, out.length - start, true);
}

/** A text, by its bytes. */
export function writeText(out: ByteWriter, text: Uint8Array): void {
  writeInt32(out, text.length + 1);
  out.bytes(text);
  out.byte(0);
}

export function writeInt32(out: ByteWriter, value: number): void {
  out.ensure(4);
  out.data.setInt32(out.length, value, true);
  out.advance(out.length + 4);
}

/** What does not fit wraps, as in Go. */
export function writeInt64(out: ByteWriter, value: number | bigint): void {
  out.ensure(8);
  out.data.setBigInt64(out.length, BigInt.asIntN(64, BigInt(value)), true);
  out.advance(out.length + 8);
}

export function writeDouble(out: ByteWriter, value: number): void {
  out.ensure(8);
  out.data.setFloat64(out.length, value, true);
  out.advance(out.length + 8);
}
