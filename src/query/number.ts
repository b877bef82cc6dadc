import type { Integer } from '../record/record.ts';
import type { Unit } from './names.ts';

const notation = /^(-?)(\d+)(?:\.(\d+))?(e[+-]?\d+)?([a-z]*)$/i;

/** Factors as fractions, so that 0.29s are 290 ms. */
const durations: Readonly<Record<string, readonly [bigint, bigint]>> = {
  ns: [1n, 1_000_000n],
  us: [1n, 1000n],
  ms: [1n, 1n],
  s: [1000n, 1n],
  m: [60_000n, 1n],
  h: [3_600_000n, 1n],
  d: [86_400_000n, 1n],
};

const sizes: Readonly<Record<string, readonly [bigint, bigint]>> = {
  b: [1n, 1n],
  kb: [1000n, 1n],
  mb: [1_000_000n, 1n],
  gb: [1_000_000_000n, 1n],
  kib: [1024n, 1n],
  mib: [1_048_576n, 1n],
  gib: [1_073_741_824n, 1n],
};

/** More digits are no number that a record has; powers of ten cost with their size. */
const longest = 400;

/** A number in the field's own unit; undefined where it is none, or has a unit that is not the field's. */
export function readNumber(text: string, unit: Unit): Integer | undefined {
  if (text.length > longest) return undefined;
  const [, sign, whole, fraction = '', exponent, suffix = ''] = notation.exec(text) ?? [];
  if (whole === undefined) return undefined;
  if (exponent !== undefined) return suffix === '' ? ofDouble(Number(text)) : undefined;
  const factor = suffix === '' ? ([1n, 1n] as const) : factorOf(suffix.toLowerCase(), unit);
  if (factor === undefined) return undefined;
  const above = BigInt(`${sign}${whole}${fraction}`) * factor[0];
  const below = 10n ** BigInt(fraction.length) * factor[1];
  if (above % below === 0n) return narrow(above / below);
  return suffix === '' ? ofDouble(Number(text)) : Number(above) / Number(below);
}

/** `5xx`: 500 to 599. */
export function readStatusClass(text: string): { from: number; to: number } | undefined {
  const [, digit] = /^([1-9])xx$/i.exec(text) ?? [];
  if (digit === undefined) return undefined;
  return { from: 100 * Number(digit), to: 100 * Number(digit) + 99 };
}

function factorOf(suffix: string, unit: Unit): readonly [bigint, bigint] | undefined {
  const known = unit === 'milliseconds' ? durations : unit === 'bytes' ? sizes : {};
  return Object.hasOwn(known, suffix) ? known[suffix] : undefined;
}

function ofDouble(value: number): Integer | undefined {
  if (!Number.isFinite(value)) return undefined;
  return Number.isInteger(value) ? narrow(BigInt(value)) : value;
}

/** A number while it is exact. */
function narrow(value: bigint): Integer {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
