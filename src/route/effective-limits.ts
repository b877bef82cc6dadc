import type { LimitsConfig } from '../config/config.ts';
import { bytes, millis } from '../lib/units.ts';
import type { Limits } from '../pump/limits.ts';

/** The pump's limits, as far as the operator did not lower them. */
export function effectiveLimits(pump: Limits, entry: Omit<LimitsConfig, 'concurrency'>): Limits {
  const lower = (own: number, asked: number | undefined): number =>
    asked === undefined ? own : Math.min(own, asked);
  return {
    records: Math.max(1, lower(pump.records, entry.records)),
    bytes: bytes(lower(pump.bytes, entry.bytes)),
    age: millis(lower(pump.age, entry.age)),
    inFlight: Math.max(1, lower(pump.inFlight, entry.inFlight)),
  };
}
