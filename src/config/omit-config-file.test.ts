import { describe, expect, test } from 'vitest';
import { aFile, load } from './testing.ts';

describe('TYK_PMP_OMITCONFIGFILE', () => {
  const env = {
    TYK_PMP_PUMPS_STDOUT_TYPE: 'stdout',
    TYK_PMP_PURGEDELAY: '1',
    TYK_PMP_DONTPURGEUPTIMEDATA: 'true',
  };
  const file = 'this is not JSON and must not be read';

  test.each(['true', 'TRUE', 'tRuE'])('%s omits the file', async (said) => {
    const { config, warnings } = await load({
      file,
      env: { ...env, TYK_PMP_OMITCONFIGFILE: said },
    });
    expect(warnings).toEqual([]);
    expect(config).toMatchObject({ purge: { delay: 1000 }, pumps: [{ name: 'STDOUT' }] });
  });

  test('1 does not, as in Tyk Pump, and is a warning', async () => {
    const { errors, warnings } = await load({ file, env: { ...env, TYK_PMP_OMITCONFIGFILE: '1' } });
    expect(errors).toEqual([
      expect.stringContaining('pump.conf: line 1, column 1: found a word without quotes'),
    ]);
    expect(warnings).toEqual([expect.stringContaining('TYK_PMP_OMITCONFIGFILE')]);
  });

  test('yes is an error', async () => {
    const said = { ...env, TYK_PMP_OMITCONFIGFILE: 'yes' };
    expect((await load({ file: aFile(), env: said })).errors).toEqual([
      expect.stringContaining('TYK_PMP_OMITCONFIGFILE'),
    ]);
  });

  test('the key in the file has no effect', async () => {
    expect((await load({ file: aFile({ omit_config_file: true }) })).warnings).toEqual([
      expect.stringContaining('omit_config_file: found boolean, expected it left out'),
    ]);
  });
});
