import type { Span } from './spans.ts';

/**
 * Texts within a text: JSON strings with escapes, what is percent-encoded, base64. Each is looked into with its encoding
 * undone; what is found there is put back where it stood, so that every byte around it stays as it was. A place belongs to
 * one layer at most, so that the work of all levels is bounded by their number.
 */
export interface Layer {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly isForm: boolean;
  /** A JSON string, which may be the name of a member. */
  readonly isString: boolean;
  /** Without: nothing more is looked into, for it does not look like a text. */
  readonly isText: boolean;
  /** What replaces places of the outer text, for what was found in this one. */
  readonly outer: ((spans: readonly Span[]) => readonly Span[]) | undefined;
  /** Where places cannot be told: this one as a whole, for its new text. */
  readonly rewrite: ((text: string) => Span) | undefined;
}

/** Disjoint and in the order of their places, as each kind of layer is added. */
export function isTaken(taken: readonly Layer[], from: number, to: number): boolean {
  let low = 0;
  let high = taken.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((taken[middle] as Layer).to <= from) low = middle + 1;
    else high = middle;
  }
  const next = taken[low];
  return next !== undefined && next.from < to;
}

export const mapped =
  (places: Uint32Array, encode: (put: string) => string) =>
  (spans: readonly Span[]): readonly Span[] =>
    spans.map((inner) => ({
      ...inner,
      from: places[inner.from] as number,
      to: places[inner.to] as number,
      put: encode(inner.put),
    }));
