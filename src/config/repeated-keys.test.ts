import { describe, expect, test } from 'vitest';
import { load } from './testing.ts';

const around = (rest: string): string =>
  `{"purge_delay": 5, "dont_purge_uptime_data": true,\n${rest}}`;
const redis = '"analytics_storage_config": {"host": "redis", "port": 6379}';

describe('a key that stands twice', () => {
  test('in objects of known fields: they are merged, what comes later wins', async () => {
    const { config, errors, warnings } = await load({
      file: around(`"analytics_storage_config": {"host": "redis.internal", "port": 1, "username": "u"},
        "analytics_storage_config": {"port": 2, "password": "p"},
        "pumps": {"stdout": {}}, "pumps": {"csv": {}}`),
    });
    expect(errors).toEqual([]);
    expect(config).toMatchObject({
      redis: { addresses: [{ host: 'redis.internal', port: 2 }], username: 'u' },
      pumps: [{ name: 'STDOUT' }, { name: 'CSV' }],
    });
    expect(config?.redis.password?.reveal()).toBe('p');
    expect(warnings.toSorted()).toEqual(
      [
        'pump.conf: analytics_storage_config.port: found the key 2 times (line 2, 3), expected it once; the last is used, as in Tyk Pump',
        'pump.conf: analytics_storage_config: found the key 2 times (line 2, 3), expected it once; they are merged, as in Tyk Pump',
        'pump.conf: pumps: found the key 2 times (line 4), expected it once; they are merged, as in Tyk Pump',
      ].toSorted(),
    );
  });

  test('in another letter case is the same key', async () => {
    const { config, warnings } = await load({
      file: around(`${redis}, "purge_chunk": 1, "PURGE_CHUNK": 2, "Sluice": {"lease": "10s"},
        "sluice": {"workers": 1}, "pumps": {"stdout": {"TIMEOUT": 1, "timeout": 2}}`),
    });
    expect(config).toMatchObject({
      purge: { chunk: 2 },
      delivery: { lease: 10_000 },
      workers: 1,
      pumps: [{ timeout: 2000 }],
    });
    expect(warnings.map((line) => line.split(': ')[1])).toEqual(
      expect.arrayContaining(['purge_chunk', 'Sluice', 'pumps.stdout.TIMEOUT']),
    );
  });

  test('among the pumps: the last entry is used as a whole', async () => {
    const { config, warnings } = await load({
      file: around(
        `${redis}, "pumps": {"x": {"type": "csv", "timeout": 3}, "x": {"type": "stdout"}}`,
      ),
    });
    expect(config?.pumps).toMatchObject([{ type: 'stdout', timeout: undefined }]);
    expect(warnings).toEqual([expect.stringContaining('pumps.x: found the key 2 times (line 2)')]);
  });

  test('in meta: two of them are merged, but what is in them is replaced', async () => {
    const { config, warnings } = await load({
      file: around(
        `${redis}, "pumps": {"x": {"meta": {"a": {"b": 1, "c": 2}, "d": 3}, "meta": {"a": {"b": 4}}}}`,
      ),
    });
    expect(config?.pumps[0]?.meta.raw).toEqual({ a: { b: 4 }, d: 3 });
    expect(warnings).toHaveLength(2);
  });

  test('null says nothing, also as the second one', async () => {
    const { config } = await load({
      file: around(`${redis}, "purge_chunk": 7, "purge_chunk": null, "pumps": {"stdout": null}`),
    });
    expect(config?.purge.chunk).toBe(7);
  });
});

test('texts that are taken for numbers and flags are said', async () => {
  const { config, errors, warnings, notes } = await load({
    file: around(`${redis}, "purge_chunk": "7",
      "pumps": {"stdout": {"omit_detailed_recording": "true", "filters": {"response_codes": ["500", 404]}}}`),
  });
  expect({ errors, warnings }).toEqual({ errors: [], warnings: [] });
  expect(config).toMatchObject({
    purge: { chunk: 7 },
    pumps: [{ omitDetailedRecording: true, filters: { responseCodes: [500, 404] } }],
  });
  expect(notes).toEqual([
    'pump.conf: purge_chunk: is a text, taken for the number it spells (Tyk Pump does not read it)',
    'pump.conf: pumps.stdout.filters.response_codes: is a text, taken for the number it spells (Tyk Pump does not read it)',
    'pump.conf: pumps.stdout.omit_detailed_recording: is a text, taken for the flag it spells (Tyk Pump does not read it)',
  ]);
});
