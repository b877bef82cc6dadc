import type { StopSignals } from '../lib/stop-signals.ts';

/** How a route is told to end. */
export interface RouteSignals extends StopSignals {
  /** No attempt begins any more; those under way end, and nothing else is waited for. */
  readonly halt?: AbortSignal | undefined;
  /** With `stop`: of what was read, only ranges are finished of which something was sent. The others are given back. */
  readonly shorten?: AbortSignal | undefined;
}
