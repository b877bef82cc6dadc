import { describe, expect, it } from 'vitest';
import { millis } from '../../lib/units.ts';
import type { RecordTime } from '../../record/record.ts';
import { aFakeRecord, aLetter, aList, anItem } from '../testing/parts.testing.ts';
import { sampledAges } from './delivery-age.ts';

const now = millis(1_700_000_000_000);
const recordOf = (time: Partial<RecordTime>) => ({
  origin: anItem().origin,
  record: { ...aFakeRecord(), time: () => ({ seconds: 0, nanos: 0, zone: 'UTC', ...time }) },
});
/** Records that are so many seconds old. */
const aged = (ages: readonly number[]) =>
  ages.map((age) => recordOf({ seconds: 1_700_000_000 - age }));

describe('the age of delivered records', () => {
  it('is what the clock says less the time of the record, to the fraction', () => {
    const record = recordOf({ seconds: 1_699_999_998n, nanos: 250_000_000 });

    expect(sampledAges([record], now)).toEqual([1.75]);
  });

  it('is that of the middle one of each thousand, and of the rest', () => {
    const ages = Array.from({ length: 2_400 }, (_, index) => 10_000 - index);

    expect(sampledAges(aged(ages), now)).toEqual([9_500, 8_500, 7_800]);
    expect(sampledAges(aged([7, 5, 3]), now)).toEqual([5]);
    expect(sampledAges([], now)).toEqual([]);
  });

  it('is never below zero, whatever the clock of the gateway says', () => {
    expect(sampledAges(aged([-5]), now)).toEqual([0]);
  });

  it('is not told by dead letters that are tried again', () => {
    const origin = { kind: 'letter', list: aList(), letter: aLetter() } as const;

    expect(sampledAges([{ ...recordOf({ seconds: 1 }), origin }], now)).toEqual([]);
  });

  it('is not told by records without a time', () => {
    expect(sampledAges([recordOf({}), recordOf({ seconds: -62_135_596_800 })], now)).toEqual([]);
  });
});
