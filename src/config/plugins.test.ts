import { describe, expect, it } from 'vitest';
import { aFile, load } from './testing.ts';

const file = (sluice?: object, type: unknown = './My-Pump.mjs') =>
  aFile({ pumps: { mine: { type } }, ...(sluice === undefined ? {} : { sluice }) });

describe('an entry whose type is a module from outside', () => {
  it('keeps the letters of its type, and is looked for beside the configuration file', async () => {
    const { config, errors } = await load({ file: file({ plugins: ['./My-Pump.mjs'] }) });

    expect(errors).toEqual([]);
    expect(config?.pumps[0]).toMatchObject({
      name: 'MINE',
      type: './My-Pump.mjs',
      plugin: { folder: '.', isAllowed: true },
    });
  });

  it.each(['../a.mjs', '/opt/a.mjs', 'file:///opt/a.mjs', 'npm:@acme/sluice-pump-x'])(
    'may be %s',
    async (type) => {
      const { config } = await load({ file: file({ plugins: [type] }, type) });

      expect(config?.pumps[0]?.plugin?.isAllowed).toBe(true);
    },
  );

  it('is an error until it is allowed in the very same words, with what to write', async () => {
    const { config, errors } = await load({ file: file({ plugins: ['npm:x', 'My-Pump.mjs'] }) });

    expect(config).toBeUndefined();
    expect(errors).toEqual([
      'pump.conf: pumps.mine.type: found "./My-Pump.mjs", code from outside of Sluice that nobody has allowed, expected a module that `sluice.plugins` names; to run this one with the rights of the service write "sluice": {"plugins": ["npm:x","My-Pump.mjs","./My-Pump.mjs"]}, or TYK_PMP_SLUICE_PLUGINS=npm:x,My-Pump.mjs,./My-Pump.mjs',
    ]);
  });

  it('may come from variables alone, and then the error names its variable', async () => {
    const env = { TYK_PMP_PUMPS_MINE_TYPE: './a.mjs' };

    const refused = await load({ file: aFile(), env });
    const allowed = await load({
      file: aFile(),
      env: { ...env, TYK_PMP_SLUICE_PLUGINS: './a.mjs' },
    });

    expect(refused.errors.map((line) => line.slice(0, 40))).toEqual([
      'environment: TYK_PMP_PUMPS_MINE_TYPE: fo',
    ]);
    expect(allowed.errors).toEqual([]);
    expect(allowed.config?.pumps[1]).toMatchObject({
      type: './a.mjs',
      meta: { envPrefix: 'TYK_PMP_PUMPS_MINE_META' },
    });
  });

  it('is looked for in the working folder where the file is left out', async () => {
    const { config } = await load({
      env: {
        TYK_PMP_OMITCONFIGFILE: 'true',
        TYK_PMP_PURGEDELAY: '1',
        TYK_PMP_ANALYTICSSTORAGECONFIG_HOST: 'redis',
        TYK_PMP_ANALYTICSSTORAGECONFIG_PORT: '6379',
        TYK_PMP_PUMPS_MINE_TYPE: './a.mjs',
        TYK_PMP_SLUICE_PLUGINS: './a.mjs',
      },
    });

    expect(config?.pumps[0]?.plugin).toEqual({ folder: '.', isAllowed: true });
  });

  it('is allowed also where another option of ours is wrong, so that nothing untrue is said', async () => {
    const { errors } = await load({ file: file({ plugins: ['./My-Pump.mjs'], workers: 'many' }) });

    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain('sluice.workers');
  });

  it('does not take the place of the type that a name is, as in Tyk Pump', async () => {
    const { config, warnings } = await load({
      file: aFile({ pumps: { csv: { type: './a.mjs' } } }),
      env: { TYK_PMP_PUMPS_CSV_META_DIR: 'x' },
    });

    expect(config?.pumps[0]).toMatchObject({ type: 'csv' });
    expect(config?.pumps[0]?.plugin).toBeUndefined();
    expect(warnings[0]).toContain('"csv"');
  });
});

describe('an ordinary type', () => {
  it('is in lower case and no plugin', async () => {
    const { config } = await load({ file: file(undefined, 'CSV') });

    expect(config?.pumps[0]).toMatchObject({ type: 'csv' });
    expect(config?.pumps[0]?.plugin).toBeUndefined();
  });
});
