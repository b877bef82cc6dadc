import type { Note, Problem } from '../problem.ts';
import { type Environment, unknownVariables } from './environment.ts';
import type { OptionSet, OptionsOf } from './option.ts';
import type { OptionValue } from './option-value.ts';
import { parseSet } from './parse-set.ts';

/** What the operator said about one pump's `meta`. */
export interface MetaSource {
  /** The JSON object as written; null or undefined count as `{}`. */
  readonly raw: unknown;
  /** For problems: the file's path. */
  readonly source: string;
  /** For problems: `pumps.NAME.meta`. */
  readonly key: string;
  readonly env: Environment;
  /** Prefix of this pump's meta variables, without the trailing underscore. Empty: no variable is read. */
  readonly envPrefix: string;
  /** Variables of `env` that refer to a secret nobody could resolve: name → what was expected. */
  readonly unresolved?: ReadonlyMap<string, string>;
  /** The file does not have this pump: what nobody said is missed in the environment. */
  readonly isFileless?: boolean;
  /** `false`: variables of an older name are not looked at, though the pump has such. */
  readonly readsLegacy?: boolean;
}

export interface Parsed<S extends OptionSet> {
  readonly problems: readonly Problem[];
  readonly notes: readonly Note[];
  /** Undefined when a problem is an error. */
  readonly value: OptionsOf<S> | undefined;
  /** Every option that could be read, with its value and who said it. */
  readonly values: readonly OptionValue[];
  /** Texts that must be masked wherever they turn up. */
  readonly secrets: readonly string[];
  /** Where to look for an option: its variable or its place in the file. */
  readonly placeOf: (key: string) => Pick<Problem, 'source' | 'key'>;
}

/**
 * File, then environment, then defaults. Pure; reports every problem. `legacyPrefix`: variables of an older name, which win,
 * as they do in Tyk Pump, and are warned of.
 */
export function parseMeta<S extends OptionSet>(
  options: S,
  source: MetaSource,
  legacyPrefix?: string,
): Parsed<S> {
  const { envPrefix } = source;
  const isRead = legacyPrefix !== undefined && source.readsLegacy !== false;
  const legacy = isRead ? [{ prefix: legacyPrefix }] : [];
  const { problems, variables, ...parsed } = parseSet(options, {
    raw: source.raw,
    source: source.source,
    at: source.key,
    env: source.env,
    layers: envPrefix === '' ? [] : [{ prefix: envPrefix }, ...legacy],
    unresolved: source.unresolved ?? new Map(),
    allowed: ['meta_env_prefix'],
    isFileless: source.isFileless ?? false,
  });
  const known = { prefix: envPrefix, names: variables, isElsewhere: () => false };
  const slips = envPrefix === '' ? [] : unknownVariables(source.env, known);
  const old = legacy.flatMap(({ prefix }) => legacyVariables(source, prefix, variables));
  return { ...parsed, problems: [...problems, ...slips, ...old] };
}

function legacyVariables(
  { env, envPrefix }: MetaSource,
  prefix: string,
  known: ReadonlySet<string>,
): readonly Problem[] {
  return [...known]
    .filter((name) => name.startsWith(`${prefix}_`) && env[name] !== undefined)
    .map((name) => ({
      source: 'environment',
      key: name,
      found: 'the old name of a variable',
      expected: `"${envPrefix}${name.slice(prefix.length)}"; the old one is read, and wins`,
      severity: 'warning',
    }));
}
