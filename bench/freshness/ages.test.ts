import { describe, expect, it } from 'vitest';
import { Ages } from './ages.ts';

describe('the ages of records', () => {
  it('are told by the time at which each was made', () => {
    const ages = new Ages({ firstAt: 1_000, interval: 10 }, 100);
    for (let index = 0; index < 100; index++) ages.arrived(index, 1_000 + index * 10 + index);

    expect(ages.between(1_000, 2_000)).toEqual({
      ...{ records: 100, missing: 0, p50: 49, p99: 98, max: 99 },
    });
    // Those from 50 to 59.
    expect(ages.between(1_500, 1_600)).toMatchObject({ records: 10, p50: 54, max: 59 });
  });

  it('tell what has not arrived, and take no notice of what was not expected', () => {
    const ages = new Ages({ firstAt: 0, interval: 0.1 }, 20);
    ages.arrived(3, 7);
    ages.arrived(99, 7);

    expect(ages.between(0, 2)).toEqual({ records: 20, missing: 19, p50: 6.7, p99: 6.7, max: 6.7 });
    expect(ages.between(1, 2)).toMatchObject({ records: 10, missing: 10, p50: 0 });
  });
});
