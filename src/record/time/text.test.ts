import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../lib/byte-writer.ts';
import type { RecordTime } from '../record.ts';
import { goTimeText, rfc3339, unixNanos, writeRfc3339 } from './text.ts';

const at = (seconds: number | bigint, zone = 'UTC', nanos = 0): RecordTime => ({
  seconds,
  nanos,
  zone,
});

// Taken from Go, with the zone files of the same machine.
const cases: readonly (readonly [RecordTime, string, string])[] = [
  [at(0), '1970-01-01T00:00:00Z', '1970-01-01 00:00:00 +0000 UTC'],
  [
    at(-1, 'UTC', 999_999_999),
    '1969-12-31T23:59:59.999999999Z',
    '1969-12-31 23:59:59.999999999 +0000 UTC',
  ],
  [at(0, 'UTC', 120_000), '1970-01-01T00:00:00.00012Z', '1970-01-01 00:00:00.00012 +0000 UTC'],
  [at(-62_135_596_800), '0001-01-01T00:00:00Z', '0001-01-01 00:00:00 +0000 UTC'],
  [
    at(-62_135_596_800, 'America/New_York'),
    '0000-12-31T19:03:58-04:56',
    '0000-12-31 19:03:58 -0456 LMT',
  ],
  [
    at(1_710_109_320, 'Europe/Berlin'),
    '2024-03-10T23:22:00+01:00',
    '2024-03-10 23:22:00 +0100 CET',
  ],
  [
    at(1_720_000_000, 'Europe/Berlin'),
    '2024-07-03T11:46:40+02:00',
    '2024-07-03 11:46:40 +0200 CEST',
  ],
  [
    at(1_710_109_320, 'Asia/Kathmandu'),
    '2024-03-11T04:07:00+05:45',
    '2024-03-11 04:07:00 +0545 +0545',
  ],
  [at(1_710_109_320, 'Asia/Kolkata'), '2024-03-11T03:52:00+05:30', '2024-03-11 03:52:00 +0530 IST'],
  [at(1_710_109_320, 'Europe/London'), '2024-03-10T22:22:00Z', '2024-03-10 22:22:00 +0000 GMT'],
  [at(253_402_300_800), '10000-01-01T00:00:00Z', '10000-01-01 00:00:00 +0000 UTC'],
  [at(-62_167_219_201), '-0001-12-31T23:59:59Z', '-0001-12-31 23:59:59 +0000 UTC'],
  [at(2n ** 62n), '146138514283-06-19T07:45:04Z', '146138514283-06-19 07:45:04 +0000 UTC'],
  [at(2n ** 63n - 1n), '292277026596-12-04T15:30:07Z', '292277026596-12-04 15:30:07 +0000 UTC'],
];

describe.each(cases)('%o', (time, json, text) => {
  it(`is ${json} in JSON`, () => {
    const out = new ByteWriter();
    writeRfc3339(time, out);

    expect(rfc3339(time)).toBe(json);
    expect(out.view().toString()).toBe(json);
  });

  it(`is ${text} as text`, () => {
    expect(goTimeText(time)).toBe(text);
  });
});

describe('nanoseconds since 1970', () => {
  it('wrap at 64 bits, as in Go', () => {
    expect(unixNanos(at(-1, 'UTC', 5))).toBe(-999_999_995n);
    expect(unixNanos(at(10_000_000_000))).toBe(-8_446_744_073_709_551_616n);
  });
});
