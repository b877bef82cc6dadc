import type { Bytes, Millis } from '../lib/units.ts';

/** How large a batch may get and how many may be under way. A pump states its ceiling; an operator may lower it. */
export interface Limits {
  /** Most records of a batch. */
  readonly records: number;
  /** Most bytes of a batch, counted as the records' wire size. One larger record goes alone. */
  readonly bytes: Bytes;
  /** Longest a record waits for its batch to fill. */
  readonly age: Millis;
  /** Most batches under way at once. */
  readonly inFlight: number;
}
