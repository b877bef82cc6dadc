import { describe, expect, test } from 'vitest';
import { aFile, load } from './testing.ts';

const example = {
  analytics_storage_type: 'redis',
  analytics_storage_config: {
    type: 'redis',
    host: 'redis',
    port: 6379,
    optimisation_max_idle: 100,
    optimisation_max_active: 200,
    enable_cluster: false,
  },
  purge_delay: 5,
  pumps: {
    elasticsearch: {
      type: 'elasticsearch',
      meta: {
        index_name: 'tyk_analytics',
        elasticsearch_url: 'http://elasticsearch:9200',
        enable_sniffing: false,
        document_type: 'tyk_analytics',
        rolling_index: false,
        extended_stats: false,
        version: '6',
      },
    },
  },
  dont_purge_uptime_data: true,
};

describe('the file', () => {
  test('the example of Tyk’s documentation loads without a complaint', async () => {
    const { config, errors, warnings, notes } = await load({ file: example });
    expect({ errors, warnings }).toEqual({ errors: [], warnings: [] });
    expect(notes).toHaveLength(2);
    expect(config).toMatchObject({
      purge: { delay: 5000, chunk: 0 },
      redis: { mode: 'standalone', addresses: [{ host: 'redis', port: 6379 }], timeout: 5000 },
      pumps: [
        {
          name: 'ELASTICSEARCH',
          type: 'elasticsearch',
          meta: {
            raw: example.pumps.elasticsearch.meta,
            source: 'pump.conf',
            key: 'pumps.elasticsearch.meta',
            envPrefix: '',
          },
        },
      ],
      log: { level: 'info', format: 'text' },
      health: { name: 'health', port: 8083, address: '' },
    });
  });

  test('a small file gives the documented defaults', async () => {
    const { config, errors, warnings, notes } = await load({ file: aFile() });
    expect({ errors, warnings, notes }).toEqual({ errors: [], warnings: [], notes: [] });
    expect(config).toMatchObject({
      purge: { delay: 5000, chunk: 0 },
      redis: {
        mode: 'standalone',
        addresses: [{ host: '127.0.0.1', port: 6379 }],
        password: undefined,
        keyPrefix: 'analytics-',
        versionKeyPrefix: 'version-check-',
        uptimeKeyPrefix: 'host-checker:',
        tls: undefined,
      },
      bounds: {
        retainedBytes: 256 * 1024 ** 2,
        isRetainedSet: false,
        policy: 'shed',
        cacheBytes: 64 * 1024 ** 2,
        inFlightBytes: 32 * 1024 ** 2,
        deadLetterBytes: 64 * 1024 ** 2,
      },
      delivery: {
        lease: 30_000,
        orphanAfter: 3_600_000,
        shutdownTimeout: 25_000,
        attemptTimeout: 30_000,
        backoffBase: 200,
        backoffMax: 30_000,
        longestPause: 60_000,
        giveUpAttempts: 20,
        giveUpAge: 900_000,
        atRefusal: 'wait',
        retryShare: 0.5,
      },
    });
  });

  test('keys match in any letter case at every level', async () => {
    const { config, warnings } = await load({
      file: {
        Purge_Delay: 7,
        DONT_PURGE_UPTIME_DATA: true,
        Analytics_Storage_Config: { HOST: 'r', Port: 1 },
        PUMPS: {
          StdOut: { TYPE: 'STDOUT', Meta: { FORMAT: 'json' }, Filters: { API_IDS: ['a'] } },
        },
        Sluice: { Lease: '1m' },
      },
    });
    expect(warnings).toEqual([]);
    expect(config).toMatchObject({
      purge: { delay: 7000 },
      redis: { addresses: [{ host: 'r', port: 1 }] },
      delivery: { lease: 60_000 },
      pumps: [
        {
          name: 'STDOUT',
          type: 'stdout',
          meta: { raw: { FORMAT: 'json' } },
          filters: { apiIds: ['a'] },
        },
      ],
    });
  });

  test('all problems are reported at once, with file, key, type and expectation', async () => {
    const { config, errors } = await load({
      file: {
        ...aFile(),
        purge_delay: 'soon',
        log_level: 'loud',
        analytics_storage_config: { type: 'mongo', port: {} },
        sluice: { lease: 30, at_bound: 'panic' },
        pumps: { a: { timeout: [] }, b: { filters: { response_codes: ['x'] } }, A: {}, c: 3 },
      },
    });
    expect(config).toBeUndefined();
    expect(errors).toEqual([
      'pump.conf: purge_delay: found text, expected an integer of at least 0',
      'pump.conf: analytics_storage_config.type: found text, expected one of "", "redis"',
      'pump.conf: analytics_storage_config.port: found object, expected an integer from 0 to 65535',
      'pump.conf: sluice.at_bound: found text, expected one of "shed", "hold"',
      'pump.conf: sluice.lease: found number, expected a duration with its unit, such as "250ms", "5s", "1h30m", of at least 100ms',
      'pump.conf: pumps.A: found object, expected a name that differs from "a" in more than letter case',
      'pump.conf: pumps.a.timeout: found list, expected an integer of at least 0',
      'pump.conf: pumps.b.filters.response_codes: found list, expected a list, each element an integer',
      'pump.conf: pumps.c: found number, expected an object',
    ]);
  });

  test('unknown keys are warnings with the nearest name, at every level but meta', async () => {
    const { config, warnings } = await load({
      file: aFile({
        purge_dely: 1,
        analytics_storage_config: { host: 'r', port: 1, passwrd: 'hunter2' },
        sluice: { leese: '1s' },
        pumps: { stdout: { filtrs: {}, limits: { record: 1 }, meta: { anything: 1 } } },
        whatever: [],
      }),
    });
    expect(config).toBeDefined();
    expect(warnings.toSorted()).toEqual([
      'pump.conf: analytics_storage_config.passwrd: found text, expected a known option; did you mean "password"?',
      'pump.conf: pumps.stdout.filtrs: found object, expected a known option; did you mean "filters"?',
      'pump.conf: pumps.stdout.limits.record: found number, expected a known option; did you mean "records"?',
      'pump.conf: purge_dely: found number, expected a known option; did you mean "purge_delay"?',
      'pump.conf: sluice.leese: found text, expected a known option; did you mean "lease"?',
      'pump.conf: whatever: found list, expected a known option',
    ]);
  });

  test('broken JSON is an error with line and column, and quotes nothing of the file', async () => {
    const { config, errors } = await load({ file: '{\n "password": "hunter2"\n "x": 1}' });
    expect(config).toBeUndefined();
    expect(errors).toEqual([
      'pump.conf: line 3, column 2: found a text, expected "," before the next key, or "}"',
    ]);
  });

  test('a byte order mark is no syntax error', async () => {
    expect((await load({ file: `\uFEFF${JSON.stringify(aFile())}` })).config).toBeDefined();
  });

  test('a missing file is an error', async () => {
    expect((await load({})).errors).toEqual([
      expect.stringContaining('pump.conf: (file): found nothing'),
    ]);
  });

  test('a missing file is a warning when the environment has pumps and a Redis', async () => {
    const env = {
      TYK_PMP_PUMPS_STDOUT_TYPE: 'stdout',
      TYK_PMP_PURGEDELAY: '1',
      TYK_PMP_REDIS_ADDRS: 'redis:6379',
    };
    const { config, warnings } = await load({ env });
    expect(config?.pumps).toMatchObject([{ name: 'STDOUT', type: 'stdout' }]);
    expect(warnings).toEqual([expect.stringContaining('pump.conf: (file): found nothing')]);
  });

  test('no pump at all is an error', async () => {
    expect((await load({ file: aFile({ pumps: {} }) })).errors).toEqual([
      expect.stringContaining('pump.conf: pumps: found nothing, expected at least one pump'),
    ]);
  });

  test.each([[[]], ['text'], [null], [3]])(
    'a file that holds %j instead of an object is refused',
    async (file) => {
      expect((await load({ file: JSON.stringify(file) })).config).toBeUndefined();
    },
  );

  test('the result is frozen', async () => {
    const { config } = await load({
      file: aFile({ analytics_storage_config: { addrs: ['a:1'] } }),
    });
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config?.redis.addresses)).toBe(true);
    expect(Object.isFrozen(config?.pumps[0]?.filters.apiIds)).toBe(true);
  });
});
