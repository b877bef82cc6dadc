import { describe, expect, it } from 'vitest';
import { none, SeriesIndex } from './series-index.ts';

const at = Int32Array.of(2, 0);
/** The second number belongs to nobody. */
const numbers = (one: number, other: number): Int32Array => Int32Array.of(other, 77, one);

describe('an index of series', () => {
  it('finds what was kept under the numbers at the positions asked for', () => {
    const index = new SeriesIndex(2);
    index.add(numbers(1, 2), at, 10);
    index.add(numbers(2, 1), at, 20);

    expect(index.find(numbers(1, 2), at)).toBe(10);
    expect(index.find(numbers(2, 1), at)).toBe(20);
    expect(index.find(numbers(1, 1), at)).toBe(none);
  });

  it('keeps one number where a key has none', () => {
    const index = new SeriesIndex(0);
    expect(index.find(numbers(1, 2), new Int32Array())).toBe(none);

    index.add(numbers(1, 2), new Int32Array(), 5);

    expect(index.find(numbers(3, 4), new Int32Array())).toBe(5);
  });

  it('never finds another, and forgets when it is full', () => {
    const index = new SeriesIndex(2, 64);
    let found = 0;
    for (let round = 0; round < 5; round++)
      for (let one = 0; one < 20; one++)
        for (let other = 0; other < 20; other++) {
          const value = index.find(numbers(one, other), at);
          if (value === none) index.add(numbers(one, other), at, one * 20 + other);
          else expect(value).toBe(one * 20 + other);
          found += index.find(numbers(one, other), at) === none ? 0 : 1;
        }

    expect(found).toBeGreaterThan(1_900);
  });

  it('keeps all there is room for', () => {
    const index = new SeriesIndex(2, 4_096);
    const keys = Array.from({ length: 2_000 }, (_, one) => numbers(one, 404));
    for (const [value, key] of keys.entries()) index.add(key, at, value);

    expect(keys.map((key) => index.find(key, at))).toEqual(keys.map((_, value) => value));
  });

  it('can be told to forget', () => {
    const index = new SeriesIndex(2);
    index.add(numbers(1, 2), at, 10);

    index.forget();

    expect(index.find(numbers(1, 2), at)).toBe(none);
  });
});
