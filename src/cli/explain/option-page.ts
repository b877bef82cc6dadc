import type { EffectiveValue } from '../../config/effective.ts';
import { fromText } from '../../config/effective.ts';
import { defaultText } from '../../config/options/default-text.ts';
import { valueText } from '../config/config.ts';
import type { Word } from './dictionary.ts';

/** One option, for people and for programs. */
export interface OptionFacts {
  readonly key: string;
  /** Of the pump whose `meta` it is of. */
  readonly type: string | null;
  readonly doc: string;
  readonly expected: string;
  readonly default: string | null;
  readonly required: boolean;
  readonly secret: boolean;
  readonly variables: readonly string[];
  readonly aliases: readonly string[];
  readonly members: readonly string[];
  readonly withoutEffect: string | null;
  /** In force, wherever it stands; undefined: the configuration could not be read. */
  readonly values: readonly EffectiveValue[] | undefined;
}

export function factsOf(
  { key, type, option, variable, otherVariables }: Word,
  values: OptionFacts['values'],
): OptionFacts {
  const isGroup = option.kind === 'group';
  const fallback = isGroup || option.isRequired ? undefined : defaultText(option);
  return {
    ...{ key, type: type ?? null, doc: option.doc, expected: option.expected },
    default: fallback === undefined || fallback === '' ? null : fallback,
    required: option.isRequired,
    secret: option.isSecret,
    variables: [variable, ...otherVariables].filter((name) => name !== undefined),
    aliases: option.aliases,
    members: Object.keys(option.members ?? {}),
    withoutEffect: option.withoutEffect ?? null,
    values,
  };
}

export function optionPage(facts: OptionFacts): readonly string[] {
  const { key, type, values = [] } = facts;
  const line = (name: string, text: string): string => `  ${`${name}:`.padEnd(10)} ${text}`;
  return [
    type === null ? key : `${key} (${type})`,
    `  ${facts.doc}`,
    line('value', facts.expected),
    ...(facts.members.length > 0 ? [line('options', facts.members.join(', '))] : []),
    ...(facts.required ? [line('default', 'none; it is required')] : []),
    ...(facts.default === null ? [] : [line('default', facts.default)]),
    ...facts.variables.map((name, at) => line(at === 0 ? 'variable' : 'or', name)),
    ...(facts.aliases.length === 0 ? [] : [line('also', facts.aliases.join(', '))]),
    ...(facts.withoutEffect === null ? [] : [line('effect', `none here: ${facts.withoutEffect}`)]),
    ...values.map((each) =>
      line('in force', `${each.key} = ${valueText(each.value)} (${fromText(each.from)})`),
    ),
  ];
}
