import type { Integer } from '../record.ts';

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** The English name; `%!Month(n)` where there is no such month, as Go has it. */
export function goMonth(month: Integer): string {
  const name = month > 0 ? months[Number(month) - 1] : undefined;
  return name ?? `%!Month(${asUnsigned(month)})`;
}

/** Go's uint64 of an int64: −1 is 18446744073709551615. */
export const asUnsigned = (value: Integer): Integer =>
  value < 0 ? BigInt.asUintN(64, BigInt(value)) : value;

const twoTo63 = 2 ** 63;

/** Go's uint64 of a float64 on amd64: cut towards zero; a negative one wraps; what fits nowhere is 2⁶³. */
export function truncatedToUnsigned(value: number): Integer {
  const whole = Math.trunc(value);
  if (!(whole >= -twoTo63 && whole < 2 * twoTo63)) return BigInt(twoTo63);
  return Number.isSafeInteger(whole) && whole >= 0 ? whole : BigInt.asUintN(64, BigInt(whole));
}

/** The shortest form that reads back the same; JavaScript and Go change to exponents at the same sizes. */
export const jsonFloat = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

/** Go's %v of a float64: shortest digits, with an exponent of two digits below 1e-4 and from 1e6. */
export function goFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-4 && size < 1e6)) return String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}
