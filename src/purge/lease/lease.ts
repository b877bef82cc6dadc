import type { ChunkMemo } from '../../record/chunk-memo.ts';
import type { Chunk, Decoder } from '../../record/record.ts';

/** A gateway list and what belongs to it. */
export interface SourceList {
  /** The list's key, K. */
  readonly key: string;
  readonly decoder: Decoder;
  /** The routes that read it; left out: all there are. */
  readonly readers?: readonly string[];
}

/** A slice of a segment: the unit of lease and acknowledgement. */
export interface Range {
  readonly list: SourceList;
  /** Segment id, never repeated. */
  readonly segment: string;
  /** Index of the first record within the segment. */
  readonly start: number;
  readonly count: number;
  /** Estimated bytes of its records. */
  readonly bytes: number;
  /** Redis clock, milliseconds since the epoch, when the segment was claimed: the age of a lag. */
  readonly claimedAt: number;
}

/** What became of a range's records. The numbers of a settled range add up to its count. */
export interface Tally {
  readonly delivered: number;
  /** Dead letters, undecodable elements included. */
  readonly rejected: number;
  readonly filtered: number;
  /** Of those filtered: too old when they were to be sent. */
  readonly stale?: number;
  readonly vanished: number;
  /** Moved to local disk, to be delivered from there. */
  readonly spilled: number;
}

/** A range lent to a route by its consumer group, until settled, released, or taken over when the lease runs out. */
export interface Lease {
  /** Id of the manifest entry. */
  readonly id: string;
  readonly range: Range;
  /** An operator has had its records given again, however old they are; or that could not be found out. */
  readonly isAgain?: boolean;
}

/**
 * A route's side of the manifests: its consumer group on every list. Implemented by purge/ over Redis Streams and,
 * where Redis refuses those, over popped ranges in memory.
 */
export interface Leases {
  /**
   * Waits until ranges are leased to this route: new ones, or those of a dead instance. At most `most`. Empty only
   * when the signal aborts. Redis errors do not come out: it goes on trying and says so once.
   */
  take(most: number, signal: AbortSignal): Promise<readonly Lease[]>;
  /** Every record of the range is answered for: acknowledge it and book its tally. Resolves when Redis has it. */
  settle(lease: Lease, tally: Tally): Promise<void>;
  /**
   * Whether the range is still this route's to answer for: false once the lease has run out and somebody else has taken
   * it over or answered. Costs a question to Redis. A lease that is not held is forgotten. Rejects only with the
   * signal's reason.
   */
  isHeld(lease: Lease, signal: AbortSignal): Promise<boolean>;
  /** Gives ranges back at once, so that another instance goes on without waiting for the lease to run out. */
  release(leases: readonly Lease[]): Promise<void>;
}

/** What the composition root does with a route's leases beside the route itself. */
export interface RouteLeases extends Leases {
  /** Renews what is held until the signal aborts; then acknowledgements still waiting for Redis give up. */
  keep(signal: AbortSignal): Promise<void>;
  /** Gives back everything still held: the last act of a route, also of one that failed. */
  releaseAll(): Promise<void>;
}

/** What reading a range gave. */
export interface ReadRange {
  readonly chunk: Chunk;
  /** That many of its records are no longer in Redis. */
  readonly vanished: number;
  /**
   * Called once by each who asked for it, when nothing reads the chunk's records for him any more: its memory may be used
   * again then. Whoever is not sure does not call it. Undefined: it is not used again.
   */
  readonly letGo?: () => void;
  /** What routes make of its records alike; undefined where nobody else is going to ask for it. */
  readonly memo?: ChunkMemo;
}

/** Reads ranges; one range is read and decoded once per process, whatever the number of routes. */
export interface Chunks {
  /** Rejects only with the signal's reason; Redis errors are waited out. */
  read(range: Range, signal: AbortSignal): Promise<ReadRange>;
}
