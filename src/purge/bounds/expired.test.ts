import { describe, expect, it } from 'vitest';
import { expiredBetween } from './expired.ts';
import type { ListLook } from './list-look.ts';

const look = (at: number, changes: Partial<ListLook> = {}): ListLook => ({
  ...{ by: 'redis', since: at, until: at, records: 100, expiresIn: 500, first: 'a', claimed: 10 },
  ...changes,
});
const gone = (at: number, changes: Partial<ListLook> = {}): ListLook =>
  look(at, { records: 0, expiresIn: undefined, first: undefined, ...changes });

const before = look(1000);

describe('expiredBetween', () => {
  it.each([
    ['gone when its time was over', before, gone(1500), 100],
    ['gone before: somebody took it', before, gone(1499), 0],
    ['still there, with more time', before, look(1600, { records: 130, expiresIn: 900 }), 0],
    ['another list in its place', before, look(1600, { records: 3, first: 'b' }), 100],
    ['another list, as long', before, look(1600, { records: 200, first: 'b' }), 100],
    ['claimed as a whole', before, gone(1600, { claimed: 110 }), 0],
    ['claimed with what came after the look', before, gone(1600, { claimed: 140 }), 0],
    ['expired, and what came then was claimed', before, gone(1600, { claimed: 15 }), 100],
    ['Redis lost its data', before, gone(1600, { claimed: undefined }), 0],
    ['Redis lost its data, and was used again', before, gone(1600, { claimed: 3 }), 0],
    ['never claimed', look(1000, { claimed: undefined }), gone(1600, { claimed: undefined }), 100],
    [
      'claimed for the first time',
      look(1000, { claimed: undefined }),
      gone(1600, { claimed: 100 }),
      0,
    ],
    ['nothing was in it', gone(1000), gone(1600), 0],
    ['without a time-to-live', look(1000, { expiresIn: undefined }), gone(1600), 0],
    ['by two clocks', look(1000, { by: 'ours' }), gone(1600), 0],
    [
      'when it was over is not sure yet',
      look(1000, { by: 'ours', until: 1050 }),
      gone(1490, { by: 'ours', until: 1499 }),
      0,
    ],
    [
      'without rights for scripts, where what is first is not known',
      look(1000, { by: 'ours', first: undefined }),
      look(1600, { by: 'ours', first: undefined, records: 120 }),
      0,
    ],
  ] as const)('%s', (_, earlier, later, expected) => {
    expect(expiredBetween(earlier, later)).toBe(expected);
  });
});
