import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dateOf, daysOf, splitDays } from './civil.ts';
import { intlZone } from './intl-zone.ts';
import { parsePosixRule } from './posix-rule.ts';
import { parseTzif } from './tzif.ts';
import { hasZone, periodAt } from './zone.ts';

const year2024 = 1_704_067_200;
const recently = fc.integer({ min: -1_000_000_000, max: 8_000_000_000 });

describe('zones', () => {
  it.each(['Europe/Berlin', 'UTC', 'Asia/Kathmandu', 'America/Argentina/Buenos_Aires'])(
    'know %s',
    (name) => {
      expect(hasZone(name)).toBe(true);
    },
  );

  it.each([
    '',
    'XYZ',
    'Mars/Olympus',
    '../etc/passwd',
    '/etc/localtime',
    'Europe',
    'Europe/../Europe/Berlin',
    'a'.repeat(9_000),
  ])('do not know %s', (name) => {
    expect(hasZone(name)).toBe(false);
  });

  it('show UTC where nobody knows the zone', () => {
    expect(periodAt('XYZ', 0)).toMatchObject({ offset: 0, abbreviation: 'UTC' });
  });

  it.each([
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kolkata',
    'Europe/Dublin',
    'America/Sao_Paulo',
  ])('give %s the same offsets by either source', (name) => {
    const byRuntime = intlZone(name)!;

    fc.assert(
      fc.property(recently, (seconds) => {
        const period = periodAt(name, seconds);
        expect(period.offset).toBe(byRuntime(seconds).offset);
        expect(period.start <= seconds && seconds < period.end).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});

describe('the runtime as source', () => {
  it.each([
    ['Europe/Berlin', year2024, 3600, 'CET'],
    ['Asia/Kathmandu', year2024, 20_700, '+0545'],
    ['America/New_York', -62_135_596_800, -17_762, '-0456'],
    ['America/New_York', 1e15, -14_400, '-04'],
  ])('shows %s at %d as %d %s', (name, seconds, offset, abbreviation) => {
    expect(intlZone(name)!(seconds)).toMatchObject({ offset, abbreviation });
  });
});

describe('rules for the future', () => {
  it.each([
    ['CET-1CEST,M3.5.0,M10.5.0/3', 1_711_846_799, 3600, 'CET'],
    ['CET-1CEST,M3.5.0,M10.5.0/3', 1_711_846_800, 7200, 'CEST'],
    ['<+0545>-5:45', 0, 20_700, '+0545'],
    ['EST5EDT,M3.2.0,M11.1.0', 1_720_000_000, -14_400, 'EDT'],
    ['AEST-10AEDT,M10.1.0,M4.1.0/3', year2024, 39_600, 'AEDT'],
    ['IST-1GMT0,M10.5.0,M3.5.0/1', year2024, 0, 'GMT'],
    ['<-02>2<-01>,M3.5.0/-1,M10.5.0/0', year2024, -7200, '-02'],
    ['XXX3YYY,J60,J300', year2024 + 59 * 86_400 + 4 * 3600, -10_800, 'XXX'],
    ['XXX3YYY,J60,J300', year2024 + 60 * 86_400 + 5 * 3600, -7200, 'YYY'],
    ['XXX3YYY,59,300', year2024 + 59 * 86_400 + 5 * 3600, -7200, 'YYY'],
  ])('%s at %d is %d %s', (rule, seconds, offset, abbreviation) => {
    expect(parsePosixRule(rule)!(seconds)).toMatchObject({ offset, abbreviation });
  });

  it.each(['', 'CET', '-1', 'CET-1CEST,M3.5.0'])('%j is none', (text) => {
    expect(parsePosixRule(text)).toBeUndefined();
  });
});

describe('zone files', () => {
  it('that are none are refused, whatever is in them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => parseTzif(Buffer.concat([Buffer.from('TZif2'), bytes]))).not.toThrow();
        expect(parseTzif(Buffer.from(bytes))).toBeUndefined();
      }),
    );
  });
});

describe('dates', () => {
  it('are those of the runtime in its range', () => {
    fc.assert(
      fc.property(fc.integer({ min: -8_640_000_000_000, max: 8_640_000_000_000 }), (seconds) => {
        const date = new Date(seconds * 1000);
        const { days, rest } = splitDays(seconds);
        const { year, month, day } = dateOf(days);
        expect([year, month, day, rest]).toEqual([
          date.getUTCFullYear(),
          date.getUTCMonth() + 1,
          date.getUTCDate(),
          date.getUTCHours() * 3600 + date.getUTCMinutes() * 60 + date.getUTCSeconds(),
        ]);
        expect(splitDays(BigInt(seconds))).toEqual({ days, rest });
        expect(daysOf(year, month, day)).toBe(days);
      }),
    );
  });
});
