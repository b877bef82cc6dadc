import type { LimitsConfig } from '../config/config.ts';
import { type Bytes, bytes, type Millis, millis } from '../lib/units.ts';

/** How large a batch may get and how many may be under way. A pump states its ceiling; an operator may lower it. */
export interface Limits {
  /** Maximum records in a batch. */
  readonly records: number;
  /** Most bytes of a batch, counted as the records' wire size. One larger record goes alone. */
  readonly bytes: Bytes;
  /** Longest time that a record waits for its batch to fill. */
  readonly age: Millis;
  /** Maximum batches under way at once. */
  readonly inFlight: number;
}

/** The pump's limits, as far as the operator did not lower them. */
export function loweredLimits(pump: Limits, asked: Omit<LimitsConfig, 'concurrency'>): Limits {
  const lower = (own: number, wish: number | undefined): number =>
    wish === undefined ? own : Math.min(own, wish);
  return {
    records: Math.max(1, lower(pump.records, asked.records)),
    bytes: bytes(lower(pump.bytes, asked.bytes)),
    age: millis(lower(pump.age, asked.age)),
    inFlight: Math.max(1, lower(pump.inFlight, asked.inFlight)),
  };
}
