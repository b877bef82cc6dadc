import type { Batch } from './batch.ts';
import type { Delivery } from './delivery.ts';

/** How a sink is. `unknown` is for protocols that cannot tell, such as UDP. */
export type Health =
  | { readonly state: 'up' }
  | { readonly state: 'down'; readonly reason: string }
  | { readonly state: 'unknown'; readonly reason: string };

/**
 * An opened pump, with a connection. It says what happened; the courier decides what to do about it. A sink never
 * sleeps, queues, batches, retries or starts timers.
 */
export interface Sink {
  /**
   * Aborts with an error when no later attempt of this process can succeed, as at a pipe whose reader has gone. The route
   * ends then, and its records wait for the next start or another instance.
   */
  readonly gone?: AbortSignal;
  /**
   * Called with at most `limits.inFlight` batches at once. Answer for every record, and say whether the destination
   * judged the request or its records (delivery.ts): only the former is halved. An expected failure is a verdict;
   * what is thrown is asked of the pump's `classify`, then the kit's. Must obey `signal`: after an abort settle
   * promptly and claim nothing you do not know. The records are lent until then: their memory is written over after it.
   */
  deliver(batch: Batch, signal: AbortSignal): Promise<Delivery>;
  /** Called at start and for /ready. Do the cheapest thing that proves the next deliver would work. */
  check(signal: AbortSignal): Promise<Health>;
  /** Called once, after the last deliver has settled; twice is harmless. Let go of everything. */
  close(signal: AbortSignal): Promise<void>;
}
