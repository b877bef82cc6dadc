import type { Millis } from './units.ts';

/**
 * Hears what Tyk Pump tells a StatsD daemon of itself (docs/metrics.md, "StatsD"). Where nobody is told there is none, and
 * nothing is measured for it.
 */
export interface Instruments {
  /** So many records were taken from the gateway's lists. */
  claimed(records: number): void;
  /** How long a round took that found nothing; else from a claim until every route had answered for it. */
  purged(time: Millis): void;
  /** A route of this kind of pump has answered for a range, so long after it was claimed. */
  answered(pump: string, time: Millis): void;
}

/** Of the main thread, which hears of the others' garbage collection too. */
export interface ProcessInstruments extends Instruments {
  /** Pauses in nanoseconds. */
  paused(pauses: readonly number[]): void;
}
