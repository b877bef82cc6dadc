import { expect, it } from 'vitest';
import { bytes, millis } from '../lib/units.ts';
import { loweredLimits } from './limits.ts';

const pump = { records: 100, bytes: bytes(1000), age: millis(500), inFlight: 4 };
const nothing = { records: undefined, bytes: undefined, age: undefined, inFlight: undefined };

it('are the pump’s where the operator says nothing', () => {
  expect(loweredLimits(pump, nothing)).toEqual(pump);
});

it('can be lowered but not raised', () => {
  const asked = { ...nothing, records: 10, bytes: bytes(2000) };

  expect(loweredLimits(pump, asked)).toEqual({ ...pump, records: 10 });
});
