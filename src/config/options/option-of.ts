import type { Option, OptionKind, OptionSet, Reading } from './option.ts';

/** What every option may state. Without `default` the option is required, unless wrapped in `optional`. */
export interface Common<T> {
  readonly doc: string;
  readonly default?: T;
  readonly env?: string | false;
  /** A variable without any prefix, which counts where none with one is there. */
  readonly bareEnv?: string;
  readonly aliases?: readonly string[];
  readonly withoutEffect?: string;
  /** `withoutEffect` is a note and no warning. */
  readonly isQuiet?: true;
}

interface Reader<T> extends Pick<Option<T>, 'values' | 'min' | 'max' | 'element'> {
  readonly kind: OptionKind;
  readonly expected: string;
  readonly isSecret?: boolean;
  readonly members?: OptionSet;
  readonly read: (raw: unknown) => Reading<T>;
  readonly readText?: (text: string) => Reading<T>;
}

/** An option of what it states and how it is read. */
export function option<T>(common: Common<T>, reader: Reader<T>): Option<T> {
  return {
    kind: reader.kind,
    doc: common.doc,
    env: common.env,
    aliases: common.aliases ?? [],
    fallback: common.default,
    isRequired: common.default === undefined,
    isSecret: reader.isSecret ?? false,
    expected: reader.expected,
    ...(common.bareEnv === undefined ? {} : { bareEnv: common.bareEnv }),
    ...(common.withoutEffect === undefined ? {} : { withoutEffect: common.withoutEffect }),
    ...(common.isQuiet === undefined ? {} : { isQuiet: common.isQuiet }),
    ...(reader.values === undefined ? {} : { values: reader.values }),
    ...(reader.min === undefined ? {} : { min: reader.min }),
    ...(reader.max === undefined ? {} : { max: reader.max }),
    ...(reader.element === undefined ? {} : { element: reader.element }),
    ...(reader.members === undefined ? {} : { members: reader.members }),
    read: reader.read,
    ...(reader.readText === undefined ? {} : { readText: reader.readText }),
  };
}

export const good = <T>(value: T): Reading<T> => ({ ok: true, value });
export const bad = (expected: string): Reading<never> => ({ ok: false, expected });
