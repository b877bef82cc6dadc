import { nearest } from '#source';
import type { FieldTable } from './field-table.ts';
import type { Findings } from './findings.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads an object by the table of its fields: what the table refuses, ignores or does not know is found at once, so that nothing
 * depends on the code behind it to notice.
 */
export class ObjectReader<T extends FieldTable> {
  readonly #value: Json;
  readonly #path: string;
  readonly #findings: Findings;

  constructor(value: Json, path: string, table: T, findings: Findings) {
    this.#value = value;
    this.#path = path;
    this.#findings = findings;
    for (const [key, found] of Object.entries(value)) {
      const field = Object.hasOwn(table, key) ? table[key] : undefined;
      // `null` is what an empty key is in YAML: as if it were left out.
      if (found === null) continue;
      if (field === undefined) findings.refused(this.at(key), found, unknownWords(key, table));
      else if (field.fate === 'refused') findings.refused(this.at(key), found, field.words);
      else if (field.fate === 'ignored') findings.ignored(this.at(key), found, field.words);
    }
  }

  at(key: string): string {
    return this.#path === '' ? key : `${this.#path}.${key}`;
  }

  has(key: keyof T & string): boolean {
    return this.#get(key) !== undefined;
  }

  text(key: keyof T & string, expected: string): string | undefined {
    const found = this.#get(key);
    if (found === undefined) return undefined;
    if (typeof found === 'string' && found !== '') return found;
    this.wrong(key, expected);
    return undefined;
  }

  /** An integer within bounds, both included. */
  integer(key: keyof T & string, least: number, most: number): number | undefined {
    const found = this.#get(key);
    if (found === undefined) return undefined;
    const isFine = typeof found === 'number' && Number.isInteger(found);
    if (isFine && found >= least && found <= most) return found;
    this.wrong(key, `an integer from ${least} to ${most}`);
    return undefined;
  }

  flag(key: keyof T & string): boolean | undefined {
    const found = this.#get(key);
    if (found === undefined || typeof found === 'boolean') return found;
    this.wrong(key, 'true or false');
    return undefined;
  }

  /** As protobuf and Istio write them: `10s`, `1.5s`, `1m30s`, `250ms`. Milliseconds. */
  duration(key: keyof T & string): number | undefined {
    const found = this.#get(key);
    if (found === undefined) return undefined;
    const milliseconds = typeof found === 'string' ? durationOf(found) : undefined;
    if (milliseconds === undefined)
      this.wrong(key, 'a duration above 0 such as 10s, 1m30s or 250ms');
    return milliseconds;
  }

  texts(key: keyof T & string, expected: string): readonly Placed<string>[] {
    return this.list(key, expected).flatMap(({ value, path }) => {
      if (typeof value === 'string' && value !== '') return [{ value, path }];
      this.#findings.wrong(path, value, expected);
      return [];
    });
  }

  list(key: keyof T & string, expected: string): readonly Placed<unknown>[] {
    const found = this.#get(key);
    if (found === undefined) return [];
    if (Array.isArray(found))
      return found.map((value: unknown, i) => ({ value, path: `${this.at(key)}[${i}]` }));
    this.wrong(key, `a list of ${expected}`);
    return [];
  }

  /** The objects of a list. */
  objects<U extends FieldTable>(key: keyof T & string, table: U): readonly ObjectReader<U>[] {
    return this.list(key, 'objects').flatMap(({ value, path }) => {
      if (isObject(value)) return [new ObjectReader(value, path, table, this.#findings)];
      this.#findings.wrong(path, value, 'an object');
      return [];
    });
  }

  object<U extends FieldTable>(key: keyof T & string, table: U): ObjectReader<U> | undefined {
    const found = this.#get(key);
    if (found === undefined) return undefined;
    if (isObject(found)) return new ObjectReader(found, this.at(key), table, this.#findings);
    this.wrong(key, 'an object');
    return undefined;
  }

  /** An object whose keys are names. */
  map(key: keyof T & string): readonly (readonly [name: string, placed: Placed<unknown>])[] {
    const found = this.#get(key);
    if (found === undefined) return [];
    if (isObject(found))
      return Object.entries(found).map(([name, value]) => [
        name,
        { value, path: `${this.at(key)}.${name}` },
      ]);
    this.wrong(key, 'an object');
    return [];
  }

  wrong(key: keyof T & string, expected: string): void {
    this.#findings.wrong(this.at(key), this.#get(key), expected);
  }

  refused(key: keyof T & string, why: string): void {
    this.#findings.refused(this.at(key), this.#get(key), why);
  }

  #get(key: string): unknown {
    const found = Object.hasOwn(this.#value, key) ? this.#value[key] : undefined;
    return found === null ? undefined : found;
  }
}

function unknownWords(key: string, table: FieldTable): string {
  const known = Object.keys(table);
  const similar = nearest(key, known);
  return similar === undefined
    ? `there is no such field, only ${known.join(', ')}`
    : `there is no such field; perhaps ${similar} is meant`;
}

/** A value, and the path of where it stands. */
export interface Placed<T> {
  readonly value: T;
  readonly path: string;
}

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** Undefined: none, or none above 0. */
function durationOf(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|h|m|s))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, digits = '', unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g))
    sum += Number(digits) * (units[unit] ?? 0);
  return sum > 0 ? sum : undefined;
}
