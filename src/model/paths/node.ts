import type { Operation } from '../operations/operation.ts';
import type { SegmentKind } from './segment-kind.ts';

/** Of the values of a parameter: a kind that they have by their looks, or `text`. */
export type ValueKind = SegmentKind | 'text';

/** A place in the paths of a host: after a prefix of segments. */
export interface PathNode {
  /** Calls whose path leads here or on. */
  hits: number;
  /** By segment. */
  literals: Map<string, PathNode>;
  /** By what stands behind the value in the segment: '' or `.json`, `:cancel`. */
  parameters: Map<string, PathNode>;
  /** By method. */
  operations: Map<string, Operation>;
  /** Of a parameter: what its values were. */
  kinds: Map<ValueKind, number>;
  /** Of a parameter: how many literals were taken for its values. */
  taken: number;
  /** Of a parameter of which one number or one date was seen so far: that; null: there were more, or others. */
  only: string | null;
  /** With so many literals it is asked again which of them are values. */
  reviewAt: number;
}

/** Literals below a node that are kept before it is asked which of them are values. */
export const firstReview = 100;

export const newNode = (): PathNode => ({
  hits: 0,
  literals: new Map(),
  parameters: new Map(),
  operations: new Map(),
  kinds: new Map(),
  taken: 0,
  only: null,
  reviewAt: firstReview,
});
