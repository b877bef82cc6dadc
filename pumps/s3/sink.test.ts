import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Batch, Verdict } from '#pump';
import {
  aBatch,
  aContext,
  aPreparedPump,
  deliverOnce,
  FakeHttpServer,
  failureOf,
  outcomesOf,
  type Reply,
} from '#pump/testing';
import { type FakeS3, fakeS3, forgetLibrary, refusal } from './fake-s3.testing.ts';
import s3 from './index.ts';
import { layoutOf, rowsOf } from './parquet/read.testing.ts';

let server: FakeHttpServer | undefined;
afterEach(() => server?.close());
afterAll(forgetLibrary);

const keys = { access_key_id: 'id', secret_access_key: 'key' };

async function aStore(meta: object = {}, compression = 'none') {
  const fake = fakeS3('id');
  server = await FakeHttpServer.start((request) => fake.answer(request));
  const where = { endpoint: server.url, bucket: 'b', force_path_style: true };
  const pump = aPreparedPump(s3, { ...where, ...keys, compression, ...meta });
  const deliver = (batch: Batch): Promise<readonly Verdict[]> => deliverOnce(pump, batch);
  return { fake, deliver, pump };
}

const keysOf = ({ objects }: FakeS3) => [...objects.keys()].sort();
const textOf = ({ objects }: FakeS3, key: string | undefined) =>
  String(objects.get(key ?? '')?.body);

describe('a batch', () => {
  it('is an object for each API and hour', async () => {
    const { fake, deliver } = await aStore();
    const hour = (index: number) => ({
      api_id: index < 2 ? 'one' : 'two',
      path: `/${index}`,
      timestamp: { seconds: 1_710_109_320 + (index % 2) * 3_600 },
    });

    const verdicts = await deliver(aBatch(4, hour, 'seg'));

    expect(outcomesOf(verdicts)).toEqual(verdicts.map(() => 'delivered'));
    expect(keysOf(fake).map((key) => key.replace(/[\da-f]{16}\.ndjson$/, '…'))).toEqual([
      '/b/tyk/api_id%3Done/date%3D2024-03-10/hour%3D22/seg-0-…',
      '/b/tyk/api_id%3Done/date%3D2024-03-10/hour%3D23/seg-1-…',
      '/b/tyk/api_id%3Dtwo/date%3D2024-03-10/hour%3D22/seg-2-…',
      '/b/tyk/api_id%3Dtwo/date%3D2024-03-10/hour%3D23/seg-3-…',
    ]);
    expect(JSON.parse(textOf(fake, keysOf(fake)[2]))).toMatchObject({ path: '/2' });
  });

  it('that comes again is stored over itself, and one of other records is not', async () => {
    const { fake, deliver } = await aStore();

    await deliver(aBatch(3, {}, 'seg'));
    await deliver(aBatch(3, {}, 'seg'));
    expect(fake.objects.size).toBe(1);

    await deliver(aBatch(2, {}, 'seg'));
    expect(fake.objects.size).toBe(2);
  });

  it('says which records are in it, where that is wanted', async () => {
    const { fake, deliver } = await aStore({ record_ids: true, prefix: 'x/' });

    await deliver(aBatch(2, {}, 'seg'));

    const [key] = keysOf(fake);
    const lines = textOf(fake, key).trimEnd().split('\n');
    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
      { record_id: 'seg:0', method: 'GET' },
      { record_id: 'seg:1', method: 'GET' },
    ]);
  });

  it('is compressed, and its object says so', async () => {
    const { fake, deliver } = await aStore({ compression: 'gzip' });

    await deliver(aBatch(20));

    const [[key, { body, headers }] = ['', { body: Buffer.alloc(0), headers: {} }]] = fake.objects;
    expect(key).toMatch(/\.ndjson\.gz$/);
    expect(headers).toMatchObject({
      'content-encoding': 'gzip',
      'content-type': 'application/x-ndjson',
    });
    expect(String(gunzipSync(body)).trimEnd().split('\n')).toHaveLength(20);
  });

  it('is a file of Parquet where that is wanted, of the columns that are', async () => {
    const { fake, deliver } = await aStore({ format: 'parquet', record_ids: true }, 'snappy');

    await deliver(aBatch(20, (index) => ({ path: `/${index}` }), 'seg'));
    await deliver(aBatch(20, (index) => ({ path: `/${index}` }), 'seg'));

    const [[key, { body, headers }] = ['', { body: Buffer.alloc(0), headers: {} }]] = fake.objects;
    expect(fake.objects.size).toBe(1);
    expect(key).toMatch(/\/seg-0-[\da-f]{16}\.parquet$/);
    expect(headers).toMatchObject({ 'content-type': 'application/vnd.apache.parquet' });
    expect(headers['content-encoding']).toBeUndefined();
    expect(layoutOf(body).codecs).toEqual(['SNAPPY']);
    expect((await rowsOf(body))[19]).toMatchObject({ record_id: 'seg:19', path: '/19' });
  });

  it('has in Parquet the columns that the operator wants, by their names', async () => {
    const { fake, pump } = await aStore({ format: 'parquet' }, 'gzip');
    const { signal } = new AbortController();
    const fields = {
      include: ['method', 'latency', 'path_template'],
      exclude: ['latency.gateway'],
      rename: { method: 'verb', 'latency.total': 'all' },
      constants: { environment: 'production' },
      unknown: false,
    };
    const sink = await pump.open(aContext({ documents: { fields, added: [] } }), signal);
    await sink.deliver(aBatch(1, { latency: { total: 7, upstream: 5 } }), signal);
    await sink.close(signal);

    const [{ body } = { body: Buffer.alloc(0) }] = fake.objects.values();
    expect(await rowsOf(body)).toEqual([
      {
        ...{ verb: 'GET', latency: { all: 7n, upstream: 5n }, path_template: '' },
        environment: 'production',
      },
    ]);
    expect(layoutOf(body).codecs).toEqual(['GZIP']);
  });

  it('is what each of its objects fared like', async () => {
    const { fake, deliver } = await aStore({ prefix: '{{api_id}}/' });
    fake.refuse = ({ path }) => (path.includes('bad') ? refusal(503, 'SlowDown') : undefined);

    const verdicts = await deliver(
      aBatch(3, (index) => ({ api_id: index === 1 ? 'bad' : 'good' })),
    );

    expect(outcomesOf(verdicts)).toEqual(['delivered', 'retry', 'delivered']);
    expect(failureOf(verdicts[1]).kind).toBe('throttled');
  });
});

describe('a large object', () => {
  const large = () => aBatch(60, { raw_response: 'x'.repeat(200_000) }, 'large');

  it('is uploaded in parts, and is there only as a whole', async () => {
    const { fake, deliver } = await aStore({ part_bytes: '5MiB' });
    fake.refuse = ({ query }) => {
      if (query.has('partNumber')) expect(fake.objects.size).toBe(0);
      return undefined;
    };

    const verdicts = await deliver(large());

    expect(new Set(outcomesOf(verdicts))).toEqual(new Set(['delivered']));
    expect(fake.asked.filter((one) => one.startsWith('PUT'))).toHaveLength(3);
    expect(textOf(fake, keysOf(fake)[0]).trimEnd().split('\n')).toHaveLength(60);
    expect(fake.uploads.size).toBe(0);
  });

  it('leaves nothing where it was given up at its deadline', async () => {
    const fake = fakeS3('id');
    const deadline = new AbortController();
    let isAsked = (): void => undefined;
    const cleared = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    server = await FakeHttpServer.start((request) => {
      if (request.method === 'DELETE') isAsked();
      if (request.query.get('partNumber') !== '2') return fake.answer(request);
      deadline.abort();
      // It never answers.
      return new Promise<Reply>(() => undefined);
    });
    const pump = aPreparedPump(s3, {
      ...{ endpoint: server.url, bucket: 'b', force_path_style: true, ...keys },
      ...{ compression: 'none', part_bytes: '5MiB' },
    });
    const { signal } = new AbortController();
    const sink = await pump.open(aContext(), signal);

    const { verdicts } = await sink.deliver(large(), deadline.signal);
    await cleared;

    expect(new Set(outcomesOf(verdicts))).toEqual(new Set(['retry']));
    expect([fake.objects.size, fake.uploads.size]).toEqual([0, 0]);
    await sink.close(signal);
  });

  it('leaves nothing where a part is refused', async () => {
    const { fake, deliver } = await aStore({ part_bytes: '5MiB' });
    fake.refuse = ({ query }) =>
      query.get('partNumber') === '2' ? refusal(500, 'InternalError') : undefined;

    const verdicts = await deliver(large());

    expect(new Set(outcomesOf(verdicts))).toEqual(new Set(['retry']));
    expect([fake.objects.size, fake.uploads.size]).toEqual([0, 0]);
  });

  it('is not taken for stored where the last answer is an error with the status 200', async () => {
    const { fake, deliver } = await aStore({ part_bytes: '5MiB' });
    fake.refuse = ({ method, query }) =>
      method === 'POST' && query.has('uploadId') ? refusal(200, 'InternalError') : undefined;

    expect(new Set(outcomesOf(await deliver(large())))).toEqual(new Set(['retry']));
  });
});

describe('what S3 refuses', () => {
  it.each([
    [403, 'AccessDenied', 'unauthorised'],
    [400, 'ExpiredToken', 'unauthorised'],
    [403, 'SignatureDoesNotMatch', 'unauthorised'],
    [404, 'NoSuchBucket', 'unexpected'],
    [503, 'SlowDown', 'throttled'],
    [500, 'InternalError', 'unreachable'],
    [400, 'RequestTimeout', 'timeout'],
    [413, 'EntityTooLarge', 'unexpected'],
    [507, 'XMinioStorageFull', 'unexpected'],
    [502, 'BadGateway', 'unreachable'],
  ])('%i %s is tried again, as %s, and its words are not repeated', async (status, code, kind) => {
    const { fake, deliver } = await aStore();
    fake.refuse = () => refusal(status, code);

    const verdicts = await deliver(aBatch(2));

    expect(outcomesOf(verdicts)).toEqual(['retry', 'retry']);
    expect(failureOf(verdicts[0])).toMatchObject({ kind });
    expect(JSON.stringify(verdicts)).not.toContain('hunter2');
    expect(failureOf(verdicts[0]).message).toContain(String(status));
  });

  it('shows at the readiness, as far as the bucket may be looked at', async () => {
    const { fake, pump } = await aStore();
    const { signal } = new AbortController();
    const sink = await pump.open(aContext(), signal);
    const stateAt = async (status: number) => {
      fake.refuse = () => ({ status });
      return (await sink.check(signal)).state;
    };

    expect([
      await stateAt(200),
      await stateAt(403),
      await stateAt(404),
      await stateAt(503),
    ]).toEqual([...['up', 'unknown', 'down', 'down']]);
    await sink.close(signal);
  });
});
