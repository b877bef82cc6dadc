/** What became of a batch of records. Of those not written nothing is there. */
export type Outcome =
  | { readonly kind: 'written' }
  /** `isAway`: waiting may cure it, and the connection has said so; else somebody has to act. */
  | { readonly kind: 'not-written'; readonly reason: string; readonly isAway: boolean }
  /** The connection was lost before the answer. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** Where records go. */
export interface Destination {
  /** Never rejects; settles within a bounded time. */
  write(records: readonly Buffer[]): Promise<Outcome>;
}
