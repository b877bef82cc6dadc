import type { SpannedRecord } from '../span.ts';

/** A record as compiled writers read it: a place in a region, and its row of the chunk's slots. */
export interface Row extends SpannedRecord {
  /** All bytes of the memory that the record lies in; others' are around it. */
  readonly region: Buffer;
  readonly view: DataView;
  /** Of the record within the region. The offsets in `slots` count from here; 0 where the field is missing. */
  readonly origin: number;
  readonly slots: Int32Array;
  /** Of the row within `slots`. */
  readonly base: number;
}
