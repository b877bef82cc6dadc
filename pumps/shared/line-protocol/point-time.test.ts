import { describe, expect, it } from 'vitest';
import { millis } from '#pump';
import { pointNanos, writeNanos } from './point-time.ts';

const at = (seconds: number | bigint, nanos = 0, identity = { segment: 'a', index: 0 }) =>
  pointNanos({ seconds, nanos, zone: 'UTC' }, identity);

describe('the time of a point', () => {
  it('is the same for the same record', () => {
    expect(at(1_710_109_320, 117_000_000)).toBe(at(1_710_109_320, 117_000_000));
  });

  it.each([
    [117_000_000, /^1710109320117\d{6}$/],
    [117_119_000, /^1710109320117119\d{3}$/],
    [117_119_871, /^1710109320117119\d{3}$/],
    [0, /^1710109320000\d{6}$/],
  ])('keeps what the record says: %i', (nanos, expected) => {
    expect(at(1_710_109_320, nanos)).toMatch(expected);
  });

  it.each([
    ['a millisecond', 0, 100_000],
    ['a microsecond', 1, 1_000],
  ])('differs for the records of one segment in %s', (_, nanos, count) => {
    const times = Array.from({ length: count }, (_, index) =>
      at(1_710_109_320, nanos, { segment: '1700000000000000-3', index }),
    );

    expect(new Set(times).size).toBe(count);
  });

  it('begins at another place for another segment', () => {
    expect(at(1, 0, { segment: '1700000000000000-3', index: 0 })).not.toBe(
      at(1, 0, { segment: '1700000000000000-4', index: 0 }),
    );
  });

  it.each([
    [0, /^\d{1,6}$/],
    [-1, /^-999\d{6}$/],
    [-9_223_372_035n, /^-9223372034\d{9}$/],
  ])('may lie before 1970: %s', (seconds, expected) => {
    expect(at(seconds)).toMatch(expected);
  });

  it.each([-62_135_596_800, 9_223_372_036, -9_223_372_036, 2n ** 62n])(
    'is none where 64 bits cannot hold it: %s',
    (seconds) => {
      expect(at(seconds)).toBeUndefined();
    },
  );
});

it('keeps records apart that are written in the same millisecond', () => {
  const times = Array.from({ length: 1_000 }, (_, index) =>
    writeNanos(millis(1_710_109_320_117.9), { segment: 'a', index }),
  );

  expect(new Set(times).size).toBe(1_000);
  expect(times[0]).toMatch(/^1710109320117\d{6}$/);
});
