import type { Millis } from '../../lib/units.ts';
import type { BreakerState } from '../pace/breaker.ts';

/** How a route stands in one thread at this moment. Plain data: it travels between threads. Times on the wall clock. */
export interface RouteReport {
  /** As route.ts explains them; `paused`: an operator wants it to stand still. */
  readonly state: 'paused' | 'opening' | 'running' | 'draining' | 'closing' | 'closed';
  /** Why it does not deliver, or what waits although it does; undefined: all is as it should be. */
  readonly reason: string | undefined;
  readonly sink: {
    readonly state: 'up' | 'down' | 'unknown';
    /** How long it has been so; undefined: it has not been asked yet. */
    readonly since: Millis | undefined;
  };
  /** Undefined while the sink is not open. */
  readonly breaker: BreakerState | undefined;
  /** Batches that may be under way at once, as the pace has it now. */
  readonly pace: number;
  readonly inFlight: {
    readonly batches: number;
    /** Records that wait for a place in one. */
    readonly gathered: number;
    readonly bytes: number;
    /** Leased and not acknowledged. */
    readonly ranges: number;
  };
  /** Records a second, over the last minute. */
  readonly rates: Rates;
  readonly lastError: /** `kind`: of a failure, or `undecodable`. */
  { readonly at: Millis; readonly kind: string; readonly reason: string } | undefined;
  readonly lastDelivery: Millis | undefined;
  /** Mean age of what was delivered in the last minute (delivery-age.ts); undefined: nothing was. */
  readonly ageSeconds: number | undefined;
}

export interface Rates {
  readonly delivered: number;
  readonly rejected: number;
  readonly filtered: number;
  readonly retried: number;
}
