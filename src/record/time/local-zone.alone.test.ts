import { beforeAll, expect, it, vi } from 'vitest';
import { aRecord } from '../testing.ts';
import { rfc3339 } from './text.ts';

beforeAll(() => {
  process.env['TZ'] = 'America/New_York';
});

const timestampOf = (encoding: 'msgpack' | 'protobuf', zone: string): string =>
  rfc3339(aRecord({ timestamp: { seconds: 1_710_109_320, zone } }, { encoding }).time('timestamp'));

it.each([
  ['msgpack', 'Europe/Berlin', '2024-03-10T18:22:00-04:00'],
  ['protobuf', 'Europe/Berlin', '2024-03-10T23:22:00+01:00'],
  ['protobuf', 'Local', '2024-03-10T18:22:00-04:00'],
  ['protobuf', '', '2024-03-10T22:22:00Z'],
  ['protobuf', 'Mars/Olympus', '0001-01-01T00:00:00Z'],
] as const)('a %s time sent from %j is shown as %3$s', (encoding, zone, expected) => {
  expect(timestampOf(encoding, zone)).toBe(expected);
});

it.each(['UTC', 'Etc/UTC', 'Zulu', 'GMT', 'Europe/London', 'Africa/Abidjan', 'Asia/Kolkata'])(
  'the zone %s is called as the library of zones calls it',
  async (zone) => {
    process.env['TZ'] = zone;
    vi.resetModules();
    const { localZone } = await import('./local-zone.ts');

    expect(localZone()).toBe(new Intl.DateTimeFormat().resolvedOptions().timeZone);
  },
);
