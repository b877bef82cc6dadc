import { expect, test } from 'vitest';
import { Places } from './places.ts';

test('whoever leaves is gone, and the others stay', () => {
  const places = new Places<string>();
  const [, second] = [places.take('a'), places.take('b'), places.take('c')];
  places.leave(second);
  expect([...places.everyone].sort()).toEqual(['a', 'c']);
  expect(places.size).toBe(2);
});

test('places are used again: it is never larger than what was under way at a time', () => {
  const places = new Places<number>();
  const taken = new Set<number>();
  for (let round = 0; round < 100; round++) {
    const [one, other] = [places.take(round), places.take(-round)];
    taken.add(one).add(other);
    places.leave(one);
    places.leave(other);
  }
  expect(taken.size).toBe(2);
  expect(places.everyone).toEqual([]);
});

test('who comes and goes while all are looked at changes nothing in what is looked at', () => {
  const places = new Places<string>();
  const first = places.take('a');
  const now = places.everyone;
  places.leave(first);
  places.take('b');
  expect(now).toEqual(['a']);
});
