import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { Repeats } from './repeats.ts';

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();

it('gives equal lines different numbers, however many there are, and the same ones the next time', () => {
  const repeats = new Repeats();
  const numbers = (): readonly number[] =>
    Array.from({ length: 4_000 }, () => repeats.next(hashOf('a')));
  const first = numbers();
  expect(new Set(first).size).toBe(4_000);
  expect(first.slice(0, 3)).toEqual([0, 1, 2]);
  repeats.clear();
  expect(numbers()).toEqual(first);
});

it('takes almost no line for a repeat that is none', () => {
  const repeats = new Repeats();
  let taken = 0;
  for (let at = 0; at < 20_000; at++) taken += repeats.next(hashOf(String(at))) === 0 ? 0 : 1;
  expect(taken).toBeLessThan(5);
});
