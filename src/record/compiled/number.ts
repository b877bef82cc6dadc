import type { ByteWriter } from '../../lib/byte-writer.ts';
import type { Integer } from '../record.ts';

/** Writes the digits of a number from `to` on; gives the offset after them. The room must be there. */
export function putInteger(value: Integer, out: ByteWriter, to: number): number {
  if (typeof value === 'bigint' || value < 0 || value > 0x7fff_ffff) {
    return putAscii(String(value), out, to);
  }
  return putDigits(value, digitsOf(value), out, to);
}

function digitsOf(value: number): number {
  if (value < 10) return 1;
  if (value < 100) return 2;
  if (value < 1_000) return 3;
  if (value < 10_000) return 4;
  let digits = 5;
  for (let limit = 100_000; digits < 10 && value >= limit; limit *= 10) digits++;
  return digits;
}

/** The last `digits` digits of a number below 2³¹. */
function putDigits(value: number, digits: number, out: ByteWriter, to: number): number {
  const { buffer } = out;
  let rest = value | 0;
  for (let at = to + digits - 1; at >= to; at--) {
    const tenth = (rest / 10) | 0;
    buffer[at] = 0x30 + rest - tenth * 10;
    rest = tenth;
  }
  return to + digits;
}

/** The fraction of a second with its point and without trailing zeros; nothing for a whole second. */
export function putFraction(nanos: number, out: ByteWriter, to: number): number {
  if (nanos === 0) return to;
  const { buffer } = out;
  buffer[to] = 0x2e;
  let end = putDigits(nanos, 9, out, to + 1);
  while (buffer[end - 1] === 0x30) end--;
  return end;
}

export function putAscii(text: string, out: ByteWriter, to: number): number {
  const { buffer } = out;
  for (let at = 0; at < text.length; at++) buffer[to + at] = text.charCodeAt(at);
  return to + text.length;
}
