import { describe, expect, it } from 'vitest';
import { benchElement } from '../records/record.ts';
import { Seen } from './seen.ts';

describe('what has been seen', () => {
  it('knows what is lost, and what came twice or from nowhere', () => {
    const seen = new Seen(3);
    for (const index of [0, 2, 2, 9]) seen.add(index);

    expect([seen.distinct, seen.lost, seen.invented]).toEqual([2, 1, 2]);
  });

  it.each([1, 7, 100, 4096])('finds every record in pieces of %d bytes more', (step) => {
    const all = Buffer.concat(
      Array.from({ length: 50 }, (_, index) => benchElement(index, '1KB', 'protobuf')),
    );
    const seen = new Seen(50);
    let done = 0;
    for (let end = step; done < all.length && end < all.length + step; end += step)
      done += Math.max(0, seen.addAll(all.subarray(done, end)));

    expect([seen.lost, seen.invented]).toEqual([0, 0]);
  });
});
