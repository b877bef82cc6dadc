import { expect, it } from 'vitest';
import { table } from '../cli/table.ts';
import { harmless, visible } from './visible.ts';

it.each([
  ['C0', 'a\u001b[2Jb\rc\td', 'a\\u001b[2Jb\\u000dc\\u0009d'],
  ['DEL and C1', 'a\u007f\u009b2J', 'a\\u007f\\u009b2J'],
  ['direction', 'a\u202etxt\u2066\u200f\u061c', 'a\\u202etxt\\u2066\\u200f\\u061c'],
  ['line separators', 'a\u2028b\u2029', 'a\\u2028b\\u2029'],
  ['half a pair', 'a\ud800', 'a\\ud800'],
  ['tags', 'a\u{e0041}', 'a\\udb40\\udc41'],
  ['letters of all the world', 'äЖ東😀é', 'äЖ東😀é'],
])('shows %s', (_, text, expected) => {
  expect(visible(text)).toBe(expected);
  expect(harmless(text)).toBe(expected);
});

it('keeps lines, and a bar that redraws itself', () => {
  expect(harmless('a\nb\n')).toBe('a\nb\n');
  expect(visible('a\nb')).toBe('a\\u000ab');
  expect(harmless('\rrecords [##--]\u001b[K')).toBe('\rrecords [##--]\u001b[K');
  expect(harmless('\rrecords \u001b[2J\u001b[K')).not.toContain('\u001b');
});

it('lets no cell of a table steer the terminal or begin a row', () => {
  expect(table([['ROUTE'], ['a\nb\u001b[1A', 'x']])).toEqual(['ROUTE', 'a\\u000ab\\u001b[1A  x']);
});
