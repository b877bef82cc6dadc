import { Secret } from '../../lib/secret.ts';
import { type Bytes, bytes, type Millis, millis } from '../../lib/units.ts';
import {
  readGoBool,
  readGoDuration,
  readGoFloat,
  readGoInteger,
  readGoList,
  readGoMap,
} from './go-values.ts';
import type { Option, OptionKind, OptionSet, OptionsOf, Reading } from './option.ts';

/** What every option may state. Without `default` the option is required, unless wrapped in `optional`. */
interface Common<T> {
  readonly doc: string;
  readonly default?: T;
  readonly env?: string | false;
  readonly aliases?: readonly string[];
  readonly withoutEffect?: string;
  /** `withoutEffect` is a note and no warning. */
  readonly isQuiet?: true;
}

interface Reader<T> {
  readonly kind: OptionKind;
  readonly expected: string;
  readonly isSecret?: boolean;
  readonly members?: OptionSet;
  readonly read: (raw: unknown) => Reading<T>;
  readonly readText?: (text: string) => Reading<T>;
}

function option<T>(common: Common<T>, reader: Reader<T>): Option<T> {
  return {
    kind: reader.kind,
    doc: common.doc,
    env: common.env,
    aliases: common.aliases ?? [],
    fallback: common.default,
    isRequired: common.default === undefined,
    isSecret: reader.isSecret ?? false,
    expected: reader.expected,
    ...(common.withoutEffect === undefined ? {} : { withoutEffect: common.withoutEffect }),
    ...(common.isQuiet === undefined ? {} : { isQuiet: common.isQuiet }),
    ...(reader.members === undefined ? {} : { members: reader.members }),
    read: reader.read,
    ...(reader.readText === undefined ? {} : { readText: reader.readText }),
  };
}

const good = <T>(value: T): Reading<T> => ({ ok: true, value });
const bad = (expected: string): Reading<never> => ({ ok: false, expected });

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
  return option<T>(common, { kind: 'choice', expected, read, readText: read });
}

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

/** A list of values of one kind. From the environment: comma-split, not trimmed. */
export function list<T>(element: Option<T>, common: Common<readonly T[]>): Option<readonly T[]> {
  const expected = `a list, each element ${element.expected}`;
  const all = <R>(values: readonly R[], read: (raw: R) => Reading<T>): Reading<readonly T[]> => {
    const result: T[] = [];
    for (const value of values) {
      const reading = read(value);
      if (!reading.ok) return { ...reading, expected };
      result.push(reading.value);
    }
    return good(result);
  };
  return option<readonly T[]>(common, {
    kind: 'list',
    expected,
    isSecret: element.isSecret,
    read: (raw) =>
      Array.isArray(raw)
        ? all<unknown>(raw, element.read)
        : raw === null
          ? good([])
          : bad(expected),
    readText: (raw) =>
      element.readText === undefined ? bad(expected) : all(readGoList(raw), element.readText),
  });
}

/** Texts by text. From the environment: `k:v,k2:v2`. */
export function map(
  common: Common<Readonly<Record<string, string>>>,
): Option<Readonly<Record<string, string>>> {
  const expected = 'an object of texts';
  return option<Readonly<Record<string, string>>>(common, {
    kind: 'map',
    expected,
    read(raw) {
      if (raw === null) return good({});
      if (typeof raw !== 'object' || Array.isArray(raw)) return bad(expected);
      const entries = Object.entries(raw);
      return entries.every((entry): entry is [string, string] => typeof entry[1] === 'string')
        ? good(Object.fromEntries(entries))
        : bad(expected);
    },
    readText: readGoMap,
  });
}

/** A nested object. Its environment prefix is the group's own suffix and an underscore. */
export function group<S extends OptionSet>(
  members: S,
  common: Pick<Common<never>, 'doc' | 'env' | 'aliases'>,
): Option<OptionsOf<S>> {
  const expected = 'an object';
  return {
    ...option<OptionsOf<S>>(common, {
      kind: 'group',
      expected,
      members,
      read: () => bad(expected),
    }),
    isRequired: false,
  };
}

/** A list of objects with the same options; each row receives the defaults. From the environment: JSON text. */
export function rows<S extends OptionSet>(
  members: S,
  common: Pick<Common<never>, 'doc' | 'env' | 'aliases'>,
): Option<readonly OptionsOf<S>[]> {
  const expected = 'a list of objects';
  return {
    ...option<readonly OptionsOf<S>[]>(common, {
      kind: 'rows',
      expected,
      members,
      read: () => bad(expected),
    }),
    isRequired: false,
  };
}
