import { gunzipSync } from 'node:zlib';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import * as vitest from 'vitest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  aBatch,
  aPreparedPump,
  deliverOnce,
  failureOf,
  outcomesOf,
  type SinkHarness,
  sinkContract,
} from '#pump/testing';
import { type S3Server, startS3 } from '../../test/services/s3rver.ts';
import s3 from './index.ts';

describe('an S3 of its own', () => {
  let server: S3Server;
  let reader: S3Client;
  let objects = 0;

  beforeAll(async () => {
    server = await startS3(['records']);
    const { access_key_id: accessKeyId, secret_access_key: secretAccessKey } = server.keys;
    reader = new S3Client({
      ...{ endpoint: server.url, region: 'us-east-1', forcePathStyle: true },
      credentials: { accessKeyId, secretAccessKey },
    });
  });
  afterAll(async () => {
    reader.destroy();
    await server.stop();
  });

  const aMeta = (more: object = {}) => ({
    ...{ endpoint: server.url, bucket: 'records', force_path_style: true, ...server.keys },
    ...{ prefix: `test-${(objects += 1)}/api_id={{api_id}}/`, ...more },
  });

  async function linesOf({ prefix }: { readonly prefix: string }): Promise<readonly string[]> {
    const Prefix = prefix.replace(/\/.*/s, '/');
    const { Contents = [] } = await reader.send(
      new ListObjectsV2Command({ Bucket: 'records', Prefix }),
    );
    const texts = await Promise.all(
      Contents.map(async ({ Key }) => {
        const { Body } = await reader.send(new GetObjectCommand({ Bucket: 'records', Key }));
        const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
        return String(bytes[0] === 0x1f ? gunzipSync(bytes) : bytes);
      }),
    );
    return texts.flatMap((text) => text.trimEnd().split('\n'));
  }

  sinkContract(vitest, 's3', (): Promise<SinkHarness> => {
    const meta = aMeta();
    return Promise.resolve({
      pump: aPreparedPump(s3, meta),
      received: () => linesOf(meta),
      break: () => server.kill9(),
      restore: () => server.start(),
      stop: () => Promise.resolve(),
    });
  });

  it('has a batch that came twice once, under a key with whatever a record holds', async () => {
    const meta = aMeta();
    const batch = aBatch(20, (index) => ({
      api_id: index < 10 ? "a/b?c#d e+f%'()" : 'ü',
      path: `/${index}`,
    }));

    await deliverOnce(aPreparedPump(s3, meta), batch);
    const again = await deliverOnce(aPreparedPump(s3, meta), batch);

    expect(new Set(outcomesOf(again))).toEqual(new Set(['delivered']));
    expect(await linesOf(meta)).toHaveLength(20);
  });

  it('has a large object that was uploaded in parts', async () => {
    const meta = aMeta({ compression: 'none', part_bytes: '5MiB' });

    const verdicts = await deliverOnce(
      aPreparedPump(s3, meta),
      aBatch(60, { raw_response: 'x'.repeat(200_000) }),
    );

    expect(new Set(outcomesOf(verdicts))).toEqual(new Set(['delivered']));
    expect(await linesOf(meta)).toHaveLength(60);
  });

  it('refuses a wrong key and a bucket that is not there, and the records wait', async () => {
    const wrong = await deliverOnce(
      aPreparedPump(s3, aMeta({ access_key_id: 'nobody' })),
      aBatch(1),
    );
    const missing = await deliverOnce(aPreparedPump(s3, aMeta({ bucket: 'nobodys' })), aBatch(1));

    expect(failureOf(wrong[0])).toMatchObject({ kind: 'unauthorised' });
    expect(failureOf(missing[0])).toMatchObject({ kind: 'unexpected' });
    expect(failureOf(missing[0]).message).toContain('NoSuchBucket');
  });
});
