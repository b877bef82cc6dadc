import type { ByteWriter } from '../../lib/byte-writer.ts';
import { sequenceLength } from '../utf8.ts';

/** 1 for the bytes that Go's JSON copies as they are: printable ASCII without `"`, `\`, `<`, `>` and `&`. */
export const plainInJson = new Uint8Array(256);
for (let code = 0x20; code < 0x80; code++) plainInJson[code] = 1;
for (const special of '"\\<>&') plainInJson[special.charCodeAt(0)] = 0;

/** Escapes of ASCII: the short ones of Go ≥ 1.22, else four digits. */
const escapes = Array.from({ length: 0x80 }, (_, code) => `\\u${hex(code)}`);
escapes[0x08] = '\\b';
escapes[0x09] = '\\t';
escapes[0x0a] = '\\n';
escapes[0x0c] = '\\f';
escapes[0x0d] = '\\r';
escapes[0x22] = '\\"';
escapes[0x5c] = '\\\\';

/**
 * Writes source[start … end) as a JSON text by Go's rules (tyk-pump.md, "JSON as Go writes it"), without decoding it.
 */
export function writeJsonText(
  out: ByteWriter,
  source: Uint8Array,
  start: number,
  end: number,
): void {
  out.byte(0x22);
  for (let at = start; ; ) {
    at = out.copyWhile(plainInJson, source, at, end);
    if (at >= end) break;
    const size = (source[at] as number) < 0x80 ? 0 : sequenceLength(source, at, end);
    const escape = escapeAt(source, at, size);
    if (escape === undefined) out.bytes(source, at, at + size);
    else out.ascii(escape);
    at += Math.max(size, 1);
  }
  out.byte(0x22);
}

export function writeJsonString(out: ByteWriter, text: string): void {
  const bytes = Buffer.from(text);
  writeJsonText(out, bytes, 0, bytes.length);
}

/**
 * What stands for the byte at `at`, or for the sequence of `size` bytes if that is above 0; undefined where it is
 * written as it is.
 */
export function escapeAt(source: Uint8Array, at: number, size: number): string | undefined {
  if (size === 0) return escapes[source[at] as number] ?? '\\ufffd';
  if (!isSeparator(source, at)) return undefined;
  return source[at + 2] === 0xa8 ? '\\u2028' : '\\u2029';
}

/** U+2028 or U+2029, which JavaScript once took for line ends. */
const isSeparator = (source: Uint8Array, at: number): boolean =>
  source[at] === 0xe2 && source[at + 1] === 0x80 && ((source[at + 2] as number) & 0xfe) === 0xa8;

function hex(code: number): string {
  return code.toString(16).padStart(4, '0');
}
