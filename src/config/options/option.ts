/** The outcome of reading one value: the typed value, or what was expected instead. */
export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly expected: string };

/**
 * One thing the operator may say. Declared once; parsing, environment names, documentation and types follow from it.
 * Options that Tyk Pump has keep its JSON name, unit and environment suffix; options of ours carry their unit in the
 * value ("5s", "1MiB").
 */
export interface Option<T> {
  readonly kind: OptionKind;
  /** One sentence for the README table and `--help`. */
  readonly doc: string;
  /** Environment suffix; by default the key in upper case without underscores. `false`: none. */
  readonly env: string | false | undefined;
  /** A variable without any prefix, which counts where none with one is there. */
  readonly bareEnv?: string;
  /** Other JSON names that mean the same. */
  readonly aliases: readonly string[];
  /** Used when nothing is said; `undefined` with `isRequired` means there is none. */
  readonly fallback: T | undefined;
  readonly isRequired: boolean;
  /** Made by `optional`: a group that nobody mentions is undefined instead of full of defaults. */
  readonly isOptional?: true;
  /** Its value never appears in a message. */
  readonly isSecret: boolean;
  /** What a value must be, as it reads after "expected": `a port (0 to 65535)`. */
  readonly expected: string;
  /** `expected` for programs: the texts of a choice, the bounds of a number, what a list holds. */
  readonly values?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly element?: Option<unknown>;
  /** Kinds whose values it takes as well. */
  readonly otherKinds?: readonly OptionKind[];
  /** Accepted, and says so with this reason, because it has no effect here. */
  readonly withoutEffect?: string;
  /** `withoutEffect` is a note and no warning: Tyk's ordinary example files set it, and nobody is surprised. */
  readonly isQuiet?: true;
  /** The members of a group or of the rows of a list. */
  readonly members?: OptionSet;
  /** The member of a group that is meant where a list stands for the group. */
  readonly shorthand?: string;
  /** Reads a JSON value. Strict, except that the text of a bool or a number is taken for one. */
  readonly read: (raw: unknown) => Reading<T>;
  /** Reads an environment value by Go's rules (tyk-pump.md, "Variables"). Undefined: cannot be said in one variable. */
  readonly readText?: (text: string) => Reading<T>;
}

export type OptionKind =
  | 'text'
  | 'secret'
  | 'integer'
  | 'number'
  | 'flag'
  | 'choice'
  | 'duration'
  | 'size'
  | 'mode'
  | 'list'
  | 'map'
  | 'group'
  | 'rows';

export type OptionSet = Readonly<Record<string, Option<unknown>>>;

/** The typed value of a set of options. */
export type OptionsOf<S extends OptionSet> = {
  readonly [K in keyof S]: S[K] extends Option<infer T> ? T : never;
};
