import type { Failure } from '#pump';

/** What the broker said, or why it said nothing. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure };
