import { expect, it } from 'vitest';
import { mebibytes, millis } from '../../lib/units.ts';
import { goesOnAt } from './goes-on-at.ts';

it.each([
  [0, mebibytes(1)],
  [2.9, mebibytes(1)],
  [3, mebibytes(2)],
  [17, mebibytes(2)],
  [20, 2_400_000],
  [50, 6_000_000],
  [200, mebibytes(6)],
])('%d ms away a server is asked for more with %d bytes to come', (roundTrip, expected) => {
  expect(goesOnAt(millis(roundTrip))).toBe(expected);
});
