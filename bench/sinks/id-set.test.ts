import { describe, expect, it } from 'vitest';
import { IdSet } from './id-set.ts';

const bytesOf = (index: number): Buffer => Buffer.from(`xx1760000000-7-a1b2:${index}yy`);

describe('the set of ids', () => {
  it('tells 200,000 ids apart, and knows each again', () => {
    const set = new IdSet();
    const add = (index: number): boolean => {
      const bytes = bytesOf(index);
      return set.add(bytes, 2, bytes.length - 2);
    };
    const indexes = Array.from({ length: 200_000 }, (_, index) => index);

    expect(indexes.filter((index) => !add(index))).toEqual([]);
    expect(indexes.filter(add)).toEqual([]);
    expect(set.size).toBe(200_000);
  });
});
