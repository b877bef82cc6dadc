import type { Verdict } from '#pump';

/** Of a change of a document. `lost`: another one was faster; it is to be read again. */
export type Outcome =
  | { readonly kind: 'written' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'refused'; readonly verdict: Verdict };
