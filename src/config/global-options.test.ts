import { describe, expect, test } from 'vitest';
import { aFile, load } from './testing.ts';

describe('global options', () => {
  test.each<[Record<string, unknown>, Record<string, string>, Record<string, unknown>]>([
    [{ purge_delay: 2 }, {}, { purge: { delay: 2000 } }],
    [{}, { TYK_PMP_PURGEDELAY: '3' }, { purge: { delay: 3000 } }],
    [{ purge_delay: 2, sluice: { purge_delay_ms: 250 } }, {}, { purge: { delay: 250 } }],
    [{}, { TYK_PMP_SLUICE_PURGEDELAYMS: '40' }, { purge: { delay: 40 } }],
    [{ sluice: { flowing_delay: '1s' } }, {}, { purge: { delay: 5000, flowingDelay: 1000 } }],
    [{}, { TYK_PMP_SLUICE_FLOWINGDELAY: '100ms' }, { purge: { flowingDelay: 100 } }],
    [{ purge_chunk: 500 }, {}, { purge: { chunk: 500 } }],
    [{}, { TYK_PMP_PURGECHUNK: '4' }, { purge: { chunk: 4 } }],
    [{ max_record_size: 9 }, {}, { pumps: [{ maxRecordSize: 9 }] }],
    [{}, { TYK_PMP_MAXRECORDSIZE: '32' }, { pumps: [{ maxRecordSize: 32 }] }],
    [{ health_check_endpoint_name: '/hello' }, {}, { health: { name: 'hello' } }],
    [{ health_check_endpoint_name: '' }, {}, { health: { name: 'health' } }],
    [{ health_check_endpoint_port: 0 }, {}, { health: { port: 8083 } }],
    [{}, { TYK_PMP_HEALTHCHECKENDPOINTPORT: '9' }, { health: { port: 9 } }],
    [{}, { TYK_PMP_HEALTHCHECKENDPOINTNAME: 'up' }, { health: { name: 'up' } }],
    [
      { sluice: { retained_bytes: '1GiB' } },
      {},
      { bounds: { retainedBytes: 1024 ** 3, isRetainedSet: true } },
    ],
    [
      {},
      { TYK_PMP_SLUICE_RETAINEDBYTES: '1MiB' },
      { bounds: { retainedBytes: 1024 ** 2, isRetainedSet: true } },
    ],
    [
      { sluice: { at_bound: 'shed' } },
      { TYK_PMP_SLUICE_ATBOUND: 'hold' },
      { bounds: { policy: 'hold' } },
    ],
    [{ sluice: { health_address: '127.0.0.1' } }, {}, { health: { address: '127.0.0.1' } }],
    [
      { sluice: { backoff_base: '1m' } },
      {},
      { delivery: { backoffBase: 60_000, backoffMax: 60_000 } },
    ],
    [{ sluice: { retry_after_max: '10s' } }, {}, { delivery: { longestPause: 10_000 } }],
    [
      { sluice: { give_up_attempts: 0, give_up_age: '1h' } },
      {},
      { delivery: { giveUpAttempts: 0, giveUpAge: 3_600_000 } },
    ],
    [{ sluice: { at_refusal: 'reject' } }, {}, { delivery: { atRefusal: 'reject' } }],
    [{ sluice: { retry_percent: 20 } }, {}, { delivery: { retryShare: 0.2 } }],
  ])('file %j and variables %j give %j', async (file, env, expected) => {
    const { config, errors } = await load({ file: aFile(file), env });
    expect(errors).toEqual([]);
    expect(config).toMatchObject(expected);
  });

  test('purge_delay_ms needs no purge_delay beside it', async () => {
    const { warnings } = await load({
      file: aFile({ purge_delay: undefined, sluice: { purge_delay_ms: 100 } }),
    });
    expect(warnings).toEqual([]);
  });

  test('a delay that was said is that of flowing records, too', async () => {
    for (const said of [{ purge_delay: 10 }, { sluice: { purge_delay_ms: 10_000 } }]) {
      const { config } = await load({ file: aFile({ purge_delay: undefined, ...said }) });
      expect(config?.purge).toEqual({ delay: 10_000, chunk: 0 });
    }
  });

  test.each([undefined, 0])('purge_delay %j means ten seconds, with a warning', async (said) => {
    const { config, warnings } = await load({ file: aFile({ purge_delay: said }) });
    expect(config?.purge).toEqual({ delay: 10_000, flowingDelay: 250, chunk: 0 });
    expect(warnings).toEqual([expect.stringContaining('pump.conf: purge_delay: found')]);
  });

  test('a variable that cannot be read is an error, and the others are read', async () => {
    const { config, errors } = await load({
      file: aFile({ purge_chunk: 7, max_record_size: 1 }),
      env: {
        TYK_PMP_PURGEDELAY: '3',
        TYK_PMP_PURGECHUNK: 'many',
        TYK_PMP_MAXRECORDSIZE: '2',
        TYK_PMP_ANALYTICSSTORAGECONFIG_DATABASE: 'none',
        TYK_PMP_SLUICE_LEASE: 'x',
        TYK_PMP_REDIS_PORT: '7',
      },
    });
    expect(config).toBeUndefined();
    expect(errors).toEqual([
      'environment: TYK_PMP_PURGECHUNK: found text, expected an integer of at least 0',
      'environment: TYK_PMP_ANALYTICSSTORAGECONFIG_DATABASE: found text, expected an integer of at least 0',
      'environment: TYK_PMP_SLUICE_LEASE: found text, expected a duration with its unit, such as "250ms", "5s", "1h30m", of at least 100ms',
    ]);
  });

  test('unknown variables are warnings with the nearest name', async () => {
    const env = {
      TYK_PMP_PURGEDELY: '3',
      TYK_PMP_SLUICE_LEESE: '1s',
      TYK_PMP_BUILDDEMODATA: 'x',
      TYK_PMP_UPTIMEPUMPCONFIG_TYPE: 'x',
    };
    expect((await load({ file: aFile(), env })).warnings).toEqual([
      'environment: TYK_PMP_PURGEDELY: found text, expected a known variable; did you mean "TYK_PMP_PURGEDELAY"?',
      'environment: TYK_PMP_SLUICE_LEESE: found text, expected a known variable; did you mean "TYK_PMP_SLUICE_LEASE"?',
    ]);
  });

  test.each([
    ['TYK_PMP_PUMP_CSV_TYPE', 'TYK_PMP_PUMPS_CSV_TYPE'],
    ['TYK_PMP_ANALYTICS_STORAGE_CONFIG_HOST', 'TYK_PMP_ANALYTICSSTORAGECONFIG_HOST'],
    ['TYK_PUMP_PURGEDELAY', 'TYK_PMP_PURGEDELAY'],
    ['TYKPMP_PURGEDELAY', 'TYK_PMP_PURGEDELAY'],
    ['tyk_pmp_purgedelay', 'TYK_PMP_PURGEDELAY'],
  ])('the variable %s may mean %s', async (name, meant) => {
    expect((await load({ file: aFile(), env: { [name]: '1' } })).warnings).toEqual([
      expect.stringMatching(`environment: ${name}: found text.*did you mean "${meant}"\\?`),
    ]);
  });

  test('other variables with such a prefix are not ours', async () => {
    const env = { TYK_PUMP_PORT: 'tcp://10.0.0.1:8083', TYK_PUMP_VERSION: '1', TYK_GW_PORT: '1' };
    expect((await load({ file: aFile(), env })).warnings).toEqual([]);
  });

  test.each([
    ['enable_http_profiler', true],
    ['omit_detailed_recording', true],
    ['raw_request_decoded', 'true'],
    ['raw_response_decoded', true],
  ])('%s has no effect and says so', async (key, value) => {
    const { config, warnings } = await load({ file: aFile({ [key]: value }) });
    expect(config).toBeDefined();
    expect(warnings).toEqual([
      expect.stringMatching(`pump.conf: ${key}: found .* has no effect here`),
    ]);
  });

  test.each(['optimisation_max_idle', 'optimisation_max_active'])(
    '%s is only a note',
    async (key) => {
      const { warnings, notes } = await load({
        file: aFile({ analytics_storage_config: { host: 'r', port: 1, [key]: 5 } }),
      });
      expect(warnings).toEqual([]);
      expect(notes).toEqual([expect.stringContaining(key)]);
    },
  );
});
