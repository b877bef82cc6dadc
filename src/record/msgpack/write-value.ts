import type { ByteWriter } from '../../lib/byte-writer.ts';
import type { Integer } from '../record.ts';
import { zeroTime } from '../time/zero-time.ts';

/** Writes one value, in the form in which the gateway does. */
export type Write = (out: ByteWriter) => void;

interface Instant {
  readonly seconds: Integer;
  readonly nanos?: number;
}

export const struct =
  (fields: Readonly<Record<string, Write>>): Write =>
  (out) => {
    const entries = Object.entries(fields);
    header(out, { fixed: 0x80, fixedLimit: 16, wide: 0xde }, entries.length);
    for (const [name, write] of entries) {
      text(name)(out);
      write(out);
    }
  };

export const map =
  <T>(entries: Readonly<Record<string, T>> | null | undefined, value: (item: T) => Write): Write =>
  (out) => {
    if (entries === null || entries === undefined) out.byte(0xc0);
    else
      struct(Object.fromEntries(Object.entries(entries).map(([key, item]) => [key, value(item)])))(
        out,
      );
  };

export const list =
  <T>(items: readonly T[] | null | undefined, value: (item: T) => Write): Write =>
  (out) => {
    if (items === null || items === undefined) {
      out.byte(0xc0);
      return;
    }
    header(out, { fixed: 0x90, fixedLimit: 16, wide: 0xdc }, items.length);
    for (const item of items) value(item)(out);
  };

export const text =
  (value: string | Uint8Array = ''): Write =>
  (out) =>
    putText(out, value);

export function putText(out: ByteWriter, value: string | Uint8Array): void {
  if (value.length === 0) {
    out.byte(0xa0);
    return;
  }
  if (typeof value === 'string' && value.length < 32 && putShort(out, value)) return;
  const size = typeof value === 'string' ? Buffer.byteLength(value) : value.length;
  if (size >= 32 && size < 256) {
    out.byte(0xd9);
    out.byte(size);
  } else header(out, { fixed: 0xa0, fixedLimit: 32, wide: 0xda }, size);
  if (typeof value !== 'string') out.bytes(value);
  else if (size === value.length) out.ascii(value);
  else out.utf8(value);
}

/** Most texts: short, and ASCII. False: this one is not, and nothing of it is written. */
function putShort(out: ByteWriter, value: string): boolean {
  const size = value.length;
  out.ensure(size + 1);
  const { buffer } = out;
  let at = out.length;
  buffer[at++] = 0xa0 | size;
  for (let index = 0; index < size; index++) {
    const code = value.charCodeAt(index);
    if (code > 0x7f) return false;
    buffer[at++] = code;
  }
  out.advance(at);
  return true;
}

interface Lengths {
  /** First byte of the form with the length in it, and the first length that does not fit. */
  readonly fixed: number;
  readonly fixedLimit: number;
  /** First byte of the form with two bytes of length; the one with four follows it. */
  readonly wide: number;
}

export function header(
  out: ByteWriter,
  { fixed, fixedLimit, wide }: Lengths,
  length: number,
): void {
  if (length < fixedLimit) out.byte(fixed | length);
  else if (length < 0x1_0000) {
    out.byte(wide);
    out.byte(length >> 8);
    out.byte(length & 0xff);
  } else writeWide(out, wide + 1, BigInt(length), 4);
}

/** The first byte and `size` bytes of the number, which may be negative. */
function writeWide(out: ByteWriter, code: number, value: bigint, size: number): void {
  out.byte(code);
  for (let shift = 8 * (size - 1); shift >= 0; shift -= 8) {
    out.byte(Number(BigInt.asUintN(8, value >> BigInt(shift))));
  }
}

/** The smallest form that holds it; numbers from 0 on are written as unsigned ones. */
export const integer =
  (value: Integer = 0): Write =>
  (out) =>
    putInteger(out, value);

export function putInteger(out: ByteWriter, value: Integer): void {
  // Most numbers of a record.
  if (typeof value === 'number' && value >= 0 && value < 0x1_0000) {
    if (value < 0x80) out.byte(value);
    else if (value < 0x100) {
      out.byte(0xcc);
      out.byte(value);
    } else {
      out.byte(0xcd);
      out.byte(value >> 8);
      out.byte(value & 0xff);
    }
    return;
  }
  if (typeof value === 'number' && value >= 0 && value < 0x1_0000_0000) {
    out.byte(0xce);
    putWord(out, value);
    return;
  }
  if (typeof value === 'number' && value >= 0 && Number.isSafeInteger(value)) {
    out.byte(0xcf);
    putWord(out, Math.floor(value / 0x1_0000_0000));
    putWord(out, value % 0x1_0000_0000);
    return;
  }
  putAny(out, BigInt(value));
}

/** Four bytes of a number below 2^32. */
function putWord(out: ByteWriter, value: number): void {
  out.byte(value >>> 24);
  out.byte((value >>> 16) & 0xff);
  out.byte((value >>> 8) & 0xff);
  out.byte(value & 0xff);
}

function putAny(out: ByteWriter, exact: bigint): void {
  if (exact >= -32n && exact < 128n) {
    out.byte(Number(BigInt.asUintN(8, exact)));
    return;
  }
  // 0xcc … 0xcf and 0xd0 … 0xd3: one, two, four and eight bytes.
  const widths = [1, 2, 4, 8];
  const fits = (width: number): boolean =>
    exact < 0n ? exact >= -(1n << BigInt(8 * width - 1)) : exact < 1n << BigInt(8 * width);
  const index = Math.max(widths.findIndex(fits), 0);
  writeWide(out, (exact < 0n ? 0xd0 : 0xcc) + index, exact, widths[index] ?? 8);
}

export const float =
  (value = 0): Write =>
  (out) => {
    const bytes = Buffer.alloc(9);
    bytes[0] = 0xcb;
    bytes.writeDoubleBE(value, 1);
    out.bytes(bytes);
  };

export const flag =
  (value = false): Write =>
  (out) =>
    out.byte(value ? 0xc3 : 0xc2);

/** Seconds and nanoseconds; the zone does not travel. */
export const time =
  ({ seconds, nanos = 0 }: Instant = zeroTime): Write =>
  (out) => {
    out.byte(0x92);
    integer(seconds)(out);
    integer(nanos)(out);
  };

/** What the path of an error holds: texts and numbers; all else as nil. */
export function any(value: unknown): Write {
  if (typeof value === 'string') return text(value);
  if (typeof value === 'boolean') return flag(value);
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return integer(value as Integer);
  if (typeof value === 'number') return float(value);
  return Array.isArray(value) ? list<unknown>(value, any) : (out) => out.byte(0xc0);
}
