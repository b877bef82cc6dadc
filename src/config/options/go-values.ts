import type { Reading } from './option.ts';

/** Values as Go reads them from environment variables (tyk-pump.md, "Variables"). */

const bad = (expected: string): Reading<never> => ({ ok: false, expected });

const truths = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const falsehoods = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

export function readGoBool(text: string): Reading<boolean> {
  if (truths.has(text)) return { ok: true, value: true };
  if (falsehoods.has(text)) return { ok: true, value: false };
  return bad('true or false (1, t, true, 0, f, false)');
}

const goInteger =
  /^[+-]?(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0(?:_?[0-7])+|0|[1-9](?:_?[0-9])*)$/;

/** Base detected from the prefix: `0x10`, `0o17`, `017` (octal), `0b1`; underscores between digits. */
export function readGoInteger(text: string): Reading<number> {
  if (!goInteger.test(text)) return bad('an integer');
  const isNegative = text.startsWith('-');
  const digits = text.replace(/^[+-]/, '').replaceAll('_', '');
  const isOldOctal = /^0[0-7]+$/.test(digits);
  const magnitude = Number(isOldOctal ? `0o${digits.slice(1)}` : digits.toLowerCase());
  if (!Number.isSafeInteger(magnitude)) return bad('an integer below 2^53');
  return { ok: true, value: isNegative ? -magnitude : magnitude };
}

export function readGoFloat(text: string): Reading<number> {
  const isDecimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/.test(text);
  const value = Number(text);
  return isDecimal && Number.isFinite(value) ? { ok: true, value } : bad('a decimal number');
}

/** Comma-split, elements not trimmed; set but empty is the empty list. */
export function readGoList(text: string): readonly string[] {
  return text === '' ? [] : text.split(',');
}

/** `k:v,k2:v2`, split at the first colon. */
export function readGoMap(text: string): Reading<Readonly<Record<string, string>>> {
  const result = new Map<string, string>();
  for (const part of readGoList(text)) {
    const colon = part.indexOf(':');
    if (colon < 0) return bad('a map as key:value,key:value');
    result.set(part.slice(0, colon), part.slice(colon + 1));
  }
  return { ok: true, value: Object.fromEntries(result) };
}

const goUnits: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** A Go duration (`1h30m`, `1.5s`, `250ms`) in milliseconds. */
export function readGoDuration(text: string): Reading<number> {
  const expected = 'a duration with its unit, such as "250ms", "5s", "1h30m"';
  if (text === '0') return { ok: true, value: 0 };
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(text)) return bad(expected);
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g))
    total += Number(amount) * (goUnits[unit ?? ''] ?? 0);
  return Number.isFinite(total) ? { ok: true, value: total } : bad(expected);
}
