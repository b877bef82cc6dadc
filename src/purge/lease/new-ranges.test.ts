import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aList } from '../testing.ts';
import { shares } from './new-ranges.ts';

const lists = (...mosts: readonly number[]) =>
  mosts.map((most, at) => ({ list: aList(`list-${at}`), most }));
const counts = (asked: ReturnType<typeof shares>) => asked.map(({ most }) => most);

describe('who is asked for new ranges', () => {
  it('is every list, for a little, as long as there is room', () => {
    expect(counts(shares(lists(1, 1, 1), 3))).toEqual([1, 1, 1]);
    expect(counts(shares(lists(1, 1, 1), 2))).toEqual([1, 1]);
  });

  it('is one list for much, where it had much', () => {
    expect(counts(shares(lists(8, 1, 1), 8))).toEqual([8]);
  });

  it('is asked for all that fits, in even parts', () => {
    expect(counts(shares(lists(1), 16))).toEqual([16]);
    expect(counts(shares(lists(2, 1), 10))).toEqual([6, 4]);
  });

  it('is never asked for more than fits, nor for less while a list is there', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 0, max: 100 }),
        (mosts, most) => {
          const asked = counts(shares(lists(...mosts), most));
          expect(asked.reduce((sum, each) => sum + each, 0)).toBe(most);
          expect(asked.every((each) => each > 0)).toBe(true);
        },
      ),
    );
  });
});
