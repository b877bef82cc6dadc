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
    let broken: Omit<Problem, 'severity'> | undefined;
    const unread: string[] = [];
    for (const leaf of leaves) {
      const name = variableOf(leaf, layer);
      if (name === undefined) continue;
      names.add(name);
      const text = input.env[name];
      if (text === undefined) continue;
      if (broken !== undefined) {
        unread.push(name);
        continue;
      }
      const reason = input.unresolved.get(name);
      const reading = reason === undefined ? input.read(leaf, text) : undefined;
      if (reason !== undefined)
        problems.push({
          source: 'environment',
          key: name,
          found: 'text',
          expected: reason,
          severity: 'error',
        });
      else if (reading?.ok === false && reading.isMalformed === true)
        broken = {
          source: 'environment',
          key: name,
          found: typeName(text),
          expected: reading.expected,
        };
      else said.set(leaf.key, { name, text });
    }
    if (broken !== undefined) {
      const also = unread.length === 0 ? '' : `; until then also unread: ${unread.join(', ')}`;
      problems.push({ ...broken, expected: broken.expected + also, severity: 'warning' });
    }
  }
  return { said, names, problems };
}

function variableOf(leaf: Leaf, { prefix, group }: Layer): string | undefined {
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
