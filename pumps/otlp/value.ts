import { ByteWriter } from '#pump';
import {
  headAt,
  mostOfHead,
  putBytes,
  putDouble,
  putHead,
  putInt64,
  sizeOfInt64,
  sizeOfVarint,
} from './proto.ts';

/** Values of OTLP (`AnyValue`), and what has one under a key (`KeyValue`). */

const fieldOf = { text: 1, flag: 2, integer: 3, float: 4, list: 5 } as const;
const [keyField, valueField] = [1, 2] as const;

/** The beginning of a `KeyValue` under a field of the message that it is in: made once for each key. */
export interface Key {
  readonly field: number;
  /** The key, with its head. */
  readonly bytes: Buffer;
}

export function keyOf(field: number, name: string): Key {
  const out = new ByteWriter(64);
  putBytes(out, keyField, Buffer.from(name));
  return { field, bytes: out.take() };
}

/** Head, key, and the head of a value of so many bytes. A key is short: a loop beats the call into native code. */
function begin(out: ByteWriter, { field, bytes }: Key, size: number): void {
  out.ensure(bytes.length + 2 * mostOfHead);
  const { buffer } = out;
  let to = headAt(buffer, out.length, field, bytes.length + 1 + sizeOfVarint(size) + size);
  for (let at = 0; at < bytes.length; at++) buffer[to++] = bytes[at] as number;
  out.advance(headAt(buffer, to, valueField, size));
}

/** Of UTF-8 that is valid. */
export function putText(out: ByteWriter, key: Key, utf8: Uint8Array): void {
  begin(out, key, sizeOfText(utf8.length));
  putBytes(out, fieldOf.text, utf8);
}

export function putInteger(out: ByteWriter, key: Key, value: number | bigint): void {
  begin(out, key, 1 + sizeOfInt64(value));
  out.byte(fieldOf.integer << 3);
  putInt64(out, value);
}

export function putFloat(out: ByteWriter, key: Key, value: number): void {
  begin(out, key, 9);
  putDouble(out, fieldOf.float, value);
}

export function putFlag(out: ByteWriter, key: Key, value: boolean): void {
  begin(out, key, 2);
  out.byte(fieldOf.flag << 3);
  out.byte(value ? 1 : 0);
}

export function putTexts(out: ByteWriter, key: Key, texts: readonly Uint8Array[]): void {
  let size = 0;
  for (const { length } of texts) {
    const inner = sizeOfText(length);
    size += 1 + sizeOfVarint(inner) + inner;
  }
  begin(out, key, 1 + sizeOfVarint(size) + size);
  putHead(out, fieldOf.list, size);
  for (const text of texts) putTextValue(out, 1, text);
}

/** A text as a value, under a field of its own. */
export function putTextValue(out: ByteWriter, field: number, utf8: Uint8Array): void {
  putHead(out, field, sizeOfText(utf8.length));
  putBytes(out, fieldOf.text, utf8);
}

const sizeOfText = (length: number): number => 1 + sizeOfVarint(length) + length;

/** An attribute that is the same always. */
export function textAttribute(field: number, name: string, text: string): Buffer {
  const out = new ByteWriter(128);
  putText(out, keyOf(field, name), Buffer.from(text));
  return out.take();
}
