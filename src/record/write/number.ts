import { manyDigits, putDigits, putTriple } from '../../lib/digits.ts';

/** Of a function that leaves its value to the interpreter, in place of an offset. */
export const gaveUp = -1;

/** Writes the digits of a number from `to` on; gives the offset after them. The room must be there. Gives up for NaN. */
export function putInteger(value: number, data: DataView, to: number): number {
  const whole = value | 0;
  if (whole === value && whole >= 0 && whole < manyDigits) return putDigits(whole, data, to);
  return Number.isNaN(value) ? gaveUp : putAscii(String(value), data, to);
}

/** A whole number below 0 as an unsigned one of 64 bits; gives up where it is far below. */
export function putWrapped(value: number, data: DataView, to: number): number {
  // 2⁶⁴ is 18446744073709551616.
  const rest = 709_551_616 + value;
  if (!(rest >= 100_000_000)) return gaveUp;
  return putInteger(rest, data, putAscii('18446744073', data, to));
}

/**
 * The fraction of a second with its point and without trailing zeros; nothing for a whole second. It takes room for one
 * byte more.
 */
export function putFraction(nanos: number, data: DataView, to: number): number {
  if (nanos === 0) return to;
  const micros = (nanos / 1_000) | 0;
  const millis = (micros / 1_000) | 0;
  data.setUint8(to, 0x2e);
  let end = putTriple(millis, data, to + 1);
  end = putTriple(micros - millis * 1_000, data, end);
  end = putTriple(nanos - micros * 1_000, data, end);
  while (data.getUint8(end - 1) === 0x30) end--;
  return end;
}

export function putAscii(text: string, data: DataView, to: number): number {
  for (let at = 0; at < text.length; at++) data.setUint8(to + at, text.charCodeAt(at));
  return to + text.length;
}
