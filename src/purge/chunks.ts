import type { Chunk } from '../record/record.ts';
import type { Range } from './lease.ts';

/** What reading a range gave. `vanished`: that many of its records are no longer in Redis. */
export interface ReadRange {
  readonly chunk: Chunk;
  readonly vanished: number;
}

/** Reads ranges; one range is read and decoded once per process, whatever the number of routes. */
export interface Chunks {
  /** Rejects only with the signal's reason; Redis errors are waited out. */
  read(range: Range, signal: AbortSignal): Promise<ReadRange>;
}
