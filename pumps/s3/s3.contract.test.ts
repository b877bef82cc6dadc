import { gunzipSync } from 'node:zlib';
import * as vitest from 'vitest';
import { afterAll, describe } from 'vitest';
import { aPreparedPump, FakeHttpServer, type SinkHarness, sinkContract } from '#pump/testing';
import { fakeS3, forgetLibrary } from './fake-s3.testing.ts';
import s3 from './index.ts';

afterAll(forgetLibrary);

describe.each([
  ['compressed', {}],
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
    received: () => Promise.resolve([...fake.objects.values()].flatMap(linesOf)),
    break: () => server.close(),
    restore: () => server.listen(),
    stall: () => server.stall(),
    stop: () => server.close(),
  };
}

function linesOf({ body }: { readonly body: Buffer }): readonly string[] {
  const isCompressed = body[0] === 0x1f;
  return String(isCompressed ? gunzipSync(body) : body)
    .trimEnd()
    .split('\n');
}
