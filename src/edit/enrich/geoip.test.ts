import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { FakeClock } from '../../lib/fake-clock.testing.ts';
import { type Log, type LogFields, silentLog } from '../../lib/log.ts';
import { seconds } from '../../lib/units.ts';
import { type GeoIp, openGeoIp } from './geoip.ts';
import { mmdb } from './mmdb.testing.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'geoip-'));
});
afterAll(() => rm(folder, { recursive: true }));

const city = (isoCode: string) => ({
  country: { iso_code: isoCode, geoname_id: 1 },
  city: { geoname_id: 2_950_159, names: { en: 'Berlin', ja: 'ベルリン' } },
  location: { latitude: 52.52, longitude: 13.375, time_zone: 'Europe/Berlin', accuracy_radius: 5 },
});

function logged(lines: (readonly [level: string, fields: LogFields, message: string])[]): Log {
  return {
    ...silentLog,
    warn: (fields, message) => lines.push(['warn', fields, message]),
    info: (fields, message) => lines.push(['info', fields, message]),
  };
}

async function opened(file: string, lines: Parameters<typeof logged>[0] = []) {
  const clock = new FakeClock();
  const found = await openGeoIp({ file, checkEvery: seconds(10), clock, log: logged(lines) });
  if (found.outcome === 'failed') throw new Error(found.problem.reason);
  return { clock, geoIp: found.geoIp };
}

async function written(name: string, bytes: Buffer): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, bytes);
  return file;
}

const find = (geoIp: GeoIp, address: string) => geoIp.find(Buffer.from(address));
const germany = {
  isoCode: 'DE',
  cityId: 2_950_159,
  cityNames: { en: 'Berlin', ja: 'ベルリン' },
  latitude: 52.52,
  longitude: 13.375,
  timeZone: 'Europe/Berlin',
};

describe("a file in MaxMind's own layout", () => {
  let geoIp: GeoIp;
  beforeAll(async () => {
    const networks = {
      '81.2.69.0/24': city('DE'),
      '2a02:8100::/32': city('FR'),
      '10.0.0.0/8': city('XX'),
      '5.0.0.0/8': { registered_country: { iso_code: 'AT' }, location: { latitude: 1.5 } },
      '6.0.0.0/8': { traits: { is_anycast: true } },
      '7.0.0.0/8': { country: { iso_code: 7 }, city: { names: { en: '' } }, location: 'x' },
    };
    geoIp = (await opened(await written('city.mmdb', mmdb(networks)))).geoIp;
  });

  it('says all that it has', () => {
    expect(find(geoIp, '81.2.69.142')).toEqual(germany);
    expect(find(geoIp, '2a02:8100::1')).toEqual({ ...germany, isoCode: 'FR' });
  });

  it('says what it has of less', () => {
    expect(find(geoIp, '5.6.7.8')).toEqual({ isoCode: 'AT', latitude: 1.5 });
    expect(find(geoIp, '6.6.7.8')).toBeUndefined();
    expect(find(geoIp, '7.6.7.8')).toBeUndefined();
  });

  test.each(['::ffff:81.2.69.142', '2a02:8100:0:0:0:0:0:1%eth0'])('knows %s', (address) => {
    expect(find(geoIp, address)?.cityId).toBe(2_950_159);
  });

  test.each([
    ...['', '81.2.70.1', 'unknown', '81.2.69.142:80', '81.2.69.142, 1.1.1.1', '10.1.2.3'],
    ...['127.0.0.1', '::1', 'fe80::1', 'fd00::1', '::', '::81.2.69.142', 'x'.repeat(100_000)],
  ])('says nothing of %s', (address) => {
    expect(find(geoIp, address)).toBeUndefined();
  });

  it('says what it is', () => {
    expect(geoIp.state).toMatchObject({
      databaseType: 'Test-City',
      builtAt: new Date(1_700_000_000_000),
      problem: undefined,
    });
  });
});

it('reads a flat file that others make', async () => {
  const file = createRequire(import.meta.url).resolve(
    '@ip-location-db/geolite2-country-mmdb/geolite2-country.mmdb',
  );
  const { geoIp } = await opened(file);

  expect(find(geoIp, '81.2.69.142')).toEqual({ isoCode: 'GB' });
  expect(find(geoIp, '2001:4860:4860::8888')).toEqual({ isoCode: 'US' });
  expect(find(geoIp, '192.168.1.1')).toBeUndefined();
});

it('reads the cities of a flat file', async () => {
  const flat = {
    ...{ country_code: 'DE', city: 'Berlin', latitude: '52.5', longitude: 13.5 },
    timezone: 'Europe/Berlin',
  };
  const { geoIp } = await opened(await written('flat.mmdb', mmdb({ '81.0.0.0/8': flat })));

  expect(find(geoIp, '81.2.69.142')).toEqual({
    ...{ isoCode: 'DE', cityNames: { en: 'Berlin' }, latitude: 52.5, longitude: 13.5 },
    timeZone: 'Europe/Berlin',
  });
});

it('looks for no address of version 6 in a file of version 4', async () => {
  const bytes = mmdb({ '32.0.0.0/4': city('DE') }, { ipVersion: 4 });
  const { geoIp } = await opened(await written('four.mmdb', bytes));

  expect(find(geoIp, '32.1.1.1')?.isoCode).toBe('DE');
  expect(find(geoIp, '2001:4860::1')).toBeUndefined();
});

describe('a file that cannot be read at the start', () => {
  const reasonFor = async (file: string) => {
    const found = await openGeoIp({
      ...{ file, checkEvery: seconds(10), clock: new FakeClock(), log: silentLog },
    });
    return found.outcome === 'failed' ? found.problem : undefined;
  };

  it('is named with the reason', async () => {
    const missing = path.join(folder, 'missing.mmdb');

    expect(await reasonFor(missing)).toMatchObject({
      file: missing,
      reason: expect.stringContaining('ENOENT') as string,
    });
    expect(await reasonFor(folder)).toEqual({ file: folder, reason: 'it is no file' });
  });

  test.each([
    ['empty', Buffer.alloc(0)],
    ['something else', Buffer.from('no database'.repeat(1000))],
    ['cut off', mmdb({ '81.0.0.0/8': city('DE') }).subarray(0, -100)],
  ])('is refused where it is %s', async (name, bytes) => {
    const file = await written(`${name}.mmdb`, bytes);

    expect((await reasonFor(file))?.reason).not.toBe('');
    expect(await reasonFor(file)).toMatchObject({ file });
  });
});

describe('a file that changes', () => {
  const address = '81.2.69.142';
  const isoCode = (geoIp: GeoIp) => find(geoIp, address)?.isoCode;

  /** The next look at the file, and what it brings. */
  async function afterCheck(clock: FakeClock, geoIp: GeoIp): Promise<string | undefined> {
    await clock.advance(10_000);
    isoCode(geoIp);
    await geoIp.settled();
    return isoCode(geoIp);
  }

  async function replaced(file: string, bytes: Buffer): Promise<void> {
    await writeFile(`${file}.new`, bytes);
    await rename(`${file}.new`, file);
  }

  it('is read again, at most once in the time between two looks', async () => {
    const lines: Parameters<typeof logged>[0] = [];
    const file = await written('changing.mmdb', mmdb({ '81.0.0.0/8': city('DE') }));
    const { clock, geoIp } = await opened(file, lines);
    await replaced(file, mmdb({ '81.0.0.0/8': city('FR') }, { databaseType: 'New' }));

    await clock.advance(9_999);
    expect(isoCode(geoIp)).toBe('DE');
    await geoIp.settled();
    expect(isoCode(geoIp)).toBe('DE');

    await clock.advance(1);
    expect(isoCode(geoIp)).toBe('DE');
    await geoIp.settled();
    expect(isoCode(geoIp)).toBe('FR');
    expect(geoIp.state.databaseType).toBe('New');
    expect(lines.map(([level]) => level)).toEqual(['info']);
    expect(await afterCheck(clock, geoIp)).toBe('FR');
    expect(lines).toHaveLength(1);
  });

  it('stays in use while another one is broken or gone, with one line for each reason', async () => {
    const lines: Parameters<typeof logged>[0] = [];
    const good = mmdb({ '81.0.0.0/8': city('DE') });
    const file = await written('breaking.mmdb', good);
    const { clock, geoIp } = await opened(file, lines);

    await replaced(file, Buffer.from('broken'));
    expect(await afterCheck(clock, geoIp)).toBe('DE');
    expect(await afterCheck(clock, geoIp)).toBe('DE');
    expect(geoIp.state.problem).not.toBeUndefined();
    expect(lines.map(([level]) => level)).toEqual(['warn']);

    await rm(file);
    await mkdir(file);
    expect(await afterCheck(clock, geoIp)).toBe('DE');
    expect(geoIp.state.problem).toBe('it is no file');
    expect(lines).toHaveLength(2);
    expect(lines[1]?.[1]).toEqual({ file, reason: 'it is no file' });

    await rm(file, { recursive: true });
    await replaced(file, mmdb({ '81.0.0.0/8': city('FR') }));
    expect(await afterCheck(clock, geoIp)).toBe('FR');
    expect(geoIp.state.problem).toBeUndefined();
  });

  it('is in order again once it is back', async () => {
    const file = await written('away.mmdb', mmdb({ '81.0.0.0/8': city('DE') }));
    const { clock, geoIp } = await opened(file);

    await rename(file, `${file}.away`);
    expect(await afterCheck(clock, geoIp)).toBe('DE');
    expect(geoIp.state.problem).toContain('ENOENT');
    await rename(`${file}.away`, file);
    expect(await afterCheck(clock, geoIp)).toBe('DE');
    expect(geoIp.state.problem).toBeUndefined();
  });
});

it('says once of a file that it is damaged where an address is', async () => {
  const lines: Parameters<typeof logged>[0] = [];
  const bytes = mmdb({ '81.0.0.0/8': city('DE'), '1.0.0.0/8': city('AU') });
  bytes.fill(0x3f, bytes.indexOf('country') - 2, bytes.indexOf('country') + 8);
  const { geoIp } = await opened(await written('damaged.mmdb', bytes), lines);

  expect(find(geoIp, '81.2.69.142')).toBeUndefined();
  expect(find(geoIp, '81.2.69.143')).toBeUndefined();
  expect(find(geoIp, '1.1.1.1')?.isoCode).toBe('AU');
  expect(geoIp.state.problem).toContain('it is damaged');
  expect(lines).toHaveLength(1);
});
