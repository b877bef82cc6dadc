/** What a route is made of, its own and what it shares. */
import type { DeliveryConfig, PumpEntry } from '../config/config.ts';
import type { Alike } from '../edit/alike.ts';
import type { Places } from '../edit/enrich/places.ts';
import type { Tracing } from '../lib/batch-trace.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { Bytes } from '../lib/units.ts';
import type { PreparedPump, ServiceContext } from '../pump/define-pump.ts';
import type { Limits } from '../pump/limits.ts';
import type { Chunks, Leases, SourceList } from '../purge/lease/lease.ts';
import type { RouteControl } from './controls/controls.ts';
import type { DeadLetters } from './dead-letters/store.ts';
import type { Grants } from './pace/rate.ts';
import type { TapPoint } from './tap/tap-point.ts';

export interface RouteParts {
  readonly entry: PumpEntry;
  readonly pump: PreparedPump;
  readonly context: ServiceContext;
  /** This route's own. */
  readonly leases: Leases;
  /** Shared by all routes of the process. */
  readonly chunks: Chunks;
  readonly letters: DeadLetters;
  /** Files of places, shared by all routes of the thread. */
  readonly places: Places;
  readonly alike: Alike;
  readonly lists: readonly SourceList[];
  /** Of the pump, as the operator lowered them; of batches under way this route's share, where threads share them. */
  readonly limits: Limits;
  /** Bytes it may hold, its share likewise. */
  readonly inFlightBytes: Bytes;
  /** Shared by all routes of the thread; undefined: nobody can look at its records. */
  readonly tap?: TapPoint | undefined;
  /** What operators want of it, and its rate, shared with other threads and instances; undefined: nobody else has a say. */
  readonly control?: { readonly now: RouteControl; readonly grants: Grants } | undefined;
  readonly delivery: Pick<
    DeliveryConfig,
    | 'attemptTimeout'
    | 'backoffBase'
    | 'backoffMax'
    | 'longestPause'
    | 'giveUpAttempts'
    | 'giveUpAge'
    | 'atRefusal'
    | 'retryShare'
  >;
  readonly clock: Clock;
  /** With the pump's log prefix among its fields (tyk-pump.md, "Log"). */
  readonly log: Log;
  readonly metrics: Metrics;
  /** Undefined: nobody wants to know what becomes of batches. */
  readonly tracing?: Tracing | undefined;
}
