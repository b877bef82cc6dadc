import { describe, expect, it } from 'vitest';
import { aPreparedPump } from '#pump/testing';
import kafka from './index.ts';
import type { Options } from './options.ts';
import { options } from './options.ts';
import { canCompress } from './producer/producer.ts';
import { settingsOf } from './settings.ts';

const required = { broker: ['localhost:9092'], topic: 'calls' };

const prepare = (meta: object, env: Readonly<Record<string, string>> = {}) =>
  kafka.prepare({ raw: meta, source: 'test', key: 'meta', env, envPrefix: kafka.envPrefix });

/** The options with their defaults, and some said otherwise. */
const said = (overrides: Partial<Options>): Options => ({
  ...(Object.fromEntries(
    Object.entries(options).map(([key, { fallback }]) => [key, fallback]),
  ) as Options),
  ...overrides,
});

describe('the limits', () => {
  it.each([
    [{}, { records: 4_000, bytes: 4 * 1024 ** 2, age: 1_000, inFlight: 4 }],
    [{ batch_bytes: 200_000 }, { bytes: 800_000 }],
    [{ batch_bytes: 1024 ** 3 }, { bytes: 32 * 1024 ** 2 }],
    [{ transactional_id: 'one' }, { inFlight: 1 }],
  ])('of %j', (meta, limits) => {
    expect(aPreparedPump(kafka, { ...required, ...meta }).limits).toMatchObject(limits);
  });
});

describe('the settings', () => {
  it.each<[Partial<Options>, object]>([
    [{}, { clientId: 'sluice', timeout: 10_000, compression: 'none', login: undefined }],
    [{ client_id: 'tyk' }, { clientId: 'tyk' }],
    [{ compressed: true }, { compression: 'snappy' }],
    [{ compressed: true, compression: 'gzip' }, { compression: 'gzip' }],
    [
      { broker: ['a', 'b:1', '[::1]', '[::1]:7'] },
      { brokers: ['a:9092', 'b:1', '[::1]:9092', '[::1]:7'] },
    ],
    [{ sasl_mechanism: 'PLAIN' }, { login: { mechanism: 'plain' } }],
    [{ sasl_mechanism: 'scram' }, { login: { mechanism: 'scram-sha-256' } }],
    [
      { sasl_mechanism: 'SCRAM', sasl_algorithm: 'SHA-512' },
      { login: { mechanism: 'scram-sha-512' } },
    ],
    [{ transactional_id: '' }, { transactionalId: undefined }],
  ])('of %j', (overrides, expected) => {
    expect(settingsOf(said(overrides))).toMatchObject(expected);
  });
});

it('takes every variable of Tyk Pump', () => {
  const variables = {
    BROKER: 'a:1,b:2',
    CLIENTID: 'me',
    TOPIC: 'calls',
    TIMEOUT: '3',
    COMPRESSED: 'true',
    METADATA: 'k:v,k2:v2',
    USESSL: 'true',
    SSLINSECURESKIPVERIFY: 'false',
    SSLCERTFILE: 'c.pem',
    SSLKEYFILE: 'k.pem',
    SSLCAFILE: 'ca.pem',
    SASLMECHANISM: 'scram',
    USERNAME: 'user',
    PASSWORD: 'word',
    ALGORITHM: 'sha-512',
    BATCHBYTES: '5000',
  };
  const env = Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [`${kafka.envPrefix}_${name}`, value]),
  );

  const { problems, pump } = prepare({}, env);

  expect(problems).toEqual([]);
  expect(pump?.limits.bytes).toBe(20_000);
});

describe('what an operator is told of a mistake', () => {
  const login = { sasl_mechanism: 'plain', use_ssl: true };
  const token = { sasl_mechanism: 'oauthbearer', use_ssl: true };
  const wrongUrl = 'error sasl_oauth_token_url';
  const msk = { sasl_mechanism: 'aws_msk_iam', aws_region: 'eu-central-1', use_ssl: true };
  const keys = { aws_access_key_id: 'x', aws_secret_access_key: 'x' };

  it.each([
    [{}, []],
    [{ broker: [] }, ['error broker']],
    [{ broker: ['a b'] }, ['error broker']],
    [{ broker: ['::1'] }, ['error broker']],
    [{ broker: ['[::1]:9092', 'host'] }, []],
    [{ topic: '' }, ['error topic']],
    [{ topic: 'not a topic' }, ['error topic']],
    [{ ...login }, []],
    [{ sasl_mechanism: 'plain' }, ['warning use_ssl']],
    [{ sasl_mechanism: 'kerberos' }, ['error sasl_mechanism']],
    [{ sasl_mechanism: 'Plain' }, ['error sasl_mechanism']],
    [{ ...login, sasl_mechanism: 'scram', sasl_algorithm: 'md5' }, ['error sasl_algorithm']],
    [{ ...token, sasl_oauth_token: 'x' }, []],
    [{ ...token, sasl_mechanism: 'OAUTHBEARER', sasl_oauth_token_file: 'x' }, []],
    [{ ...token }, ['error sasl_oauth_token']],
    [{ ...token, sasl_oauth_token: 'x', sasl_oauth_token_file: 'x' }, ['error sasl_oauth_token']],
    [{ ...token, sasl_oauth_token_url: 'https://id' }, ['error sasl_oauth_client_id']],
    [{ ...token, sasl_oauth_token_url: 'id', sasl_oauth_client_id: 'x' }, [wrongUrl]],
    [{ ...msk, ...keys }, []],
    [{ ...msk, ...keys, aws_region: '' }, ['error aws_region']],
    [{ ...msk }, ['error aws_access_key_id']],
    [{ client: 'kafkajs' }, []],
    [{ client: 'kafkajs', transactional_id: 'one' }, ['error client']],
    [{ client: 'rdkafka' }, ['error client']],
    [{ ssl_ca_file: 'ca.pem' }, ['warning use_ssl']],
    [{ use_ssl: true, ssl_cert_file: 'c.pem' }, ['warning ssl_cert_file']],
    [{ use_ssl: true, ssl_insecure_skip_verify: true }, ['warning ssl_insecure_skip_verify']],
    [{ batch_bytes: -1 }, ['error batch_bytes']],
    [{ compressed: true, compression: 'gzip' }, ['warning compressed']],
    [{ compressed: true, compression: 'snappy' }, []],
    [{ compression: 'zstd' }, canCompress('zstd') ? [] : ['error compression']],
    [{ message_key: 'partition' }, ['warning message_key']],
    [{ message_key: 'partition', partition_by: 'org_id' }, []],
    [{ timeout: 'soon' }, ['error timeout']],
  ])('%j', (meta, expected) => {
    const { problems } = prepare({ ...required, ...meta });

    expect(
      problems.map(({ severity, key }) => `${severity} ${key.split('.').at(-1) ?? ''}`),
    ).toEqual(expected);
  });
});
