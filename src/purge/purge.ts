import type { Chunks, RouteLeases } from './lease/lease.ts';
import type { Refusal } from './refusals.ts';

/** What routes read from. */
export interface Source {
  /**
   * Where a range waits that is given back: in Redis or on disk, or in this process alone, for it was popped, as Tyk Pump does. That is so
   * where Redis refuses scripts, streams or our keys.
   */
  readonly mode: 'at-least-once' | 'at-most-once';
  readonly chunks: Chunks;
  /** The leases of one route; every route asks once, before it runs. */
  leasesFor(route: string): RouteLeases;
  /** A route that has ended will not run again, unless it asks anew. */
  forget(route: string): void;
}

/** Taking records from the gateway's lists and giving the memory back. */
export interface Purge extends Source {
  /** Claims and reclaims until the signal aborts. Redis errors do not come out. */
  run(signal: AbortSignal): Promise<void>;
  /**
   * After every route has ended, and `run` too or it was waited for in vain: gives memory back, or records that were popped and
   * not answered for. Resolves with the number of records that are lost.
   */
  finish(): Promise<number>;
  status(): PurgeStatus;
}

export interface PurgeStatus {
  /** When the last round was made, by the monotonic clock; lists that Redis refuses do not count. Undefined: not yet. */
  readonly lastRound: number | undefined;
  /** Claiming pauses because the bound on retained bytes is reached. */
  readonly isHolding: boolean;
  /** What Redis refuses for two rounds or more. */
  readonly refusals: readonly Refusal[];
  /** Bytes of records that Redis cannot send, and that therefore became dead letters unread. */
  readonly unreadBytes: number;
  /** No list can be claimed. */
  readonly isRefused: boolean;
}
