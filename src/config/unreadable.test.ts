import { describe, expect, test } from 'vitest';
import { aFile, load } from './testing.ts';

const storage = { host: 'redis.internal', port: 6379 };
const good = (over: Readonly<Record<string, unknown>> = {}) =>
  aFile({ analytics_storage_config: storage, ...over });

describe('a value that cannot be read ends the start', () => {
  test('in a global variable, and those behind it are read all the same', async () => {
    const { config, errors } = await load({
      file: aFile(),
      env: {
        TYK_PMP_PURGEDELAY: '2s',
        TYK_PMP_ANALYTICSSTORAGECONFIG_HOST: 'redis.internal',
        TYK_PMP_ANALYTICSSTORAGECONFIG_PORT: '70000',
      },
    });
    expect(config).toBeUndefined();
    expect(errors).toEqual([
      'environment: TYK_PMP_PURGEDELAY: found text, expected an integer of at least 0',
      'environment: TYK_PMP_ANALYTICSSTORAGECONFIG_PORT: found text, expected an integer from 0 to 65535',
    ]);
  });

  test('in each layer of the storage, also where a later one wins', async () => {
    const { config, errors } = await load({
      file: good(),
      env: { TYK_PMP_REDIS_PORT: 'x', TYK_PMP_TEMPORAL_STORAGE_PORT: '6380' },
    });
    expect(config).toBeUndefined();
    expect(errors).toEqual([
      'environment: TYK_PMP_REDIS_PORT: found text, expected an integer from 0 to 65535',
    ]);
  });

  test('in the file, also where a variable wins', async () => {
    const { errors } = await load({
      file: good({ purge_delay: 'soon' }),
      env: { TYK_PMP_PURGEDELAY: '3' },
    });
    expect(errors).toEqual([
      'pump.conf: purge_delay: found text, expected an integer of at least 0',
    ]);
  });

  test.each<[Readonly<Record<string, string>>, string]>([
    [{ TYK_PMP_PUMPS_STDOUT_TIMEOUT: 'soon' }, 'an integer of at least 0'],
    [{ TYK_PMP_PUMPS_STDOUT_TIMEOUT: '-3' }, 'an integer of at least 0'],
    [{ TYK_PMP_PUMPS_STDOUT_OMITDETAILEDRECORDING: 'yes' }, 'true or false'],
    [{ TYK_PMP_PUMPS_STDOUT_FILTERS_RESPONSECODES: '200,ok' }, 'a list, each element an integer'],
    [{ TYK_PMP_ANALYTICSSTORAGECONFIG_HOSTS: 'redis.internal' }, 'a map as key:value,key:value'],
    [{ TYK_PMP_ANALYTICSSTORAGECONFIG_DATABASE: '99999999999999999999' }, 'an integer'],
    [{ TYK_PMP_HEALTHCHECKENDPOINTPORT: '2.5' }, 'an integer from 0 to 65535'],
    [{ TYK_PMP_SLUICE_LEASE: '30' }, 'a duration with its unit'],
    [{ TYK_LOGLEVEL: 'loud' }, 'one of "error", "warn", "info", "debug"'],
    [{ TYK_LOGFORMAT: 'xml' }, 'one of "text", "json", "legacy"'],
    [{ TYK_PMP_LOGFORMAT: 'xml' }, 'one of "text", "json", "legacy"'],
    [{ TYK_PMP_OMITCONFIGFILE: 'yes' }, '"true" or "false"'],
    [{ TYK_PMP_KV_STORES: '{' }, 'an object of stores as JSON'],
  ])('%j', async (env, expected) => {
    const [name = ''] = Object.keys(env);
    const { config, errors } = await load({ file: good(), env });
    expect(config).toBeUndefined();
    expect(errors).toEqual([
      expect.stringContaining(`environment: ${name}: found text, expected ${expected}`),
    ]);
  });

  test.each<[Record<string, unknown>, string]>([
    [{ purge_delay: 2.5 }, 'purge_delay: found number, expected an integer'],
    [{ purge_delay: -1 }, 'purge_delay: found number, expected an integer of at least 0'],
    [{ purge_chunk: 1e300 }, 'purge_chunk: found number, expected an integer'],
    [{ purge_chunk: -1 }, 'purge_chunk: found number, expected an integer of at least 0'],
    [{ max_record_size: -9 }, 'max_record_size: found number, expected an integer of at least 0'],
    [{ log_level: 'loud' }, 'log_level: found text, expected one of'],
    [{ sluice: { lease: '0s' } }, 'sluice.lease: found text, expected a duration'],
    [{ sluice: { attempt_timeout: '0s' } }, 'sluice.attempt_timeout: found text'],
    [{ sluice: { orphan_after: '1s' } }, 'sluice.orphan_after: found text'],
    [{ sluice: { retained_bytes: '1B' } }, 'sluice.retained_bytes: found text, expected a size'],
    [{ sluice: { in_flight_bytes: '0B' } }, 'sluice.in_flight_bytes: found text'],
    [
      { sluice: { backoff_base: '2s', backoff_max: '1s' } },
      'sluice.backoff_max: found text, expected a duration not below `backoff_base`',
    ],
    [{ log_format: 'xml' }, 'log_format: found text, expected one of'],
    [{ pumps: { stdout: { timeout: -3 } } }, 'pumps.stdout.timeout: found number'],
    [{ pumps: { stdout: { max_record_size: 1.5 } } }, 'pumps.stdout.max_record_size: found number'],
    [
      { pumps: { stdout: { filters: { response_codes: [404.5] } } } },
      'pumps.stdout.filters.response_codes: found list',
    ],
    [
      { analytics_storage_config: { ...storage, timeout: -1 } },
      'analytics_storage_config.timeout: found number',
    ],
    [
      { analytics_storage_config: { ...storage, ssl_min_version: '2' } },
      'analytics_storage_config.ssl_min_version: found text',
    ],
    [
      { kv: { stores: { s: { type: 'env', config: { prefix: 'X_', uppercase: 'maybe' } } } } },
      'kv.stores.s.config.uppercase: found text, expected true or false',
    ],
  ])('file %j', async (file, message) => {
    const { config, errors } = await load({ file: good(file) });
    expect(config).toBeUndefined();
    expect(errors).toEqual([expect.stringContaining(`pump.conf: ${message}`)]);
  });

  test('a level that loses is read like any other', async () => {
    const { errors } = await load({
      file: good({ log_level: 'loud' }),
      env: { TYK_LOGLEVEL: 'error' },
    });
    expect(errors).toEqual([expect.stringContaining('pump.conf: log_level: found text')]);
  });
});

describe('what Tyk’s own files and charts contain is read', () => {
  test('numbers and flags as texts', async () => {
    const { config, errors, warnings } = await load({
      file: good({
        purge_delay: '2',
        dont_purge_uptime_data: 'true',
        analytics_storage_config: { ...storage, port: '6380', enable_cluster: 'false' },
      }),
    });
    expect({ errors, warnings }).toEqual({ errors: [], warnings: [] });
    expect(config).toMatchObject({
      purge: { delay: 2000 },
      redis: { addresses: [{ host: 'redis.internal', port: 6380 }] },
    });
  });

  test('an empty text for a number, a flag or a list says nothing, with a note', async () => {
    const { config, errors, warnings, notes } = await load({
      file: good({
        purge_chunk: '',
        log_level: '',
        analytics_storage_config: { ...storage, enable_cluster: '', addrs: '' },
        pumps: { stdout: { timeout: '', omit_detailed_recording: '' } },
      }),
      env: { TYK_PMP_PURGEDELAY: '', TYK_PMP_PUMPS_STDOUT_MAXRECORDSIZE: '', TYK_LOGLEVEL: '' },
    });
    expect({ errors, warnings }).toEqual({ errors: [], warnings: [] });
    expect(config).toMatchObject({
      purge: { delay: 5000, chunk: 0 },
      pumps: [{ maxRecordSize: 0 }],
    });
    expect(notes).toContain('environment: TYK_PMP_PURGEDELAY: is empty and says nothing');
    expect(notes).toContain('pump.conf: pumps.stdout.timeout: is empty and says nothing');
  });

  test('Kubernetes’ links to a service of that name say nothing', async () => {
    const { config, errors, warnings, notes } = await load({
      file: good(),
      env: {
        TYK_PMP_PORT: 'tcp://10.0.0.1:8083',
        TYK_PMP_PORT_8083_TCP: 'tcp://10.0.0.1:8083',
        TYK_PMP_PORT_8083_TCP_ADDR: '10.0.0.1',
        TYK_PMP_PORT_8083_TCP_PORT: '8083',
        TYK_PMP_PORT_8083_TCP_PROTO: 'tcp',
        TYK_PMP_SERVICE_HOST: '10.0.0.1',
        TYK_PMP_SERVICE_PORT: '8083',
        TYK_PMP_SERVICE_PORT_HTTP: '8083',
        TYK_PMP_REDIS_PORT: 'tcp://10.0.0.2:6379',
        TYK_PMP_PUMPS_SERVICE_HOST: '10.0.0.3',
      },
    });
    expect({ errors, warnings }).toEqual({ errors: [], warnings: [] });
    expect(config?.redis.addresses).toEqual([{ host: 'redis.internal', port: 6379 }]);
    expect(config?.pumps).toHaveLength(1);
    expect(notes).toEqual([expect.stringMatching(/TYK_PMP_PORT, .* links to a service/)]);
  });
});
