import { describe, expect, it } from 'vitest';
import { aPreparedPump } from '#pump/testing';
import elasticsearch from './index.ts';

const prepare = (meta: object) =>
  elasticsearch.prepare({
    raw: meta,
    source: 'test',
    key: 'meta',
    env: {},
    envPrefix: elasticsearch.envPrefix,
  });

describe('the limits', () => {
  it.each([
    [{}, { records: 1_000, bytes: 5 * 1024 ** 2, age: 1_000, inFlight: 4 }],
    [
      { bulk_config: { workers: 2, bulk_actions: 7, bulk_size: 9, flush_interval: 3 } },
      { records: 7, bytes: 9, age: 3_000, inFlight: 2 },
    ],
    [
      { bulk_config: { bulk_actions: -1, bulk_size: -1 } },
      { records: 10_000, bytes: 32 * 1024 ** 2 },
    ],
    [
      { bulk_config: { workers: 0, bulk_actions: 0, bulk_size: 0, flush_interval: 0 } },
      { records: 1_000, bytes: 5 * 1024 ** 2, age: 1_000, inFlight: 4 },
    ],
    [{ disable_bulk: true }, { records: 100 }],
  ])('of %j', (meta, limits) => {
    expect(aPreparedPump(elasticsearch, meta).limits).toMatchObject(limits);
  });
});

describe('the guarantee', () => {
  it.each([
    [{}, 'effectively-once'],
    [{ rolling_index: true }, 'at-least-once'],
    [{ rolling_index: true, rolling_by: 'record' }, 'effectively-once'],
    [{ generate_id: true }, 'at-least-once'],
    [{ document_id: 'none' }, 'at-least-once'],
    [{ data_stream: true }, 'at-least-once'],
  ])('of %j is %s', (meta, guarantee) => {
    expect(aPreparedPump(elasticsearch, meta).guarantee).toBe(guarantee);
  });
});

describe('what an operator is told of a mistake', () => {
  it.each([
    [{}, []],
    [{ version: '' }, []],
    [{ enable_sniffing: 'true' }, []],
    [{ generate_id: true }, ['warning generate_id']],
    [{ generate_id: true, document_id: 'tyk_hex' }, ['warning generate_id']],
    [{ document_id: 'tyk' }, ['warning document_id']],
    [{ data_stream: true, generate_id: true }, ['warning generate_id', 'error data_stream']],
    [{ data_stream: true, version: '6' }, ['error data_stream']],
    [{ decode_base64: true }, ['warning decode_base64']],
    [{ rolling_by: 'record' }, ['warning rolling_by']],
    [{ index_name: 'Upper' }, ['warning index_name']],
    [{ disable_bulk: true, mcp_index_name: 'mcp' }, ['warning mcp_index_name']],
    [{ index_template: 'x', version: '3' }, ['error index_template']],
    [{ elasticsearch_url: 'localhost:9200' }, ['error elasticsearch_url']],
    [{ elasticsearch_url: 'http://a:9200,nothing' }, ['warning elasticsearch_url']],
    [{ auth_api_key: 'k' }, ['warning auth_api_key']],
    [{ auth_basic_username: 'me' }, ['warning auth_basic_password']],
    [{ ssl_ca_file: 'ca.pem' }, ['warning use_ssl']],
    [{ use_ssl: true, ssl_cert_file: 'c.pem' }, ['warning ssl_cert_file']],
    [{ use_ssl: true, ssl_insecure_skip_verify: true }, ['warning ssl_insecure_skip_verify']],
    [{ version: '4' }, ['error version']],
    [{ bulk_config: { bulk_actions: 20_000, workers: -1 } }, ['error workers']],
    [
      { bulk_config: { bulk_actions: 20_000, workers: 65 } },
      ['warning bulk_config', 'warning bulk_config'],
    ],
  ])('%j', (meta, expected) => {
    const { problems } = prepare(meta);

    expect(
      problems.map(({ severity, key }) => `${severity} ${key.split('.').at(-1) ?? ''}`),
    ).toEqual(expected);
  });
});
