import { describe, expect, it } from 'vitest';
import { millis } from '../lib/units.ts';
import type { RecordFields } from '../record/encode/record-fields.ts';
import { parseCommandLine } from './command-line/parse-command-line.ts';
import { type DemoOptions, demoHours, demoOptions } from './demo.ts';
import { Chance } from './traffic/chance.ts';

const noon = new Date(2026, 2, 3, 12).getTime();

const options = (overrides: Partial<DemoOptions> = {}): DemoOptions => ({
  orgId: 'org',
  apiId: '',
  apiVersion: 'Default',
  tracksPath: false,
  days: 2,
  recordsPerHour: 4,
  isFuture: false,
  ...overrides,
});

function hours(overrides: Partial<DemoOptions> = {}): (readonly RecordFields[])[] {
  const chance = new Chance(1, 1);
  const clock = { now: () => millis(noon), random: () => chance.share() };
  return [...demoHours(options(overrides), clock)];
}

const secondsOf = (records: readonly RecordFields[] | undefined) =>
  (records ?? []).map(({ timestamp }) => Number(timestamp?.seconds));

describe('demo mode', () => {
  it('makes one batch for each of the 24 hours of each day', () => {
    expect(hours({ days: 3 }).map(({ length }) => length)).toEqual(Array(72).fill(4));
  });

  it('makes nothing for no days', () => {
    expect(hours({ days: 0 })).toEqual([]);
  });

  it.each([
    [4, 900],
    [7, 514],
    [3_600, 1],
    [4_000, 0],
  ])('spaces %d records of an hour by %d seconds', (recordsPerHour, spacing) => {
    const [first = 0, second] = secondsOf(hours({ days: 1, recordsPerHour })[0]);
    expect(second).toBe(first + spacing);
  });

  it('ends yesterday', () => {
    const batches = hours();
    expect(secondsOf(batches[0])[0]).toBe(Date.UTC(2026, 2, 1) / 1_000);
    expect(secondsOf(batches.at(-1))[0]).toBe(Date.UTC(2026, 2, 2, 23) / 1_000);
  });

  it('starts today when it is about the future', () => {
    const batches = hours({ isFuture: true });
    expect(secondsOf(batches[0])[0]).toBe(Date.UTC(2026, 2, 3) / 1_000);
    expect(secondsOf(batches.at(-1))[0]).toBe(Date.UTC(2026, 2, 4, 23) / 1_000);
  });

  it('draws 300 to 499 records an hour unless told', () => {
    const sizes = hours({ recordsPerHour: 0, days: 5 }).map(({ length }) => length);
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(300);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(499);
    expect(new Set(sizes).size).toBeGreaterThan(20);
  });

  it('answers 80 % with 200, 10 % with 403, 10 % with 500', () => {
    const codes = hours({ recordsPerHour: 1_000 }).flatMap((records) =>
      records.map(({ response_code: code }) => code),
    );
    const share = (code: number) => codes.filter((one) => one === code).length / codes.length;
    expect([share(200), share(403), share(500)].map((one) => one.toFixed(2))).toEqual([
      '0.80',
      '0.10',
      '0.10',
    ]);
  });

  it('spreads over three APIs, 50 keys and six methods', () => {
    const records = hours({ recordsPerHour: 100 }).flat();
    const distinct = (of: (record: RecordFields) => unknown) => new Set(records.map(of)).size;
    expect(distinct(({ api_id: id }) => id)).toBe(3);
    expect(distinct(({ api_key: key }) => key)).toBe(50);
    expect(distinct(({ method }) => method)).toBe(6);
    expect(records.every(({ api_key: key }) => /^org[0-9a-f]{32}$/.test(String(key)))).toBe(true);
  });

  it('has the fixed values of the reference', () => {
    expect(hours({ apiId: 'mine', apiVersion: 'v7', tracksPath: true })[0]?.[0]).toMatchObject({
      api_id: 'mine',
      api_name: 'Foo Bar',
      api_version: 'v7',
      org_id: 'org',
      track_path: true,
      ip_address: '118.93.55.103',
      raw_request: 'Qk9EWSBEQVRB',
      raw_response: 'UkVTUE9OU0UgREFUQQ==',
      tags: ['orgid-org', 'apiid-mine'],
      expireAt: { seconds: noon / 1_000 + 8_760 * 3_600 },
    });
  });
});

describe('the options of demo mode', () => {
  const flagsOf = (...argv: string[]) => {
    const command = parseCommandLine(argv);
    if (command.kind !== 'run') throw new Error('expected a run');
    return command.flags;
  };

  it('are nothing unless an organisation is named', () => {
    expect(demoOptions(flagsOf('--demo-days=3'), {})).toBeUndefined();
  });

  it('come from the flags', () => {
    expect(demoOptions(flagsOf('--demo=org', '--demo-days=3', '--demo-future-data'), {})).toEqual(
      options({ days: 3, recordsPerHour: 0, isFuture: true }),
    );
  });

  it('take the organisation from the variable first', () => {
    const env = { TYK_PMP_BUILDDEMODATA: 'other' };
    expect(demoOptions(flagsOf('--demo=org'), env)?.orgId).toBe('other');
  });
});
