import { describe, expect, it } from 'vitest';
import { findPump, pumpTypes } from '../../../pumps/index.ts';
import { loadConfig } from '../../config/load.ts';
import { aContext } from '../testing.ts';
import { config } from './config.ts';

const file = {
  purge_delay: 5,
  dont_purge_uptime_data: true,
  analytics_storage_config: { host: '127.0.0.1', port: 6379, password: 'opensesame' },
  pumps: { file: { meta: { path: '/var/log/records' }, fields: { rename: { api_id: 'theApi' } } } },
};

async function run(
  flags: { readonly said?: boolean; readonly json?: boolean } = {},
  text = JSON.stringify(file, undefined, 2),
) {
  const context = aContext({
    load: (path) =>
      loadConfig({
        path,
        env: { TYK_PMP_PURGECHUNK: '100' },
        readFile: () => Promise.resolve(text),
        types: pumpTypes,
      }),
  });
  const given = { help: false, conf: 'my.conf', said: false, json: false, ...flags };
  const code = await config({ kind: 'config', flags: given }, context, { findPump });
  return { code, out: context.out(), err: context.err() };
}

describe('sluice config', () => {
  it('has a line for each option, with its value and who said it', async () => {
    const { code, out } = await run();
    expect(code).toBe(0);
    expect(out).toMatch(/^OPTION +VALUE +FROM\n/);
    expect(out).toMatch(/^purge_delay +5 +my\.conf:2:3$/m);
    expect(out).toMatch(/^purge_chunk +100 +TYK_PMP_PURGECHUNK$/m);
    expect(out).toMatch(/^analytics_storage_config\.password +"\[secret\]" +my\.conf:7:5$/m);
    expect(out).toMatch(/^sluice\.lease +"30s" +default$/m);
    expect(out).toMatch(/^sluice\.workers +– +default$/m);
    expect(out).toMatch(/^pumps\.file\.meta\.path +"\/var\/log\/records" +my\.conf:12:9$/m);
  });

  it('leaves defaults out where asked to', async () => {
    const { out } = await run({ said: true });
    expect(out).not.toContain('default');
    expect(out.trim().split('\n')).toHaveLength(9);
  });

  it('prints one line of JSON, in which what the operator named stays as it is', async () => {
    const { code, out } = await run({ said: true, json: true });
    expect(code).toBe(0);
    expect(out.trim()).not.toContain('\n');
    const { config: values } = JSON.parse(out) as { config: readonly object[] };
    expect(values).toContainEqual({
      ...{ key: 'purge_chunk', value: 100, secret: false },
      ...{ from: 'variable', variable: 'TYK_PMP_PURGECHUNK' },
    });
    expect(values).toContainEqual({
      ...{ key: 'pumps.file.fields.rename', value: { api_id: 'theApi' }, secret: false },
      ...{ from: 'file', file: 'my.conf', line: 15, column: 9 },
    });
    expect(out).not.toContain('opensesame');
  });

  it('says what is wrong instead, of the service and of a pump', async () => {
    const wrong = { ...file, purge_delay: 'soon' };
    expect(await run({}, JSON.stringify(wrong))).toEqual({
      ...{ code: 1, out: '' },
      err: 'error: my.conf: purge_delay: found text, expected an integer of at least 0\n',
    });
    const { code, err } = await run({}, JSON.stringify({ ...file, pumps: { file: {} } }));
    expect(code).toBe(1);
    expect(err).toContain('pumps.file.meta.path: found nothing');
  });
});
