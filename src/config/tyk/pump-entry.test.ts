import { describe, expect, test } from 'vitest';
import { noRules } from '../record-rules.ts';
import { aFile, load } from '../testing.ts';

const loadPumps = (
  pumps: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string>> = {},
) => load({ file: aFile({ pumps }), env });

describe('an entry of the file', () => {
  test('has defaults', async () => {
    const { config, warnings } = await loadPumps({ 'My-Out': null });
    expect(warnings).toEqual([]);
    expect(config?.pumps).toEqual([
      {
        name: 'MY-OUT',
        records: 'analytics',
        type: 'my-out',
        filters: {
          apiIds: [],
          orgIds: [],
          responseCodes: [],
          skipApiIds: [],
          skipOrgIds: [],
          skipResponseCodes: [],
        },
        timeout: undefined,
        omitDetailedRecording: false,
        maxRecordSize: 0,
        ignoreFields: [],
        rawRequestDecoded: false,
        rawResponseDecoded: false,
        rules: { ...noRules, saidAt: expect.any(Object) as object },
        startAt: 'now',
        limits: {
          records: undefined,
          bytes: undefined,
          age: undefined,
          inFlight: undefined,
          concurrency: 'adaptive',
        },
        meta: {
          raw: undefined,
          source: 'pump.conf',
          key: 'pumps.My-Out.meta',
          env: {},
          envPrefix: '',
          unresolved: new Map(),
        },
      },
    ]);
  });

  test.each<[Record<string, unknown>, Record<string, unknown>]>([
    [{ type: 'CSV' }, { type: 'csv' }],
    [{ type: '' }, { type: 'x' }],
    [{ timeout: 3 }, { timeout: 3000 }],
    [{ timeout: 0 }, { timeout: undefined }],
    [{ max_record_size: 4 }, { maxRecordSize: 4 }],
    [{ omit_detailed_recording: 'true' }, { omitDetailedRecording: true }],
    [{ ignore_fields: ['api_key'] }, { ignoreFields: ['api_key'] }],
    [{ raw_request_decoded: true }, { rawRequestDecoded: true }],
    [{ raw_response_decoded: true }, { rawResponseDecoded: true }],
    [{ filters: { org_ids: ['o'] } }, { filters: { orgIds: ['o'] } }],
    [{ filters: { skip_org_ids: ['o'] } }, { filters: { skipOrgIds: ['o'] } }],
    [{ filters: { skip_api_ids: ['a'] } }, { filters: { skipApiIds: ['a'] } }],
    [{ filters: { response_codes: [200] } }, { filters: { responseCodes: [200] } }],
    [{ filters: { skip_response_codes: [4] } }, { filters: { skipResponseCodes: [4] } }],
    [{ filters: null }, { filters: { apiIds: [] } }],
    [
      { limits: { records: 5, bytes: '1MiB', age: '2s', in_flight: 3 } },
      { limits: { records: 5, bytes: 1024 ** 2, age: 2000, inFlight: 3 } },
    ],
    [{ limits: { concurrency: 'fixed' } }, { limits: { concurrency: 'fixed' } }],
    [{}, { startAt: 'now' }],
    [{ start_at: 'oldest' }, { startAt: 'oldest' }],
    [{ meta: { meta_env_prefix: 'ACME_OUT' } }, { meta: { envPrefix: 'ACME_OUT' } }],
    [{ meta: null }, { meta: { raw: null, envPrefix: '' } }],
  ])('%j gives %j', async (entry, expected) => {
    const { config, errors, warnings } = await loadPumps({ x: entry });
    expect({ errors, warnings }).toEqual({ errors: [], warnings: [] });
    expect(config?.pumps).toMatchObject([expected]);
  });

  test.each<[Record<string, unknown>, string]>([
    [{ limits: { bytes: 1024 } }, 'limits.bytes: found number, expected a size with its unit'],
    [{ limits: { records: 0 } }, 'limits.records: found number, expected an integer of at least 1'],
    [{ start_at: 'newest' }, 'start_at: found text, expected one of "now", "oldest"'],
    [{ meta: { meta_env_prefix: 3 } }, 'meta.meta_env_prefix: found number, expected a text'],
    [{ omit_detailed_recording: 'yes' }, 'omit_detailed_recording: found text, expected true'],
  ])('%j is an error', async (entry, message) => {
    expect((await loadPumps({ x: entry })).errors).toEqual([
      expect.stringContaining(`pump.conf: pumps.x.${message}`),
    ]);
  });

  test('its own max_record_size beats the global one', async () => {
    const file = aFile({ max_record_size: 9, pumps: { a: { max_record_size: 4 }, b: {} } });
    const { config } = await load({ file });
    expect(config?.pumps.map((pump) => pump.maxRecordSize)).toEqual([4, 9]);
  });
});

describe('the environment', () => {
  test('reaches every option of an entry', async () => {
    const env = {
      TYK_PMP_PUMPS_X_TYPE: 'CSV',
      TYK_PMP_PUMPS_X_FILTERS_APIIDS: 'a,b',
      TYK_PMP_PUMPS_X_FILTERS_ORGSIDS: 'o',
      TYK_PMP_PUMPS_X_FILTERS_RESPONSECODES: '200,0x10',
      TYK_PMP_PUMPS_X_FILTERS_SKIPPEDAPIIDS: 'c',
      TYK_PMP_PUMPS_X_FILTERS_SKIPPEDORGSIDS: 'p',
      TYK_PMP_PUMPS_X_FILTERS_SKIPPEDRESPONSECODES: '404',
      TYK_PMP_PUMPS_X_TIMEOUT: '7',
      TYK_PMP_PUMPS_X_OMITDETAILEDRECORDING: '1',
      TYK_PMP_PUMPS_X_MAXRECORDSIZE: '64',
      TYK_PMP_PUMPS_X_IGNOREFIELDS: 'api_key,user_agent',
      TYK_PMP_PUMPS_X_DECODERAWREQUEST: 'true',
      TYK_PMP_PUMPS_X_DECODERAWRESPONSE: 'true',
      TYK_PMP_PUMPS_X_LIMITS_INFLIGHT: '2',
      TYK_PMP_PUMPS_X_META_ANYTHING: 'x',
    };
    const { config, warnings } = await loadPumps({ x: { timeout: 1, type: 'file' } }, env);
    expect(warnings).toEqual([]);
    expect(config?.pumps).toMatchObject([
      {
        name: 'X',
        type: 'csv',
        filters: {
          apiIds: ['a', 'b'],
          orgIds: ['o'],
          responseCodes: [200, 16],
          skipApiIds: ['c'],
          skipOrgIds: ['p'],
          skipResponseCodes: [404],
        },
        timeout: 7000,
        omitDetailedRecording: true,
        maxRecordSize: 64,
        ignoreFields: ['api_key', 'user_agent'],
        rawRequestDecoded: true,
        rawResponseDecoded: true,
        limits: { inFlight: 2 },
        meta: { env, envPrefix: 'TYK_PMP_PUMPS_X_META' },
      },
    ]);
  });

  test('makes pumps the file does not have, with a note', async () => {
    const env = { TYK_PMP_PUMPS_KAFKA_META_TOPIC: 't', TYK_PMP_PUMPS_FILES_TYPE: 'csv' };
    const { config, notes } = await loadPumps({ 'my-kafka': { type: 'kafka' } }, env);
    expect(config?.pumps.map(({ name, type, meta }) => [name, type, meta.envPrefix])).toEqual([
      ['MY-KAFKA', 'kafka', ''],
      ['KAFKA', 'kafka', 'TYK_PMP_PUMPS_KAFKA_META'],
      ['FILES', 'csv', 'TYK_PMP_PUMPS_FILES_META'],
    ]);
    expect(notes).toHaveLength(2);
  });

  test('replaces the prefix the file chose', async () => {
    const env = { TYK_PMP_PUMPS_X_TIMEOUT: '1' };
    const { config } = await loadPumps({ x: { meta: { meta_env_prefix: 'ACME' } } }, env);
    expect(config?.pumps[0]?.meta.envPrefix).toBe('TYK_PMP_PUMPS_X_META');
  });

  test('a name that is a type wins over both kinds of type, with a warning', async () => {
    const env = { TYK_PMP_PUMPS_KAFKA_TYPE: 'csv' };
    const { config, warnings } = await loadPumps({ kafka: { type: 'stdout' } }, env);
    expect(config?.pumps[0]?.type).toBe('kafka');
    expect(warnings).toEqual([expect.stringContaining('TYK_PMP_PUMPS_KAFKA_TYPE')]);
    const without = await loadPumps({ kafka: { type: 'stdout' } });
    expect(without.config?.pumps[0]?.type).toBe('stdout');
  });

  test('the registered types may be others than those of Tyk Pump', async () => {
    const env = { TYK_PMP_PUMPS_LOKI_TYPE: 'csv' };
    const { config } = await load({ file: aFile({ pumps: {} }), env, types: ['loki'] });
    expect(config?.pumps[0]?.type).toBe('loki');
  });

  test('a variable that cannot be read ends the start', async () => {
    const env = {
      TYK_PMP_PUMPS_STDOUT_TIMEOUT: 'soon',
      TYK_PMP_PUMPS_STDOUT_MAXRECORDSIZE: '24',
      TYK_PMP_PUMPS_STDOUT_META_LOGFIELDNAME: 'still-read',
    };
    const { config, errors } = await loadPumps({ stdout: {} }, env);
    expect(config).toBeUndefined();
    expect(errors).toEqual([
      'environment: TYK_PMP_PUMPS_STDOUT_TIMEOUT: found text, expected an integer of at least 0',
    ]);
  });

  test('a name ends at the first underscore, and what follows is an unknown variable', async () => {
    const env = { TYK_PMP_PUMPS_SQL_AGGREGATE_TYPE: 'sql_aggregate' };
    const { config, warnings } = await loadPumps({}, env);
    expect(config?.pumps).toMatchObject([{ name: 'SQL', type: 'sql' }]);
    expect(warnings).toEqual([
      expect.stringContaining('environment: TYK_PMP_PUMPS_SQL_AGGREGATE_TYPE: found text'),
    ]);
  });

  test.each(['TYK_PMP_PUMPS_X', 'TYK_PMP_PUMPS__TYPE', 'TYK_PMP_PUMPSX_TYPE', 'TYK_PMP_PUMPS_'])(
    'the variable %s makes no pump and is a warning',
    async (name) => {
      const { config, warnings } = await loadPumps({ stdout: {} }, { [name]: 'a_b' });
      expect(config?.pumps).toHaveLength(1);
      expect(warnings).toEqual([expect.stringContaining(`environment: ${name}: found text`)]);
    },
  );
});
