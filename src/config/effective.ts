/** The configuration in force, option by option, each with who said it and where. */
import type { Locate } from './locate.ts';
import type { OptionValue } from './options/option-value.ts';
import { shownValue } from './options/shown-value.ts';

/** The options of one place of the file: the top (empty), `sluice`, `pumps.es`, `uptime_pump_config`. */
export interface Section {
  readonly at: string;
  readonly values: readonly OptionValue[];
}

/** One option. Who said it is one of `file`, `variable` and `preset`, or nobody: `default`. */
export interface EffectiveValue {
  /** As the file has it: `pumps.es.meta.index_name`. */
  readonly key: string;
  /** As the file would say it, without secrets; null: none. */
  readonly value: unknown;
  readonly isSecret: boolean;
  readonly from: From;
}

export type From =
  | {
      readonly kind: 'file';
      readonly file: string;
      readonly line: number | undefined;
      readonly column: number | undefined;
    }
  | { readonly kind: 'variable'; readonly variable: string }
  | { readonly kind: 'preset'; readonly preset: string }
  | { readonly kind: 'default' };

export interface EffectiveInput {
  /** Of `Loaded`. */
  readonly path: string;
  readonly sections: readonly Section[];
  readonly locate: Locate;
  /** The pumps that can be used: the options of their `meta`, and where that stands. */
  readonly pumps: readonly {
    readonly entry: { readonly meta: { readonly key: string } };
    readonly values: readonly OptionValue[];
  }[];
}

/** Every option of the configuration in the order of the documentation, a pump's `meta` behind its entry. */
export function effectiveConfig(input: EffectiveInput): readonly EffectiveValue[] {
  const forAll = input.sections.find(({ at }) => at === 'sluice')?.values ?? [];
  const metas = new Map(input.pumps.map(({ entry, values }) => [entry.meta.key, values] as const));
  return input.sections
    .flatMap(({ at, values }) => [
      ...values,
      ...inherited(at, values, forAll),
      ...(metas.get(at === uptimeSection ? at : `${at}.meta`) ?? []),
    ])
    .map(({ key, option, value, by }) => ({
      key,
      value: shownValue(option, value),
      isSecret: option.isSecret,
      from: fromOf(by, input),
    }));
}

/** The one entry that stands outside of `pumps`, and is nothing but its `meta`. */
const uptimeSection = 'uptime_pump_config';
const forAllAt = 'sluice.records.';

/** What is said of records for all pumps counts for each that says nothing of the same; of uptime records `redact` alone. */
function inherited(
  at: string,
  own: readonly OptionValue[],
  forAll: readonly OptionValue[],
): readonly OptionValue[] {
  if (!at.startsWith('pumps.') && at !== uptimeSection) return [];
  const groupOf = (key: string, root: string): string => key.slice(root.length).split('.')[0] ?? '';
  const said = new Set(
    own.filter(({ by }) => by.kind !== 'nobody').map(({ key }) => groupOf(key, `${at}.`)),
  );
  return forAll
    .filter(({ key, value }) => key.startsWith(forAllAt) && value !== undefined)
    .filter(({ key }) => {
      const group = groupOf(key, forAllAt);
      return at === uptimeSection ? group === 'redact' : !said.has(group);
    })
    .map((each) => ({ ...each, key: `${at}.${each.key.slice(forAllAt.length)}` }));
}

function fromOf(by: OptionValue['by'], { path, locate }: EffectiveInput): From {
  switch (by.kind) {
    case 'nobody':
      return { kind: 'default' };
    case 'variable':
      return { kind: 'variable', variable: by.name };
    case 'preset':
      return { kind: 'preset', preset: by.name };
    case 'file': {
      const at = locate(by.key);
      return { kind: 'file', file: path, line: at?.line, column: at?.column };
    }
    default:
      return by satisfies never;
  }
}

/** For people: `pump.conf:4:5`, `TYK_PMP_PURGEDELAY`, `preset loki`, `default`. */
export function fromText(from: From): string {
  switch (from.kind) {
    case 'file':
      return from.line === undefined ? from.file : `${from.file}:${from.line}:${from.column ?? 1}`;
    case 'variable':
      return from.variable;
    case 'preset':
      return `preset ${from.preset}`;
    case 'default':
      return 'default';
    default:
      return from satisfies never;
  }
}
