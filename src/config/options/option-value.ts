import type { Option } from './option.ts';

/** An option of a set with its value in force, and who said it: what `effectiveConfig` makes its lines of. */
export interface OptionValue {
  /** From the root of the file: `pumps.es.meta.index_name`. */
  readonly key: string;
  readonly option: Option<unknown>;
  readonly value: unknown;
  readonly by: SaidBy;
}

/** `file`: `key` is how it is spelt there. `preset`: another option of the pump said it. */
export type SaidBy =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'file'; readonly key: string }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'preset'; readonly name: string };
