import { gunzipSync } from 'node:zlib';
import * as vitest from 'vitest';
import { afterAll, describe } from 'vitest';
import { aPreparedPump, FakeHttpServer, type SinkHarness, sinkContract } from '#pump/testing';
import { fakeS3, forgetLibrary } from './fake-s3.testing.ts';
import s3 from './index.ts';
import { linesOf as rowsAsLines } from './parquet/read.testing.ts';

afterAll(forgetLibrary);

describe.each([
  ['compressed', {}],
  ['of Parquet', { format: 'parquet' }],
  ['as they are', { compression: 'none', record_ids: true, prefix: '{{method}}/' }],
])('storing objects %s', (_, meta) => {
  sinkContract(vitest, 's3', () => aStoreHarness(meta));
});

async function aStoreHarness(meta: object): Promise<SinkHarness> {
  const fake = fakeS3('contract-id');
  const server = await FakeHttpServer.start((request) => fake.answer(request));
  const keys = { access_key_id: 'contract-id', secret_access_key: 'contract-secret' };
  const where = { endpoint: server.url, bucket: 'one', force_path_style: true };
  return {
    pump: aPreparedPump(s3, { ...where, ...keys, ...meta }),
    secrets: ['contract-secret'],
    received: async () => (await Promise.all([...fake.objects].map(linesOf))).flat(),
    break: () => server.close(),
    restore: () => server.listen(),
    stall: () => server.stall(),
    stop: () => server.close(),
  };
}

async function linesOf([key, { body }]: readonly [string, { readonly body: Buffer }]) {
  if (key.endsWith('.parquet')) return rowsAsLines(body);
  const isCompressed = body[0] === 0x1f;
  return String(isCompressed ? gunzipSync(body) : body)
    .trimEnd()
    .split('\n');
}
