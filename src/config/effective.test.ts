import { describe, expect, it } from 'vitest';
import { findPump, pumpTypes } from '../../pumps/index.ts';
import { checkPumps } from '../pump/check-pumps.ts';
import { type EffectiveValue, effectiveConfig } from './effective.ts';
import { loadConfig } from './load.ts';

const file = `{
  "purge_delay": 5,
  "analytics_storage_config": {
    "HOST": "127.0.0.1",
    "password": "hunter2hunter2"
  },
  "sluice": { "records": { "redact": ["secrets"] }, "lease": "90s" },
  "pumps": {
    "es": {
      "type": "elasticsearch",
      "redact": { "presets": ["cards"] },
      "meta": { "elasticsearch_url": "http://elastic:sesame@es:9200/in?token=opened" }
    },
    "hook": { "type": "http", "meta": { "url": "http://loki:3100/push", "preset": "loki" } },
    "file": { "meta": { "path": "/var/log/records" } }
  }
}`;

async function effective(env: Readonly<Record<string, string>> = {}, text = file) {
  const loaded = await loadConfig({
    path: 'pump.conf',
    env,
    readFile: () => Promise.resolve(text),
    types: pumpTypes,
  });
  const { usable } = await checkPumps(loaded.pumps, findPump);
  const values = effectiveConfig({ ...loaded, path: 'pump.conf', pumps: usable });
  const at = (key: string): EffectiveValue | undefined => values.find((each) => each.key === key);
  return { values, at };
}

describe('the effective configuration', () => {
  it('names the line of the file, also where a key is spelt otherwise there', async () => {
    const { at } = await effective();
    expect(at('analytics_storage_config.host')).toEqual({
      key: 'analytics_storage_config.host',
      value: '127.0.0.1',
      isSecret: false,
      from: { kind: 'file', file: 'pump.conf', line: 4, column: 5 },
    });
    expect(at('sluice.lease')).toMatchObject({ value: '90s', from: { kind: 'file', line: 7 } });
  });

  it('names the variable that wins over the file, and one that adds a pump', async () => {
    const { at } = await effective({
      TYK_PMP_PURGEDELAY: '7',
      TYK_LOGLEVEL: 'debug',
      TYK_PMP_REDIS_HOST: 'redis',
      TYK_PMP_PUMPS_CSV_META_CSVDIR: '/data',
      TYK_PMP_PUMPS_CSV_TYPE: 'csv',
    });
    const by = (variable: string) => ({ kind: 'variable', variable });
    expect(at('purge_delay')).toMatchObject({ value: 7, from: by('TYK_PMP_PURGEDELAY') });
    expect(at('log_level')).toMatchObject({ value: 'debug', from: by('TYK_LOGLEVEL') });
    expect(at('analytics_storage_config.host')).toMatchObject({
      value: 'redis',
      from: by('TYK_PMP_REDIS_HOST'),
    });
    expect(at('pumps.CSV.meta.csv_dir')).toMatchObject({
      value: '/data',
      from: by('TYK_PMP_PUMPS_CSV_META_CSVDIR'),
    });
  });

  it('has defaults in the words of the file', async () => {
    const { at } = await effective();
    expect(at('sluice.cache_bytes')).toMatchObject({ value: '64MiB', from: { kind: 'default' } });
    expect(at('sluice.shutdown_timeout')).toMatchObject({ value: '25s' });
    expect(at('sluice.spill_file_mode')).toMatchObject({ value: '0600' });
    expect(at('sluice.workers')).toMatchObject({ value: null, from: { kind: 'default' } });
  });

  it('says which preset chose a value, and has none where nobody chose one', async () => {
    const { at } = await effective();
    expect(at('pumps.hook.meta.format')).toMatchObject({
      value: 'loki',
      from: { kind: 'preset', preset: 'loki' },
    });
    expect(at('pumps.hook.meta.batch_bytes')).toMatchObject({ value: '3MiB' });
    const plain = file.replace(', "preset": "loki"', '');
    expect((await effective({}, plain)).at('pumps.hook.meta.format')).toMatchObject({
      value: 'ndjson',
      from: { kind: 'default' },
    });
  });

  it('shows of each pump what is said for all, where it says nothing of the same', async () => {
    const { at } = await effective();
    expect(at('pumps.file.redact.presets')).toMatchObject({
      value: ['secrets'],
      from: { kind: 'file', line: 7 },
    });
    expect(at('pumps.es.redact.presets')).toMatchObject({
      value: ['cards'],
      from: { kind: 'file', line: 11 },
    });
  });

  it('has no secret in it, and of an address the server', async () => {
    const { values, at } = await effective();
    expect(JSON.stringify(values)).not.toMatch(/hunter2|sesame|opened/);
    expect(at('analytics_storage_config.password')).toMatchObject({
      value: '[secret]',
      isSecret: true,
    });
    expect(at('pumps.es.meta.elasticsearch_url')).toMatchObject({
      value: 'http://[secret]@es:9200/[secret]',
    });
    expect(at('analytics_storage_config.sentinel_password')).toMatchObject({ value: '' });
  });

  it('has each key once', async () => {
    const { values } = await effective();
    const keys = values.map(({ key }) => key);
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });
});
