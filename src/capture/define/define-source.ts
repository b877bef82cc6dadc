import { typeName } from '../../config/options/json.ts';
import type { OptionSet, OptionsOf } from '../../config/options/option.ts';
import { parseSet, type SetSource } from '../../config/options/parse-set.ts';
import type { Note, Problem } from '../../config/problem.ts';
import { digestOf } from '../../lib/digest.ts';
import type { Inspected, Source, SourceContext, SourceDefinition, SourceRule } from '../source.ts';
import { isOfOption } from './inspect.ts';

/** A checked configuration of a source: the only thing that can be started. */
export interface PreparedSource {
  /** Another text where the options are others. It never leaves the process. */
  readonly digest: string;
  /** What is wrong with what the options lead to, each with its place where it has one. */
  inspect(about: Inspected): Promise<readonly Problem[]>;
  start(context: SourceContext): Promise<Source>;
}

export interface Prepared {
  readonly problems: readonly Problem[];
  readonly notes: readonly Note[];
  /** Texts that must be masked wherever they turn up. */
  readonly secrets: readonly string[];
  /** Every variable that would have been read. */
  readonly variables: ReadonlySet<string>;
  /** Undefined when a problem is an error. */
  readonly source: PreparedSource | undefined;
}

/** A way of seeing traffic. The type of its options is sealed in `prepare`. */
export interface SourceKind {
  /** Equals the folder's name. */
  readonly type: string;
  readonly title: string;
  readonly summary: string;
  readonly options: OptionSet;
  /** It may run in several processes at once. */
  readonly sharesPorts: boolean;
  /** The option that words without a flag are elements of. */
  readonly words: string | undefined;
  /** Pure: checks everything the operator said about this source. */
  prepare(from: SetSource): Prepared;
}

/** Seals a source: what comes out can be listed with all others, without casts. */
export function defineSource<S extends OptionSet>(definition: SourceDefinition<S>): SourceKind {
  const { type, title, summary, options, words, sharesPorts = false } = definition;
  return {
    ...{ type, title, summary, options, words, sharesPorts },
    prepare(from) {
      const { value, problems: found, placeOf, ...parsed } = parseSet(options, from);
      const broken = brokenRules(value === undefined ? [] : (definition.check?.(value) ?? []));
      const problems = [
        ...found.map(strict),
        ...broken.map(({ key, severity, message }) => ({
          ...placeOf(key),
          found: typeName(valueAt(value, key)),
          expected: message,
          severity,
        })),
      ];
      const isBroken = problems.some(({ severity }) => severity === 'error');
      const { notes, secrets, variables } = parsed;
      return {
        ...{ problems, notes, secrets, variables },
        source: isBroken || value === undefined ? undefined : sealed(definition, value, placeOf),
      };
    },
  };
}

const sealed = <S extends OptionSet>(
  definition: SourceDefinition<S>,
  value: OptionsOf<S>,
  placeOf: (option: string) => Pick<Problem, 'source' | 'key'>,
): PreparedSource => ({
  digest: digestOf([definition.type, value]),
  async inspect(about) {
    const findings = (await definition.inspect?.(value, about)) ?? [];
    return findings.map((finding) => {
      if (!isOfOption(finding)) return finding;
      const { option, ...rest } = finding;
      return { ...placeOf(option), ...rest };
    });
  },
  start: (context) => definition.start(value, context),
});

const brokenRules = (rules: Iterable<SourceRule>): readonly SourceRule[] => [...rules];

/** A name that nothing reads is a slip, and what a source was meant to refuse it would let pass. */
const strict = (problem: Problem): Problem =>
  problem.isUnknown === true ? { ...problem, severity: 'error' } : problem;

/** Of `mitm.intercept[2]`, too. */
function valueAt(value: unknown, key: string): unknown {
  return (key.match(/[^.[\]]+/g) ?? []).reduce<unknown>(
    (inner, name) =>
      typeof inner === 'object' && inner !== null
        ? (inner as Readonly<Record<string, unknown>>)[name]
        : undefined,
    value,
  );
}
