import { Secret } from '../../lib/secret.ts';
import { readGoBool, readGoFloat, readGoInteger } from './go-values.ts';
import type { Option, Reading } from './option.ts';
import { bad, type Common, good, option } from './option-of.ts';

/** May be left out; its value is then undefined. */
export function optional<T>(inner: Option<T>): Option<T | undefined> {
  return { ...inner, isRequired: false, fallback: undefined, isOptional: true };
}

export function text(common: Common<string>): Option<string> {
  return option(common, {
    kind: 'text',
    expected: 'a text',
    read: (raw) => (typeof raw === 'string' ? good(raw) : bad('a text')),
    readText: good,
  });
}

/** A text that is never printed. */
export function secret(
  common: Omit<Common<Secret>, 'default'> & { readonly default?: string },
): Option<Secret> {
  const { default: fallback, ...rest } = common;
  return option<Secret>(
    fallback === undefined ? rest : { ...rest, default: new Secret(fallback) },
    {
      kind: 'secret',
      expected: 'a text',
      isSecret: true,
      read: (raw) => (typeof raw === 'string' ? good(new Secret(raw)) : bad('a text')),
      readText: (raw) => good(new Secret(raw)),
    },
  );
}

/** An integer within bounds. A fraction is none, though Tyk Pump cuts those of a pump’s `meta` towards zero. */
export function integer(
  common: Common<number> & { readonly min?: number; readonly max?: number },
): Option<number> {
  const { min, max } = common;
  const expected = describeRange(min, max);
  const within = (value: number): Reading<number> =>
    Number.isSafeInteger(value) &&
    (min === undefined || value >= min) &&
    (max === undefined || value <= max)
      ? good(value)
      : bad(expected);
  const readText = (raw: string): Reading<number> => {
    const reading = readGoInteger(raw);
    return reading.ok ? within(reading.value) : { ...reading, expected };
  };
  return option(common, {
    kind: 'integer',
    expected,
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    read(raw) {
      if (typeof raw === 'number') return within(raw);
      return typeof raw === 'string' ? readText(raw) : bad(expected);
    },
    readText,
  });
}

function describeRange(min: number | undefined, max: number | undefined): string {
  if (min !== undefined && max !== undefined) return `an integer from ${min} to ${max}`;
  if (min !== undefined) return `an integer of at least ${min}`;
  return max === undefined ? 'an integer' : `an integer of at most ${max}`;
}

export const port = (common: Common<number>): Option<number> =>
  integer({ ...common, min: 0, max: 65_535 });

/** Any finite number. */
export function number(common: Common<number>): Option<number> {
  return option(common, {
    kind: 'number',
    expected: 'a number',
    read(raw) {
      if (typeof raw === 'number' && Number.isFinite(raw)) return good(raw);
      return typeof raw === 'string' ? readGoFloat(raw) : bad('a number');
    },
    readText: readGoFloat,
  });
}

/** True or false; the texts "true" and "false" (and Go's other spellings) count. */
export function flag(common: Common<boolean>): Option<boolean> {
  const expected = 'true or false';
  return option(common, {
    kind: 'flag',
    expected,
    read(raw) {
      if (typeof raw === 'boolean') return good(raw);
      return typeof raw === 'string' ? readGoBool(raw) : bad(expected);
    },
    readText: readGoBool,
  });
}

/** One of a closed list of texts; the option's type is their union. */
export function choice<const T extends string>(values: readonly T[], common: Common<T>): Option<T> {
  const expected = `one of ${values.map((value) => `"${value}"`).join(', ')}`;
  const read = (raw: unknown): Reading<T> => {
    const found = values.find((value) => value === raw);
    return found === undefined ? bad(expected) : good(found);
  };
  return option<T>(common, { kind: 'choice', expected, values, read, readText: read });
}
