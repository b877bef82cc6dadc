import type { Problem } from '../problem.ts';
import type { OptionSet, OptionsOf } from './option.ts';

/** What the operator said about one pump's `meta`. */
export interface MetaSource {
  /** The JSON object as written; null or undefined count as `{}`. */
  readonly raw: unknown;
  /** For problems: the file's path. */
  readonly source: string;
  /** For problems: `pumps.NAME.meta`. */
  readonly key: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Prefix of this pump's meta variables, without the trailing underscore. */
  readonly envPrefix: string;
}

export interface Parsed<S extends OptionSet> {
  readonly problems: readonly Problem[];
  /** Undefined when a problem is an error. */
  readonly value: OptionsOf<S> | undefined;
}

/** File, then environment, then defaults. Pure; reports every problem. */
export declare function parseMeta<S extends OptionSet>(options: S, source: MetaSource): Parsed<S>;
