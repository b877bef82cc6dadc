import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Batch, Sink } from '#pump';
import {
  aBatch,
  aContext,
  aPreparedPump,
  FakeHttpServer,
  failureOf,
  type Reply,
} from '#pump/testing';
import { influx2Api } from './api.testing.ts';
import influx2 from './index.ts';

const signal = AbortSignal.timeout(10_000);

let server: FakeHttpServer;
let buckets: Map<string, unknown>;
let written: Reply;
let sink: Sink | undefined;

beforeEach(async () => {
  buckets = new Map([['calls', {}]]);
  written = { status: 204 };
  const api = influx2Api({ token: 't', organization: 'acme', buckets, store: () => written });
  server = await FakeHttpServer.start(api);
});
afterEach(async () => {
  await sink?.close(signal);
  await server.close();
});

const metaOf = (more: object) => ({
  ...{ address: server.url, token: 't', organization: 'acme', bucket: 'calls', fields: ['path'] },
  ...more,
});

async function open(meta: object = {}): Promise<Sink> {
  sink = await aPreparedPump(influx2, metaOf(meta)).open(aContext(), signal);
  return sink;
}

const deliver = async (batch: Batch, meta: object = {}) =>
  (await (await open(meta)).deliver(batch, signal)).verdicts;

describe('a request', () => {
  it('names organisation and bucket, and has the token', async () => {
    const verdicts = await deliver(aBatch(2));

    expect(verdicts.map(({ outcome }) => outcome)).toEqual(['delivered', 'delivered']);
    expect(server.requests).toMatchObject([
      { method: 'POST', path: '/api/v2/write', headers: { authorization: 'Token t' } },
    ]);
    expect(Object.fromEntries(server.requests[0]?.query ?? [])).toEqual({
      ...{ org: 'acme', bucket: 'calls', precision: 'ns' },
    });
  });

  it('has the latencies, and no fields of unknown names', async () => {
    await deliver(aBatch(1), {
      fields: ['upstream_latency', 'total_latency', 'nope'],
      tags: ['nope', 'method'],
    });

    expect(String(server.requests[0]?.body)).toMatch(
      /^analytics,method=GET,nope=null total_latency=12i,upstream_latency=10i 1710109320000\d{6}\n$/,
    );
  });

  it('has the time of writing where that is asked for', async () => {
    await deliver(aBatch(1), { timestamp: 'write' });

    expect(String(server.requests[0]?.body)).not.toContain('1710109320');
  });
});

it.each([
  [{ token: 'other' }, 'unauthorised'],
  [{ bucket: 'missing' }, 'unexpected'],
  [{ organization: 'missing' }, 'unexpected'],
])('keeps the records with %j', async (meta, kind) => {
  const verdicts = await deliver(aBatch(1), meta);

  expect(verdicts).toMatchObject([{ outcome: 'retry', failure: { kind } }]);
});

it('rejects every record, unsent, where the options name no field', async () => {
  const verdicts = await deliver(aBatch(2), { fields: [] });

  expect(verdicts.map((verdict) => failureOf(verdict).kind)).toEqual(['invalid', 'invalid']);
  expect(server.requests).toEqual([]);
});

describe('create_missing_bucket', () => {
  const create_missing_bucket = true;

  it('leaves a bucket alone that is there', async () => {
    await open({ create_missing_bucket });

    expect(buckets.get('calls')).toEqual({});
  });

  it('creates the bucket in the organisation', async () => {
    await open({
      ...{ create_missing_bucket, bucket: 'fresh' },
      new_bucket_config: {
        description: 'API calls',
        retention_rules: [
          { every_seconds: 60, shard_group_duration_seconds: 30 },
          { every_seconds: 0, type: 'expire' },
        ],
      },
    });

    expect(buckets.get('fresh')).toEqual({
      ...{ orgID: '00000000000000aa', name: 'fresh', description: 'API calls' },
      retentionRules: [
        { type: 'expire', everySeconds: 60, shardGroupDurationSeconds: 30 },
        { type: 'expire', everySeconds: 0 },
      ],
    });
  });

  it('creates a bucket that is kept for ever where nothing else is said', async () => {
    await open({ create_missing_bucket, bucket: 'fresh' });

    expect(buckets.get('fresh')).toEqual({
      ...{ orgID: '00000000000000aa', name: 'fresh', retentionRules: [] },
    });
  });

  it.each([
    [{ organization: 'missing' }, 'not found'],
    [{ token: 'other' }, '401'],
  ])('does not open with %j', async (meta, expected) => {
    const opening = open({ create_missing_bucket, bucket: 'fresh', ...meta });

    await expect(opening).rejects.toThrow(expected);
  });
});

describe('readiness', () => {
  it.each([
    [{}, 'up'],
    [{ bucket: 'missing' }, 'unknown'],
    [{ token: 'other' }, 'down'],
  ])('with %j is: %s', async (meta, state) => {
    const health = await (await open(meta)).check(signal);

    expect(health.state).toBe(state);
  });
});

describe('the options', () => {
  const prepare = (raw: object, env: Readonly<Record<string, string>> = {}) =>
    influx2.prepare({ raw, source: 'test', key: 'meta', env, envPrefix: influx2.envPrefix });

  it.each([
    [{}, []],
    [{ flush: true }, []],
    [{ address: 'localhost' }, ['error meta.address']],
    [{ bucket: '', organization: '' }, ['warning meta.bucket', 'warning meta.organization']],
    [{ token: '' }, ['warning meta.token']],
    [{ fields: ['total_latency'], tags: ['nope'] }, ['warning meta.tags']],
    [{ fields: ['nope'] }, ['warning meta.fields', 'warning meta.fields']],
    [{ ssl_cert_file: 'x' }, ['warning meta.ssl_ca_file']],
  ])('%j have the problems %j', (meta, expected) => {
    const { problems } = prepare(metaOf(meta));

    expect(problems.map(({ key, severity }) => `${severity} ${key}`)).toEqual(expected);
  });

  it('come from Tyk’s variables too', () => {
    const said = { BUCKETNAME: 'b', ORGNAME: 'o', ADDR: 'http://a', TOKEN: 't', FLUSH: 'true' };
    const more = { FIELDS: 'path', TAGS: 'nope', CREATEMISSINGBUCKET: 'true' };
    const deep = { NEWBUCKETCONFIG_DESCRIPTION: 'd' };
    const env = Object.fromEntries(
      Object.entries({ ...said, ...more, ...deep }).map(([name, value]) => [
        ...[`${influx2.envPrefix}_${name}`, value],
      ]),
    ) as Record<string, string>;

    const { problems } = prepare({}, env);

    expect(problems.map(({ found }) => found)).toEqual(['"nope"']);
  });
});
