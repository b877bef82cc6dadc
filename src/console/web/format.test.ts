import { expect, it } from 'vitest';
import {
  ago,
  brief,
  briefDuration,
  bytes,
  clockTime,
  count,
  duration,
  percent,
  plural,
  rate,
} from './format.ts';

it.each([
  [0, '0'],
  [9_999, '9,999'],
  [10_000, '10 k'],
  [12_345, '12.3 k'],
  [1_234_567, '1.23 M'],
  [999_999, '1,000 k'],
  [5e9, '5 G'],
])('says %d in short as %s', (value, text) => expect(brief(value)).toBe(text));

it.each([
  [0, '0'],
  [0.01, '< 0.1'],
  [0.44, '0.4'],
  [9.96, '10'],
  [1_234.5, '1,235'],
])('says a rate of %d as %s', (value, text) => expect(rate(value)).toBe(text));

it.each([
  [0, '0 B'],
  [1_023, '1,023 B'],
  [1_536, '1.5 KiB'],
  [268_435_456, '256 MiB'],
  [1.5 * 1024 ** 4, '1.5 TiB'],
])('says %d bytes as %s', (value, text) => expect(bytes(value)).toBe(text));

it.each([
  [0, '0 s'],
  [0.44, '0.4 s'],
  [59.6, '1 min'],
  [200, '3 min 20 s'],
  [3_600, '1 h'],
  [7_500, '2 h 5 min'],
  [273_600, '3 d 4 h'],
])('says %d seconds as %s', (value, text) => expect(duration(value)).toBe(text));

it.each([
  [0, '0 s'],
  [40.04, '40 s'],
  [390, '6.5 min'],
  [7_200, '2 h'],
])('says %d seconds in one unit as %s', (value, text) => expect(briefDuration(value)).toBe(text));

it('says times by the clock of whoever looks, with the date where it is another day', () => {
  const now = Date.parse('2026-12-01T12:00:00Z');
  expect(clockTime('2026-12-01T09:03:20Z', now)).toBe('09:03:20');
  expect(clockTime('2026-11-30T09:03:20Z', now)).toBe('30 Nov 09:03:20');
  expect(clockTime('no time', now)).toBe('no time');
  expect(ago('2026-12-01T11:59:30Z', now)).toBe('30 s ago');
  expect(ago('2026-12-01T12:00:30Z', now)).toBe('just now');
});

it('does not call a little nothing, nor one thing many', () => {
  expect([percent(0), percent(0.001), percent(0.734)]).toEqual(['0 %', '< 1 %', '73 %']);
  expect([plural(1, 'batch', 'batches'), plural(0, 'record'), count(1_000)]).toEqual([
    '1 batch',
    '0 records',
    '1,000',
  ]);
});
