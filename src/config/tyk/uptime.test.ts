import { describe, expect, test } from 'vitest';
import { aFile, load } from '../testing.ts';

const mongo = { mongo_url: 'mongodb://x/tyk' };

/** The entries of a file that wants uptime records delivered. */
async function loadUptime(uptime: unknown, env: Readonly<Record<string, string>> = {}) {
  const file = aFile({ dont_purge_uptime_data: false, uptime_pump_config: uptime });
  const { config, ...said } = await load({ file, env });
  const entries = config?.pumps ?? [];
  return { ...said, entry: entries.find(({ records }) => records === 'uptime'), entries };
}

describe('uptime_pump_config', () => {
  test('is one more pump, for another kind of records, under a name no other has', async () => {
    const { entry, entries, errors, warnings, notes } = await loadUptime(mongo);

    expect(entry).toMatchObject({
      name: 'uptime',
      type: 'uptime-mongo',
      meta: { raw: mongo, key: 'uptime_pump_config', envPrefix: 'TYK_PMP_UPTIMEPUMPCONFIG' },
    });
    expect(entries.map(({ name, records }) => [name, records])).toEqual([
      ['STDOUT', 'analytics'],
      ['uptime', 'uptime'],
    ]);
    expect([errors, warnings, notes]).toEqual([[], [], []]);
  });

  test('has the redaction that holds for all pumps, and nothing else of it', async () => {
    const records = { redact: ['secrets'], filter: 'status:5xx', sample: { rate: 0.5 } };
    const file = aFile({
      ...{ dont_purge_uptime_data: false, uptime_pump_config: mongo, sluice: { records } },
    });
    const entry = (await load({ file })).config?.pumps.find(({ name }) => name === 'uptime');

    expect(entry?.rules).toMatchObject({
      redact: { presets: ['secrets'] },
      ...{ filter: '', sample: undefined, fields: undefined, enrich: undefined },
    });
  });

  test('stands beside a pump of the same name', async () => {
    const pumps = { uptime: { type: 'stdout' } };
    const file = aFile({ dont_purge_uptime_data: false, uptime_pump_config: mongo, pumps });

    expect((await load({ file })).config?.pumps.map(({ name }) => name)).toEqual([
      'UPTIME',
      'uptime',
    ]);
  });

  test.each<[string, unknown, Record<string, string>, string]>([
    ['sql', { uptime_type: 'sql' }, {}, 'uptime-sql'],
    ['nothing', { mongo_url: 'x' }, {}, 'uptime-mongo'],
    ['mongo', { uptime_type: 'mongo' }, {}, 'uptime-mongo'],
    ['a variable', { uptime_type: 'mongo' }, { UPTIMETYPE: 'sql' }, 'uptime-sql'],
    ['variables alone', undefined, { UPTIMETYPE: 'sql', TYPE: 'postgres' }, 'uptime-sql'],
  ])('goes where uptime_type says: %s', async (_, uptime, variables, type) => {
    const env = Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [`TYK_PMP_UPTIMEPUMPCONFIG_${name}`, value]),
    );
    const { entry, warnings } = await loadUptime(uptime, env);

    expect(entry?.type).toBe(type);
    expect(warnings).toEqual([]);
  });

  test('takes any other word for mongo, as Tyk Pump does, and says so where it was said', async () => {
    const inFile = await loadUptime({ uptime_type: 'SQL' });
    expect(inFile.entry?.type).toBe('uptime-mongo');
    expect(inFile.warnings).toEqual([
      expect.stringContaining('pump.conf: uptime_pump_config.uptime_type: found another text'),
    ]);

    const said = await loadUptime(mongo, { TYK_PMP_UPTIMEPUMPCONFIG_UPTIMETYPE: 'postgres' });
    expect(said.warnings).toEqual([
      expect.stringContaining('environment: TYK_PMP_UPTIMEPUMPCONFIG_UPTIMETYPE: found'),
    ]);
  });

  test('may be said by the variable of old', async () => {
    const { entry } = await loadUptime(undefined, { PMP_MONGO_MONGOURL: 'mongodb://x/tyk' });

    expect(entry).toMatchObject({
      type: 'uptime-mongo',
      meta: { isFileless: true, readsLegacy: true },
    });
  });

  test('does not ask the variables of old where it names a Mongo itself', async () => {
    const env = { PMP_MONGO_MONGOURL: 'mongodb://old/tyk' };
    expect((await loadUptime(mongo, env)).entry?.meta.readsLegacy).toBe(false);
    const said = { ...env, TYK_PMP_UPTIMEPUMPCONFIG_MONGOURL: 'mongodb://x/tyk' };
    expect((await loadUptime({ mongo_url: '' }, said)).entry?.meta.readsLegacy).toBe(false);
    expect((await loadUptime({ mongo_url: '' }, env)).entry?.meta.readsLegacy).toBe(true);
  });

  test.each([[undefined], [{}], [null]])(
    'is not there with %j: uptime records stay in Redis, and that is said',
    async (uptime) => {
      const { entry, errors, warnings, notes } = await loadUptime(uptime);

      expect(entry).toBeUndefined();
      expect([errors, warnings]).toEqual([[], []]);
      expect(notes).toEqual([expect.stringContaining('they stay in Redis untouched')]);
    },
  );

  test('means nothing where the list is to be left alone', async () => {
    const file = aFile({ dont_purge_uptime_data: true, uptime_pump_config: mongo });
    const { config, warnings, notes } = await load({ file });

    expect(config?.pumps.map(({ name }) => name)).toEqual(['STDOUT']);
    expect([warnings, notes]).toEqual([[], []]);
  });
});

describe('the list of uptime records', () => {
  test.each([
    [{}, 'host-checker:'],
    [{ TYK_PMP_ANALYTICSSTORAGECONFIG_KEYPREFIX: 'e-' }, 'host-checker:'],
    [{ TYK_PMP_REDIS_KEYPREFIX: 'e-' }, 'e-'],
    [{ TYK_PMP_TEMPORAL_STORAGE_KEYPREFIX: 'e-' }, 'e-'],
  ])('has with %j the prefix %s', async (env, uptimeKeyPrefix) => {
    const { config } = await load({ file: aFile(), env });

    expect(config?.redis).toMatchObject({ uptimeKeyPrefix });
  });
});
