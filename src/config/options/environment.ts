import { ContractError } from '../../lib/errors.ts';
import type { Problem } from '../problem.ts';
import { typeName } from './json.ts';
import type { Leaf } from './leaves.ts';
import { nearest } from './nearest.ts';
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
  /** Every name a layer would have read. */
  readonly names: ReadonlySet<string>;
  readonly problems: readonly Problem[];
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
 * Reads the variables of every layer. A variable Go cannot parse ends its layer, as in Tyk Pump: the rest keeps what
 * the file says. That is a warning, for Tyk Pump starts; the message names what is left unread because of it.
 */
export function readEnvironment(leaves: readonly Leaf[], input: EnvironmentInput): FromEnvironment {
  const said = new Map<string, { name: string; text: string }>();
  const names = new Set<string>();
  const problems: Problem[] = [];
  for (const layer of input.layers) {
    const found: Variable[] = [];
    for (const leaf of leaves) {
      const name = variableOf(leaf, layer);
      if (name === undefined) continue;
      names.add(name);
      const text = input.env[name];
      if (text !== undefined) found.push({ name, text, leaf });
    }
    const broken = found.findIndex((variable) => isMalformed(variable, input));
    const readable = broken < 0 ? found : found.slice(0, broken);
    for (const { leaf, name, text } of readable) {
      const expected = input.unresolved.get(name);
      if (expected === undefined) said.set(leaf.key, { name, text });
      else problems.push({ ...place(name, text), expected, severity: 'error' });
    }
    if (broken >= 0) problems.push(malformed(found.slice(broken), input));
  }
  return { said, names, problems };
}

interface Variable {
  readonly name: string;
  readonly text: string;
  readonly leaf: Leaf;
}

const place = (name: string, text: string): Pick<Problem, 'source' | 'key' | 'found'> => ({
  source: 'environment',
  key: name,
  found: typeName(text),
});

function isMalformed({ name, text, leaf }: Variable, input: EnvironmentInput): boolean {
  if (input.unresolved.has(name)) return false;
  const reading = input.read(leaf, text);
  return !reading.ok && reading.isMalformed === true;
}

/** The problem of the first of these variables, which leaves the others unread. */
function malformed(variables: readonly Variable[], input: EnvironmentInput): Problem {
  const [first, ...others] = variables;
  if (first === undefined) throw new ContractError('no variable is malformed');
  const reading = input.read(first.leaf, first.text);
  const unread = others.map(({ name }) => name).join(', ');
  const expected =
    (reading.ok ? '' : reading.expected) +
    (unread === '' ? '' : `; until then also unread: ${unread}`);
  return { ...place(first.name, first.text), expected, severity: 'warning' };
}

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
      const hint = guess === undefined ? '' : `; did you mean "${prefix}${guess}"?`;
      const expected = `a known variable${hint}`;
      return { source: 'environment', key: name, found: 'text', expected, severity: 'warning' };
    });
}
