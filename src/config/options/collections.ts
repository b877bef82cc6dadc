/** Builders of options that hold several values, or several options. */
import { Secret } from '../../lib/secret.ts';
import { readGoList, readGoMap } from './go-values.ts';
import type { Option, OptionSet, OptionsOf, Reading } from './option.ts';
import { bad, type Common, good, option } from './option-of.ts';

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
    element,
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

/** The same of texts that are never printed, such as headers with keys among them. */
export function secretMap(
  common: Common<Readonly<Record<string, Secret>>>,
): Option<Readonly<Record<string, Secret>>> {
  const texts = map({ doc: common.doc, default: {} });
  const hidden = (
    reading: Reading<Readonly<Record<string, string>>>,
  ): Reading<Readonly<Record<string, Secret>>> =>
    reading.ok
      ? good(
          Object.fromEntries(
            Object.entries(reading.value).map(([name, value]) => [name, new Secret(value)]),
          ),
        )
      : reading;
  return option<Readonly<Record<string, Secret>>>(common, {
    kind: 'map',
    expected: texts.expected,
    isSecret: true,
    read: (raw) => hidden(texts.read(raw)),
    readText: (text) => hidden(texts.readText?.(text) ?? bad(texts.expected)),
  });
}

/** A nested object. Its environment prefix is the group's own suffix and an underscore. */
export function group<S extends OptionSet>(
  members: S,
  common: Pick<Common<never>, 'doc' | 'env' | 'aliases'> & {
    /** The member that is meant where a list stands for the group. */
    readonly shorthand?: keyof S & string;
  },
): Option<OptionsOf<S>> {
  const expected = 'an object';
  const { shorthand } = common;
  return {
    ...(shorthand === undefined ? {} : { shorthand }),
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
