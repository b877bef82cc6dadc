import { nearest } from '../../lib/nearest.ts';
import type { Problem } from '../problem.ts';
import { isObject, typeName } from './json.ts';
import type { OptionSet } from './option.ts';
import { findUnresolved } from './unresolved.ts';

export interface Matched {
  /** What the file says, by leaf key. `null` says nothing, as in Go. */
  readonly said: ReadonlyMap<string, unknown>;
  /** How it is spelt there, from the root of the file, by leaf key. */
  readonly spelt: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
}

export interface MatchInput {
  readonly raw: unknown;
  readonly source: string;
  /** Where `raw` stands in the file; empty at the top. */
  readonly at: string;
  /** Names that belong to someone else. */
  readonly allowed: readonly string[];
}

/** Pairs the names in the file with the options: exactly, then in any letter case, then by alias. */
export function match(options: OptionSet, input: MatchInput): Matched {
  const said = new Map<string, unknown>();
  const spelt = new Map<string, string>();
  const problems: Problem[] = [];
  walk(options, input, '', { said, spelt, problems });
  return { said, spelt, problems };
}

interface Sink {
  readonly said: Map<string, unknown>;
  readonly spelt: Map<string, string>;
  readonly problems: Problem[];
}

function walk(options: OptionSet, input: MatchInput, prefix: string, out: Sink): void {
  const { raw, source, at } = input;
  if (raw === null || raw === undefined) return;
  if (!isObject(raw)) {
    const key = at === '' ? '(top level)' : at;
    out.problems.push({
      source,
      key,
      found: typeName(raw),
      expected: findUnresolved(raw) ?? 'an object',
      severity: 'error',
    });
    return;
  }
  const warn = (key: string, expected: string, kind: Pick<Problem, 'isUnknown'> = {}): void => {
    const found = typeName(raw[key]);
    const place = { source, key: join(at, key) };
    out.problems.push({ ...place, found, expected, severity: 'warning', ...kind });
  };
  const say = (leaf: string, key: string): void => {
    out.said.set(leaf, raw[key]);
    out.spelt.set(leaf, join(at, key));
  };
  const names = namesOf(options, input.allowed);
  const taken = new Map<string, string>();
  for (const { key, owner } of byPrecision(raw, names)) {
    if (owner === undefined) {
      warn(key, unknown(key, names.keys()), { isUnknown: true });
      continue;
    }
    if (owner.option === undefined) continue;
    const earlier = taken.get(owner.option);
    if (earlier !== undefined) {
      warn(key, `only one of "${earlier}" and "${key}" ("${earlier}" is used)`);
      continue;
    }
    taken.set(owner.option, key);
    const option = options[owner.option];
    if (option?.kind === 'group' && option.members !== undefined) {
      const value = raw[key];
      const isShort = option.shorthand !== undefined && Array.isArray(value);
      if (isShort) say(`${prefix}${owner.option}.${option.shorthand}`, key);
      else {
        const inner = { ...input, raw: value, at: join(at, key), allowed: [] };
        walk(option.members, inner, `${prefix}${owner.option}.`, out);
      }
    } else if (raw[key] !== null) {
      say(prefix + owner.option, key);
    }
  }
}

/** Whose name it is. `option` is undefined for the names in `allowed`. */
interface Owner {
  readonly option: string | undefined;
  readonly isAlias: boolean;
}

function namesOf(options: OptionSet, allowed: readonly string[]): ReadonlyMap<string, Owner> {
  const names = new Map<string, Owner>();
  for (const [name, option] of Object.entries(options)) {
    names.set(name, { option: name, isAlias: false });
    for (const alias of option.aliases) names.set(alias, { option: name, isAlias: true });
  }
  for (const name of allowed) names.set(name, { option: undefined, isAlias: false });
  return names;
}

/** The file's keys with their owners, the most precise spelling of each option first. */
function byPrecision(
  raw: Readonly<Record<string, unknown>>,
  names: ReadonlyMap<string, Owner>,
): readonly { readonly key: string; readonly owner: Owner | undefined }[] {
  const byLowerCase = new Map([...names].map(([name, owner]) => [name.toLowerCase(), owner]));
  return Object.keys(raw)
    .map((key) => {
      const exact = names.get(key);
      const owner = exact ?? byLowerCase.get(key.toLowerCase());
      const rank = (owner?.isAlias === true ? 2 : 0) + (exact === undefined ? 1 : 0);
      return { key, owner, rank };
    })
    .sort((one, other) => one.rank - other.rank);
}

function unknown(name: string, known: Iterable<string>): string {
  const guess = nearest(name, known);
  return guess === undefined ? 'a known option' : `a known option; did you mean "${guess}"?`;
}

export const join = (at: string, key: string): string => (at === '' ? key : `${at}.${key}`);
