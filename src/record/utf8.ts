import { isUtf8 } from 'node:buffer';

/** Below this size a loop beats the call into native code. */
const nativeSize = 64;

/**
 * Length of the valid UTF-8 sequence at `at`, or 0 where there is none. Go's rules: no surrogates, no overlong forms,
 * nothing above U+10FFFF; so the byte there is one bad byte, and the next one starts anew.
 */
export function sequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at] ?? 0xff;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (at + size > end) return 0;
  const second = bytes[at + 1] ?? 0;
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let next = at + 2; next < at + size; next++) {
    if (((bytes[next] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return size;
}

/** Whether all bytes are below 0x80, four at a time; the last four may overlap those before. */
export function isAscii(view: DataView, start: number, size: number): boolean {
  let bits = 0;
  if (size >= 4) {
    const last = start + size - 4;
    bits = view.getInt32(last);
    for (let at = start; at < last; at += 4) bits |= view.getInt32(at);
  } else for (let at = 0; at < size; at++) bits |= view.getUint8(start + at);
  return (bits & 0x8080_8080) === 0;
}

export function isValidUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start >= nativeSize) return isUtf8(bytes.subarray(start, end));
  for (let at = start; at < end; ) {
    const size = (bytes[at] as number) < 0x80 ? 1 : sequenceLength(bytes, at, end);
    if (size === 0) return false;
    at += size;
  }
  return true;
}

/** Each bad byte becomes one U+FFFD, as in Go; Buffer replaces a cut sequence by a single one. */
export function decodeUtf8(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start, end);
  return text.includes('\ufffd') ? decodeByteByByte(bytes, start, end) : text;
}

function decodeByteByByte(bytes: Buffer, start: number, end: number): string {
  let text = '';
  let from = start;
  for (let at = start; at < end; ) {
    const size = sequenceLength(bytes, at, end);
    if (size === 0) {
      text += `${bytes.toString('utf8', from, at)}\ufffd`;
      from = at + 1;
    }
    at += Math.max(size, 1);
  }
  return text + bytes.toString('utf8', from, end);
}

/** Order of the UTF-8 bytes, which is how Go sorts keys; JavaScript's own order differs above U+FFFF. */
export function compareUtf8(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
