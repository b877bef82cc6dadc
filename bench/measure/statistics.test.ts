import { describe, expect, it } from 'vitest';
import { percentile, spreadOf } from './statistics.ts';

describe('the spread of values', () => {
  it('orders them by size, not by text', () => {
    expect(spreadOf([100, 9, 20])).toEqual({ min: 9, median: 20, max: 100 });
  });

  it('has the mean of the middle two as its median when they are even in number', () => {
    expect(spreadOf([4, 1, 3, 2]).median).toBe(2.5);
  });

  it('is refused for no values', () => {
    expect(() => spreadOf([])).toThrow(RangeError);
  });
});

describe('a percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it.each([
    [50, 50],
    [99, 99],
    [99.9, 100],
    [0, 1],
  ])('%d of the numbers 1 to 100 is %d', (percent, value) => {
    expect(percentile(hundred, percent)).toBe(value);
  });
});
