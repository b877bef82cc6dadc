import { describe, expect, it } from 'vitest';
import { identityOf, recordIdOf } from './batch.ts';

describe('a record id', () => {
  it.each([0, 7, 10, 999_999_999])('can be taken apart again: index %i', (index) => {
    const segment = '1700000000000000-12-9f3acd01';

    expect(identityOf(recordIdOf(segment, index))).toEqual({ segment, index });
  });

  it.each(['', ':', '17-1', '17-1:', ':3', '17-1:03', '17-1:-3', '17-1:3:', '1"7:3', '17\n1:3'])(
    'is not this: %j',
    (text) => {
      expect(identityOf(text)).toBeUndefined();
    },
  );
});
