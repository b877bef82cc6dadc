import { describe, expect, it } from 'vitest';
import { aBatch } from '#pump/testing';
import { blockSize, blocksOf, freshOf, keyOf, merged } from './blocks.ts';

describe('blocks of records', () => {
  it('are in the same order whatever that of the records is', () => {
    const [first, second] = [aBatch(2_100, {}, 'a-2'), aBatch(3, {}, 'a-1')];
    const entries = [...first, ...second];

    const forwards = blocksOf(entries);

    expect(forwards.map(({ segment, number }) => `${segment}/${number}`)).toEqual([
      'a-1/0',
      'a-2/0',
      'a-2/1',
      'a-2/2',
    ]);
    expect(blocksOf(entries.toReversed())).toEqual(forwards);
  });

  it('tell exactly the records that were noted, however batches are cut', () => {
    const { entries } = aBatch(blockSize + 20, {}, 'b-1');
    const stored = entries.filter(({ index }) => index % 3 !== 1);
    const noted = new Map(
      blocksOf(stored).map((block) => [keyOf(block.segment, block.number), block.bits]),
    );

    const fresh = freshOf(entries, noted);

    expect(fresh).toEqual(entries.filter(({ index }) => index % 3 === 1));
    const all = new Map(
      blocksOf(fresh).map((block) => [keyOf(block.segment, block.number), merged(block, noted)]),
    );
    expect(freshOf(entries, all)).toEqual([]);
  });

  it('give the very same array where nothing was noted: what was made of it can be used', () => {
    const { entries } = aBatch(3);

    expect(freshOf(entries, new Map())).toBe(entries);
  });
});
