/** Builders of options whose values carry their unit, or a notation of their own. */
import { type Bytes, bytes, type Millis, millis } from '../../lib/units.ts';
import { readGoDuration } from './go-values.ts';
import type { Option, Reading } from './option.ts';
import { bad, type Common, good, option } from './option-of.ts';

/** What an option says whose values carry their unit. `min` is one of them. */
type WithUnit<T> = Omit<Common<T>, 'default'> & {
  readonly default?: string;
  readonly min?: string;
};

const atLeast = (expected: string, min: string | undefined): string =>
  min === undefined ? expected : `${expected}, of at least ${min}`;

/** A length of time with its unit: "250ms", "5s", "1h30m". A bare number is refused with a hint. */
export function duration(common: WithUnit<Millis>): Option<Millis> {
  const { default: fallback, min, ...rest } = common;
  const expected = atLeast('a duration with its unit, such as "250ms", "5s", "1h30m"', min);
  const lengthOf = (raw: string): number | undefined => {
    const reading = readGoDuration(raw);
    return reading.ok ? reading.value : undefined;
  };
  const least = lengthOf(min ?? '0') ?? 0;
  const readText = (raw: string): Reading<Millis> => {
    const length = lengthOf(raw);
    return length !== undefined && length >= least ? good(millis(length)) : bad(expected);
  };
  return option<Millis>(withDefault(rest, fallback, readText), {
    kind: 'duration',
    expected,
    read: (raw) => (typeof raw === 'string' ? readText(raw) : bad(expected)),
    readText,
  });
}

const sizeUnits: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

/** A number of bytes with its unit: "512KiB", "64MiB". A bare number is refused with a hint. */
export function size(common: WithUnit<Bytes>): Option<Bytes> {
  const { default: fallback, min, ...rest } = common;
  const expected = atLeast('a size with its unit, such as "512KiB", "64MiB", "2GiB"', min);
  const sizeOf = (raw: string): number => {
    const [, amount, unit] = /^(\d+(?:\.\d+)?) ?(B|KiB|MiB|GiB)$/.exec(raw) ?? [];
    return Math.round(Number(amount) * (sizeUnits[unit ?? ''] ?? Number.NaN));
  };
  const least = sizeOf(min ?? '0B');
  const readText = (raw: string): Reading<Bytes> => {
    const size = sizeOf(raw);
    return Number.isSafeInteger(size) && size >= least ? good(bytes(size)) : bad(expected);
  };
  return option<Bytes>(withDefault(rest, fallback, readText), {
    kind: 'size',
    expected,
    read: (raw) => (typeof raw === 'string' ? readText(raw) : bad(expected)),
    readText,
  });
}

/** Permissions of files as three octal digits in quotes: "0640". The owner may read and write; nobody executes. */
export function fileMode(
  common: Omit<Common<number>, 'default'> & { readonly default: string },
): Option<number> {
  const { default: fallback, ...rest } = common;
  const expected = 'a file mode in quotes that lets the owner write, such as "0640"';
  const readText = (raw: string): Reading<number> =>
    /^0?6[0246]{2}$/.test(raw) ? good(Number.parseInt(raw, 8)) : bad(expected);
  return option<number>(withDefault(rest, fallback, readText), {
    kind: 'mode',
    expected,
    read: (raw) => (typeof raw === 'string' ? readText(raw) : bad(expected)),
    readText,
  });
}

function withDefault<T>(
  common: Common<T>,
  fallback: string | undefined,
  read: (raw: string) => Reading<T>,
): Common<T> {
  if (fallback === undefined) return common;
  const reading = read(fallback);
  return reading.ok ? { ...common, default: reading.value } : common;
}
