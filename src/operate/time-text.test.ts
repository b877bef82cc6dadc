import { expect, it } from 'vitest';
import { readTime } from './time-text.ts';

const now = Date.parse('2026-03-04T15:30:20.500Z');
const local = (text: string): number => new Date(text).getTime();
const at = new Date(now);
const day = `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}-${String(at.getDate()).padStart(2, '0')}`;
const midnight = local(`${day}T00:00`);

it.each([
  ['2h', now - 7_200_000],
  ['1h30m', now - 5_400_000],
  ['90s', now - 90_000],
  ['1d', now - 86_400_000],
  ['00:00', midnight],
  ['2026-03-04T14:00:00Z', Date.parse('2026-03-04T14:00:00Z')],
  ['2026-03-04T14:00:00+01:00', Date.parse('2026-03-04T13:00:00Z')],
  ['2026-03-04 14:00Z', Date.parse('2026-03-04T14:00:00Z')],
  ['2026-03-01', local('2026-03-01T00:00')],
])('%s is a time', (typed, expected) => {
  expect(readTime(typed, now)).toBe(expected);
});

it('is the last time that the clock showed it', () => {
  for (const typed of ['0:00', '14:00', '23:59', '15:30:20']) {
    const time = readTime(typed, now) ?? 0;
    expect(now - time).toBeGreaterThanOrEqual(0);
    expect(now - time).toBeLessThan(25 * 3_600_000);
    const [hours, minutes] = typed.split(':').map(Number);
    expect([new Date(time).getHours(), new Date(time).getMinutes()]).toEqual([hours, minutes]);
  }
});

it.each([
  '',
  '2',
  'h',
  '25:00',
  '14:60',
  'yesterday',
  '2026-13-01',
  '2027-01-01',
  '-2h',
  '2h later',
])('“%s” is none', (typed) => {
  expect(readTime(typed, now)).toBeUndefined();
});
