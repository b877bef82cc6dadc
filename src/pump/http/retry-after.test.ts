import { expect, it } from 'vitest';
import { millis } from '../../lib/units.ts';
import { retryAfterOf } from './retry-after.ts';

const now = millis(Date.UTC(1994, 10, 6, 8, 49, 30));
const server = 'Sun, 06 Nov 1994 08:49:00 GMT';

it.each<[unknown, string | undefined, number | undefined]>([
  ['7', undefined, 7_000],
  [' 120 ', undefined, 120_000],
  ['0', undefined, 0],
  ['Sun, 06 Nov 1994 08:49:37 GMT', undefined, 7_000],
  ['Sunday, 06-Nov-94 08:49:37 GMT', undefined, 7_000],
  ['Sun Nov  6 08:49:37 1994', undefined, 7_000],
  ['Sun, 06 Nov 1994 08:49:37 GMT', server, 37_000],
  ['Sun, 06 Nov 1994 08:49:37 GMT', 'no date', 7_000],
  ['Thu, 01 Jan 1970 00:00:00 GMT', undefined, 0],
  [['5', '9'], undefined, 5_000],
  ['soon', undefined, undefined],
  ['soon 1', undefined, undefined],
  ['-5', undefined, undefined],
  ['', undefined, undefined],
  ['2026-01-01T00:00:00Z', undefined, undefined],
  ['Sun, 99 Foo 1994 08:49:37 GMT', undefined, undefined],
  [undefined, undefined, undefined],
])('takes Retry-After: %j with the date %j for %j ms', (header, date, expected) => {
  expect(retryAfterOf({ 'retry-after': header, date }, now)).toBe(expected);
});
