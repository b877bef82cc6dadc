/** What s3rver does not know: signatures that are wrong, policies, uploads that were begun, buckets in the name of the host. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  aBatch,
  aPreparedPump,
  deliverOnce,
  FakeHttpServer,
  failureOf,
  outcomesOf,
  type ReceivedRequest,
  type Reply,
} from '#pump/testing';
import { TestProxy } from '../../test/proxy.testing.ts';
import { type Moto, needMoto, startMoto } from '../../test/services/moto.ts';
import { whyUnavailable } from '../../test/services/process.ts';
import { refusal } from './fake-s3.testing.ts';
import s3 from './index.ts';
import { makeBucket, objectsIn, openUploads } from './servers.testing.ts';

const noMoto = (await whyUnavailable(needMoto)) !== undefined;

describe.skipIf(noMoto)('an S3 by moto', () => {
  let moto: Moto;

  beforeAll(async () => {
    moto = await startMoto();
  });
  beforeEach(async () => {
    await moto.reset();
    await makeBucket(moto);
  });
  afterAll(() => moto.stop());

  const aMeta = (more: object = {}) => ({
    ...{ endpoint: moto.url, bucket: 'records', force_path_style: true, ...moto.keys },
    ...more,
  });
  const deliver = (meta: object, size = 1) => deliverOnce(aPreparedPump(s3, meta), aBatch(size));

  it('takes what is signed with its keys, and refuses what is not', async () => {
    const statements = [
      { Effect: 'Allow', Action: 's3:PutObject', Resource: 'arn:aws:s3:::records/*' },
    ] as const;
    const keys = await moto.askForKeys(statements);
    const wrong = { ...keys, secret_access_key: `${keys.secret_access_key}x` };

    expect(outcomesOf(await deliver(aMeta(keys)))).toEqual(['delivered']);
    const refused = await deliver(aMeta(wrong));
    expect(failureOf(refused[0])).toMatchObject({ kind: 'unauthorised' });
    expect(failureOf(refused[0]).message).toContain('SignatureDoesNotMatch');
    const unknown = await deliver(aMeta({ access_key_id: 'nobody' }));
    expect(failureOf(unknown[0]).message).toContain('InvalidAccessKeyId');
  });

  it('takes large objects with the permissions that the documentation names', async () => {
    const keys = await moto.askForKeys(
      ['s3:PutObject', 's3:AbortMultipartUpload'].map((Action) => ({
        ...{ Effect: 'Allow', Action, Resource: 'arn:aws:s3:::records/*' },
      })),
    );

    const verdicts = await deliverOnce(aPreparedPump(s3, aMeta({ ...keys, ...inParts })), large());
    expect(new Set(outcomesOf(verdicts))).toEqual(new Set(['delivered']));
  });

  it('keeps nothing of a policy that denies it', async () => {
    const keys = await moto.askForKeys([{ Effect: 'Deny', Action: 's3:*', Resource: '*' }]);

    const [verdict] = await deliver(aMeta(keys));

    expect(failureOf(verdict)).toMatchObject({ kind: 'unauthorised' });
    expect(failureOf(verdict).message).toContain('AccessDenied');
  });

  it('has the bucket in the name of the host, where that is not said otherwise', async () => {
    const proxy = await TestProxy.start();
    // A name that is nobody's: the proxy knows that it is this machine.
    const endpoint = `http://s3.aws.example:${new URL(moto.url).port}`;
    const meta = aMeta({ endpoint, force_path_style: false });

    const verdicts = await deliverOnce(
      aPreparedPump(s3, meta, { HTTP_PROXY: proxy.url }),
      aBatch(1),
    );

    expect(outcomesOf(verdicts)).toEqual(['delivered']);
    expect(proxy.asked[0]).toContain('PUT http://records.s3.aws.example:');
    expect(await objectsIn(moto, '')).toHaveLength(1);
    await proxy.close();
  });

  it('has neither an object nor an upload where one of its parts is refused', async () => {
    const front = await FakeHttpServer.start((request) =>
      request.query.get('partNumber') === '2' ? refusal(500, 'InternalError') : onward(request),
    );
    const meta = aMeta({ ...inParts, endpoint: front.url });

    const verdicts = await deliverOnce(aPreparedPump(s3, meta), large());

    expect(new Set(outcomesOf(verdicts))).toEqual(new Set(['retry']));
    expect([await objectsIn(moto, ''), await openUploads(moto)]).toEqual([[], 0]);
    await front.close();
  });

  it('has nothing that can be seen before the last part has come', async () => {
    const seen: number[] = [];
    const front = await FakeHttpServer.start(async (request) => {
      if (request.query.has('partNumber')) seen.push((await objectsIn(moto, '')).length);
      return onward(request);
    });

    await deliverOnce(aPreparedPump(s3, aMeta({ ...inParts, endpoint: front.url })), large());

    expect(seen).toEqual([0, 0, 0]);
    expect(await objectsIn(moto, '')).toHaveLength(1);
    await front.close();
  });

  async function onward({ method, path, query, headers, body }: ReceivedRequest): Promise<Reply> {
    const plain = Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) =>
        hopByHop.has(name) ? [] : [[name, String(value)]],
      ),
    );
    const target = `${moto.url}${path}?${String(query)}`;
    const hasBody = method === 'PUT' || method === 'POST';
    const answer = await fetch(target, { method, headers: plain, ...(hasBody ? { body } : {}) });
    return {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: await answer.text(),
    };
  }
});

/** What is between one client and its server. */
const hopByHop: ReadonlySet<string> = new Set([
  ...['connection', 'content-length', 'expect', 'host', 'transfer-encoding'],
]);
const inParts = { compression: 'none', part_bytes: '5MiB' };
const large = () => aBatch(60, { raw_response: 'x'.repeat(200_000) }, 'large');
