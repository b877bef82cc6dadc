import type { Document } from 'mongodb';
import { afterEach, describe, expect, it, test } from 'vitest';
import type { Pump } from '#pump';
import {
  aBatch,
  aContext,
  answerOnce,
  aPreparedPump,
  deliverOnce,
  failureOf,
  outcomesOf,
} from '#pump/testing';
import mongo from '../../mongo/index.ts';
import graph from '../../mongo-graph/index.ts';
import selective from '../../mongo-pump-selective/index.ts';
import { tooLargeNote } from './documents.ts';
import { type Answer, FakeMongo } from './fake-server.testing.ts';

const servers: FakeMongo[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function aServer(answer?: Answer): Promise<FakeMongo> {
  const server = new FakeMongo(answer === undefined ? {} : { answer });
  await server.listen();
  servers.push(server);
  return server;
}

const pumpFor = (server: FakeMongo, meta: object = {}, pump: Pump = mongo) =>
  aPreparedPump(pump, { mongo_url: server.url('test'), collection_name: 'calls', ...meta });

const inserts = (server: FakeMongo): readonly Document[] =>
  server.commands.filter((command) => 'insert' in command);

/** An answer to inserts alone. */
const toInserts =
  (answer: Answer): Answer =>
  (command, documents) =>
    'insert' in command ? answer(command, documents) : {};

describe('a document of which there is one', () => {
  const refusal = (error: object) =>
    toInserts(() => ({ ok: 1, n: 2, writeErrors: [{ index: 1, code: 11_000, ...error }] }));

  test.each([
    [{ keyPattern: { _id: 1 }, errmsg: 'E11000' }],
    [{ errmsg: "E11000 duplicate key error collection: a.b index: _id_ dup key: { _id: 'x' }" }],
    [{ errmsg: 'E11000 duplicate key error index: a.b.$_id_ dup key: { : 1 }' }],
  ])('by its id is delivered: %j', async (error) => {
    const server = await aServer(refusal(error));

    const verdicts = await deliverOnce(pumpFor(server), aBatch(3));

    expect(outcomesOf(verdicts)).toEqual(['delivered', 'delivered', 'delivered']);
  });

  const elsewhere: readonly (readonly [object])[] = [
    [{ keyPattern: { alias: 1 }, errmsg: 'E11000 index: alias_1 dup key: { alias: "secret" }' }],
    [{ errmsg: 'E11000 duplicate key error. Failed _id or unique key constraint' }],
  ];
  test.each(elsewhere)('by another index is none of ours: %j', async (error) => {
    const asked: Document[] = [];
    const server = await aServer((command, documents) => {
      if (!('find' in command)) return refusal(error)(command, documents);
      asked.push(command);
      return { ok: 1, cursor: { id: 0n, ns: 'test.calls', firstBatch: [] } };
    });

    const verdicts = await deliverOnce(pumpFor(server), aBatch(3));

    expect(outcomesOf(verdicts)).toEqual(['delivered', 'reject', 'delivered']);
    expect(failureOf(verdicts[1])).toMatchObject({ kind: 'invalid' });
    expect(failureOf(verdicts[1]).message).not.toContain('secret');
    expect(asked).toHaveLength(1);
  });

  test.each(elsewhere)('is ours all the same where its id is there: %j', async (error) => {
    const server = await aServer((command, documents) => {
      if (!('find' in command)) return refusal(error)(command, documents);
      const filter = command['filter'] as { _id: { $in: readonly unknown[] } };
      const [_id] = filter._id.$in;
      return { ok: 1, cursor: { id: 0n, ns: 'test.calls', firstBatch: [{ _id }] } };
    });

    const verdicts = await deliverOnce(pumpFor(server), aBatch(3));

    expect(outcomesOf(verdicts)).toEqual(['delivered', 'delivered', 'delivered']);
  });
});

describe('what a server says of documents', () => {
  it('is said of those alone, whatever it counts', async () => {
    const writeErrors = [
      { index: 0, code: 121, errmsg: 'Document failed validation' },
      { index: 2, code: 16_500, errmsg: 'Request rate is large. RetryAfterMs=20' },
    ];
    const server = await aServer(toInserts(() => ({ ok: 1, n: 3, writeErrors })));

    const verdicts = await deliverOnce(pumpFor(server), aBatch(3));

    expect(outcomesOf(verdicts)).toEqual(['reject', 'delivered', 'retry']);
    expect(verdicts[2]).toMatchObject({ failure: { kind: 'throttled' }, after: 20 });
  });

  it('is not believed of documents that it was not sent', async () => {
    const writeErrors = [{ index: 7, code: 121, errmsg: 'x' }];
    const server = await aServer(toInserts(() => ({ ok: 1, n: 3, writeErrors })));

    expect((await answerOnce(pumpFor(server), aBatch(3))).ofRequest).toMatchObject({
      outcome: 'retry',
    });
  });

  it('is said of the request where it is: the courier halves it', async () => {
    const server = await aServer(toInserts(() => ({ ok: 0, code: 2, errmsg: 'bad' })));

    expect((await answerOnce(pumpFor(server), aBatch(3))).ofRequest).toMatchObject({
      outcome: 'reject',
      failure: { kind: 'invalid' },
    });
  });

  it('is halved here where the request was not the whole batch', async () => {
    const server = await aServer(
      toInserts((_, documents) =>
        documents.some((bytes) => bytes.includes('/bad')) ? { ok: 0, code: 2, errmsg: 'bad' } : {},
      ),
    );
    const batch = aBatch(6, (at) => ({
      path: at === 4 ? '/bad' : '/ok',
      raw_request: 'x'.repeat(500),
    }));

    const verdicts = await deliverOnce(
      pumpFor(server, { max_insert_batch_size_bytes: 4_600 }),
      batch,
    );

    expect(outcomesOf(verdicts)).toEqual([
      ...['delivered', 'delivered', 'delivered', 'delivered', 'reject', 'delivered'],
    ]);
    expect(server.documents('calls')).toHaveLength(5);
  });

  it('counts only once the members of the set confirm it', async () => {
    const writeConcernError = { code: 64, codeName: 'WriteConcernFailed', errmsg: 'timed out' };
    const server = await aServer(toInserts(() => ({ ok: 1, n: 2, writeConcernError })));

    const verdicts = await deliverOnce(
      aPreparedPump(mongo, {
        mongo_url: server.url('test', 'w=majority&wtimeoutMS=100&journal=true'),
        collection_name: 'calls',
      }),
      aBatch(2),
    );

    expect(outcomesOf(verdicts)).toEqual(['retry', 'retry']);
    expect(inserts(server)[0]?.['writeConcern']).toEqual({ w: 'majority', j: true, wtimeout: 100 });
  });
});

describe('an insert', () => {
  it('holds what Tyk Pump’s estimate lets it hold', async () => {
    const server = await aServer();
    const batch = aBatch(5, { raw_request: 'x'.repeat(976) });

    await deliverOnce(pumpFor(server, { max_insert_batch_size_bytes: 4_000 }), batch);

    expect(inserts(server)).toHaveLength(3);
    expect(server.documents('calls')).toHaveLength(5);
  });

  it('leaves the payload of a large record out', async () => {
    const server = await aServer();
    const context = aContext();
    const pump = pumpFor(server, { max_document_size_bytes: 2_000 });
    const sink = await pump.open(context, AbortSignal.timeout(5_000));
    const batch = aBatch(2, (at) => ({ raw_request: 'x'.repeat(at === 0 ? 976 : 977) }));

    const { verdicts } = await sink.deliver(batch, AbortSignal.timeout(5_000));
    await sink.close(AbortSignal.timeout(5_000));

    expect(outcomesOf(verdicts)).toEqual(['delivered', 'delivered']);
    expect(
      server
        .documents('calls')
        .map(({ rawrequest, rawresponse }): unknown => [rawrequest, rawresponse]),
    ).toEqual([
      ['x'.repeat(976), ''],
      ['', tooLargeNote],
    ]);
    expect(context.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', fields: { records: 1 } }),
    );
  });

  it('leaves out what no server takes, of every pump', async () => {
    const server = await aServer();
    const huge = { raw_response: 'x'.repeat(16 * 1024 * 1024) };
    const batch = aBatch(1, { ...huge, graphql_stats: { IsGraphQL: true } });

    await deliverOnce(pumpFor(server, { max_document_size_bytes: 1_000 }, graph), batch);

    expect(server.documents('calls')).toMatchObject([{ rawresponse: tooLargeNote }]);
  });
});

describe('records that a pump does not store', () => {
  test.each([
    ['mongo', mongo, [{ mcp_stats: { is_mcp: true } }, { response_code: -1 }]],
    ['mongo-graph', graph, [{}, { response_code: -1, graphql_stats: { IsGraphQL: true } }]],
    ['mongo-pump-selective', selective, [{ mcp_stats: { is_mcp: true } }, { response_code: -1 }]],
  ])('are not sent by %s', async (_, pump, records) => {
    const server = await aServer();

    const batch = aBatch(records.length, (at) => records[at] ?? {});
    const verdicts = await deliverOnce(pumpFor(server, {}, pump), batch);

    expect(outcomesOf(verdicts)).toEqual(records.map(() => 'delivered'));
    expect(inserts(server)).toEqual([]);
  });
});
