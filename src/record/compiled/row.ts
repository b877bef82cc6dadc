import type { SpannedRecord } from '../span.ts';

/** A record as compiled writers read it: its bytes, and its row of the chunk's slots. */
export interface Row extends SpannedRecord {
  readonly bytes: Buffer;
  /** Over the whole buffer that `bytes` is a slice of. */
  readonly view: DataView;
  /** Of `bytes` within `view`: asking the buffer costs as much as reading a value. */
  readonly origin: number;
  readonly slots: Int32Array;
  /** Of the row within `slots`. */
  readonly base: number;
}
