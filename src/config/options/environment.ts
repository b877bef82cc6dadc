import { nearest } from '../../lib/nearest.ts';
import type { Note, Problem } from '../problem.ts';
import { typeName } from './json.ts';
import type { Leaf } from './leaves.ts';
import type { Reading } from './option.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** One sweep of Tyk Pump over the variables of a prefix. Later layers win. */
export interface Layer {
  /** Without the trailing underscore. */
  readonly prefix: string;
  /** The only group this layer reads, by its key and its environment suffix; undefined: the whole set. */
  readonly group?: { readonly key: string; readonly suffix: string };
}

export interface FromEnvironment {
  /** The variable and its text that won, by leaf key. */
  readonly said: ReadonlyMap<string, { readonly name: string; readonly text: string }>;
  /** Keys of the leaves of which a variable could not be read. */
  readonly unread: ReadonlySet<string>;
  /** Every name a layer would have read. */
  readonly names: ReadonlySet<string>;
  readonly problems: readonly Problem[];
  readonly notes: readonly Note[];
}

export interface EnvironmentInput {
  readonly env: Environment;
  readonly layers: readonly Layer[];
  /** Variables whose KV reference could not be resolved, with what was expected. */
  readonly unresolved: ReadonlyMap<string, string>;
  /** Reads the text for one leaf. */
  readonly read: (leaf: Leaf, text: string) => Reading<unknown>;
}

/**
 * Reads the variables of every layer. Each that cannot be read is an error, also where a later layer says the same
 * thing; unlike in Tyk Pump, where the first one leaves all behind it unread and the start goes on without them.
 */
export function readEnvironment(leaves: readonly Leaf[], input: EnvironmentInput): FromEnvironment {
  const said = new Map<string, { name: string; text: string }>();
  const unread = new Set<string>();
  const names = new Set<string>();
  const problems: Problem[] = [];
  const notes: Note[] = [];
  const look = (leaf: Leaf, name: string | undefined): void => {
    if (name === undefined) return;
    names.add(name);
    const text = input.env[name];
    if (text === undefined) return;
    const at = { source: 'environment', key: name };
    const expected = input.unresolved.get(name) ?? expectedOf(input.read(leaf, text));
    if (expected === undefined) {
      said.set(leaf.key, { name, text });
    } else if (text === '') {
      notes.push({ ...at, text: saysNothing });
    } else {
      unread.add(leaf.key);
      problems.push({ ...at, found: typeName(text), expected, severity: 'error' });
    }
  };
  for (const leaf of leaves) look(leaf, leaf.option.bareEnv);
  for (const layer of input.layers) for (const leaf of leaves) look(leaf, variableOf(leaf, layer));
  return { said, unread, names, problems, notes };
}

/** Charts and compose files hand over every variable they know, those without a value empty. */
export const saysNothing = 'is empty and says nothing';

const expectedOf = (reading: Reading<unknown>): string | undefined =>
  reading.ok ? undefined : reading.expected;

/** The variable a layer reads for a leaf. */
export function variableOf(leaf: Leaf, { prefix, group }: Layer): string | undefined {
  if (leaf.suffix === undefined) return undefined;
  if (group === undefined) return `${prefix}_${leaf.suffix}`;
  if (!leaf.key.startsWith(`${group.key}.`)) return undefined;
  return `${prefix}_${leaf.suffix.slice(group.suffix.length + 1)}`;
}

export interface Known {
  /** Without the trailing underscore. */
  readonly prefix: string;
  /** Variables that options read: what a slip is compared with. */
  readonly names: ReadonlySet<string>;
  /** Variables with the prefix that belong to someone else. */
  readonly isElsewhere: (name: string) => boolean;
}

/** Variables that would be known but for their prefix, such as `TYK_PUMP_PURGEDELAY`. Others of such a prefix are not ours. */
export function mistakenPrefixes(
  env: Environment,
  isKnown: (name: string) => boolean,
): readonly Problem[] {
  return Object.keys(env)
    .filter((name) => env[name] !== undefined && !name.startsWith('TYK_PMP_'))
    .flatMap((name): readonly Problem[] => {
      const rest = /^(?:TYK_?PUMPS?|TYK_?PMP|tyk_pmp)_(.+)$/.exec(name)?.[1];
      const meant = `TYK_PMP_${(rest ?? '').toUpperCase()}`;
      if (!isKnown(meant)) return [];
      const expected = `a variable that begins with TYK_PMP_; did you mean "${meant}"?`;
      const at = { source: 'environment', key: name, found: 'text' };
      return [{ ...at, expected, severity: 'warning', isUnknown: true }];
    });
}

/** Variables with the prefix that nothing reads: most likely a slip. */
export function unknownVariables(env: Environment, known: Known): readonly Problem[] {
  const { prefix, names } = known;
  const endings = [...names]
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length));
  return Object.keys(env)
    .filter((name) => env[name] !== undefined && name.startsWith(`${prefix}_`))
    .filter((name) => !names.has(name) && !known.isElsewhere(name))
    .map((name) => {
      // Without the prefix, which would make everything look alike.
      const guess = nearest(name.slice(prefix.length), endings);
      const meant = guess === undefined ? pumpsVariable(name) : prefix + guess;
      const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
      const expected = `a known variable${hint}`;
      const at = { source: 'environment', key: name, found: 'text' };
      return { ...at, expected, severity: 'warning', isUnknown: true };
    });
}

/** `TYK_PMP_PUMP_CSV_TYPE`: the S of PUMPS is forgotten, which no nearest name of an option can tell. */
const pumpsVariable = (name: string): string | undefined =>
  name.startsWith('TYK_PMP_PUMP_') ? name.replace('TYK_PMP_PUMP_', 'TYK_PMP_PUMPS_') : undefined;
