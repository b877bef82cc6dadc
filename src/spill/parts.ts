import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Chunks, Range, RouteLeases } from '../purge/lease/lease.ts';
import type { SpillMeter } from './meter.ts';
import type { RouteSpill } from './route-spill.ts';

/** What stands around one route's spill. */
export interface SpillingParts {
  readonly route: string;
  /** What Redis has for the route. */
  readonly leases: RouteLeases;
  readonly chunks: Chunks;
  readonly spill: RouteSpill;
  /** A range's elements as they are in Redis; fewer where some have vanished. Undefined: Redis cannot send all of them. */
  readonly readRaw: (range: Range, signal: AbortSignal) => Promise<readonly Buffer[] | undefined>;
  /** Bytes on disk of all routes. */
  readonly used: () => number;
  readonly meter: SpillMeter;
  readonly clock: Clock;
  readonly log: Log;
}
