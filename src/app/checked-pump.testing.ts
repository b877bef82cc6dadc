import { bytes, millis } from '../lib/units.ts';
import type { CheckedPump } from '../pump/check-pumps.ts';
import type { PreparedPump, Pump } from '../pump/define-pump.ts';
import { aPumpEntry } from '../route/testing/parts.testing.ts';

const limits = { records: 10, bytes: bytes(10_000), age: millis(100), inFlight: 4 };

/** A configured pump as a crew gets it: ten records to a batch, and a sink of the test's own. */
export const aCheckedPump = (
  name: string,
  { open, ...changes }: Pick<CheckedPump['pump'], 'open'> & Partial<typeof limits>,
): CheckedPump => {
  const own = { ...limits, ...changes };
  const pump: PreparedPump = {
    records: 'analytics',
    limits: own,
    repeats: 'harmless',
    guarantee: 'effectively-once',
    workers: 'any',
    mayKeepRecords: false,
    files: [],
    servedAt: [],
    document: undefined,
    open,
    classify: () => undefined,
  };
  return {
    // As many batches as it may have from the first one on.
    entry: aPumpEntry({ name, limits: { ...aPumpEntry().limits, concurrency: 'fixed' } }),
    // What a crew and a route look at.
    kind: { type: 'test', title: 'Test Pump' } as Pump,
    limits: own,
    values: [],
    placeOf: () => ({ source: 'test', key: 'test' }),
    pump,
  };
};
