import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { goTimeOf } from './go-time.ts';
import { goTimeText } from './text.ts';

// Clocks there were not whole minutes off until 1893.
beforeAll(() => {
  process.env['TZ'] = 'Europe/Berlin';
});

const seconds = fc.oneof(
  fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }),
  fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }),
);

describe('a time of Go, read back', () => {
  it.each(['UTC', 'Europe/Berlin', 'Asia/Kathmandu'])('is the same instant, of %s', (zone) => {
    // Elsewhere than here, a distance is whole minutes only since zones were made.
    const first = zone === 'Asia/Kathmandu' ? -1_000_000_000 : -(2n ** 62n);
    const since = seconds.filter((each) => each >= first);
    fc.assert(
      fc.property(since, fc.nat({ max: 999_999_999 }), (at, nanos) => {
        const read = goTimeOf(goTimeText({ seconds: at, nanos, zone }));
        expect([BigInt(read?.seconds ?? 0), read?.nanos]).toEqual([BigInt(at), nanos]);
      }),
      { numRuns: 300 },
    );
  });

  it('is that of year 1 where nothing was set', () => {
    const text = goTimeText({ seconds: -62_135_596_800, nanos: 0, zone: 'Europe/Berlin' });
    expect(text).toBe('0001-01-01 00:53:28 +0053 LMT');
    expect(goTimeOf(text)).toEqual({ seconds: -62_135_596_800, nanos: 0 });
  });

  it.each([
    '',
    '2026-01-31',
    '2026-01-31T12:00:00Z',
    '2026-02-30 12:00:00 +0000 UTC',
    '2026-13-01 12:00:00 +0000 UTC',
    '2026-01-31 24:00:00 +0000 UTC',
    '2026-01-31 12:60:00 +0000 UTC',
    '2026-01-31 12:00:00. +0000 UTC',
    '2026-01-31 12:00:00 +0000',
    '999999999999-01-01 00:00:00 +0000 UTC',
    '2026-01-31 12:00:00 +0000 UTC x',
  ])('is none of %j', (text) => {
    expect(goTimeOf(text)).toBeUndefined();
  });
});
