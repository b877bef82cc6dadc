import type { ByteWriter } from '../../lib/byte-writer.ts';
import { wireTypes } from './layout.ts';

/** bytes[start … end), with its tag and its length. */
export function writeBytes(
  out: ByteWriter,
  number: number,
  bytes: Uint8Array,
  start = 0,
  end = bytes.length,
): void {
  writeTag(out, number, wireTypes.bytes);
  writeSize(out, end - start);
  out.bytes(bytes, start, end);
}

export function writeTag(out: ByteWriter, number: number, wireType: number): void {
  writeSize(out, number * 8 + wireType);
}

/** A number below 2⁵³ that is none below 0. */
function writeSize(out: ByteWriter, size: number): void {
  let rest = size;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) out.byte((rest % 0x80) | 0x80);
  out.byte(rest);
}

export function writeVarint(out: ByteWriter, value: bigint): void {
  let rest = value;
  for (; rest >= 0x80n; rest >>= 7n) out.byte(Number(rest & 0x7fn) | 0x80);
  out.byte(Number(rest));
}
