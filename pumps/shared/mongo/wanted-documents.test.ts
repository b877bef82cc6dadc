import type { Document } from 'mongodb';
import { afterEach, describe, expect, it } from 'vitest';
import { Batch, type Pump } from '#pump';
import {
  aContext,
  anEntry,
  aPreparedPump,
  aWeighedEntry,
  deliverOnce,
  type RecordOverrides,
} from '#pump/testing';
import mongo from '../../mongo/index.ts';
import graph from '../../mongo-graph/index.ts';
import selective from '../../mongo-pump-selective/index.ts';
import { tooLargeNote } from './documents.ts';
import { FakeMongo } from './fake-server.testing.ts';

const servers: FakeMongo[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

interface WantedParts {
  readonly pump?: Pump;
  readonly meta?: object;
  readonly record?: RecordOverrides;
  /** For how many records it stands. */
  readonly weight?: number;
}

describe('the document that an operator wants', () => {
  const wanting = (fields: object, added: readonly string[] = []) => ({
    documents: {
      fields: { include: [], exclude: [], rename: {}, constants: {}, ...fields },
      added,
    },
  });

  const storedWith = async (
    { pump = mongo, meta = {}, record = {}, weight }: WantedParts,
    context: object,
  ): Promise<{ readonly document: Document; readonly indexes: readonly Document[] }> => {
    const server = new FakeMongo({});
    await server.listen();
    servers.push(server);
    const prepared = aPreparedPump(pump, {
      ...{
        mongo_url: server.url('test'),
        ...(pump === selective ? {} : { collection_name: 'calls' }),
      },
      ...meta,
    });
    const entry = weight === undefined ? anEntry(record) : aWeighedEntry(weight, record);
    await deliverOnce(prepared, Batch.of([entry]), aContext(context));
    const made = server.commands.find((command) => 'createIndexes' in command);
    const [name = ''] = [...server.collections.keys()];
    const { _id, ...document } = server.documents(name)[0] ?? {};
    expect(_id).toBeDefined();
    return { document, indexes: (made?.['indexes'] as Document[] | undefined) ?? [] };
  };

  it('has the fields that are included, other names, and constants', async () => {
    const { document } = await storedWith(
      { record: { path: '/pets', geo: { country: { iso_code: 'DE' } }, api_schema: 'x' } },
      wanting({
        include: ['path', 'geo.country', 'latency', 'api_schema', 'mcp_stats.is_mcp'],
        exclude: ['latency.upstream'],
        rename: { path: 'url', latency: 'took' },
        constants: { site: 'ü' },
      }),
    );

    expect(document).toEqual({
      ...{ url: '/pets', geo: { country: { isocode: 'DE' } }, api_schema: 'x', site: 'ü' },
      ...{ took: { total: 12, gateway: 2 }, mcp_stats: { is_mcp: false } },
    });
  });

  it('has what is added to records', async () => {
    const { document } = await storedWith(
      { weight: 2.5 },
      { documents: { fields: undefined, added: ['path_template', 'client', 'sample_weight'] } },
    );

    expect(document).toMatchObject({
      ...{ rawpath: '/pets', path_template: '', sample_weight: 2.5 },
      client: { browser: '', os: '', device: '' },
    });
  });

  it('has what a pump stores in place of a field, whatever it is called', async () => {
    const { document } = await storedWith(
      {
        pump: graph,
        record: { response_code: 500, graphql_stats: { IsGraphQL: true, OperationType: 2 } },
      },
      wanting({
        include: ['operationtype', 'graphql_stats.HasErrors'],
        rename: { operationtype: 'kind' },
      }),
    );

    expect(document).toEqual({ kind: 'Mutation', haserrors: true });
  });

  it('loses its payload where it is too large, and then under its other name', async () => {
    const { document } = await storedWith(
      { meta: { max_document_size_bytes: 2_000 }, record: { raw_request: 'R'.repeat(4_000) } },
      wanting({ include: ['raw_request', 'raw_response'], rename: { raw_response: 'answer' } }),
    );

    expect(document).toEqual({ rawrequest: '', answer: tooLargeNote });
  });

  it('is indexed by what it has', async () => {
    const names = async (fields: object) =>
      (await storedWith({ pump: selective }, wanting(fields))).indexes.map(({ name }) =>
        String(name),
      );

    expect(await names({ constants: { a: 'b' } })).toEqual([
      'apiid_1',
      'expireAt_1',
      'logBrowserIndex',
    ]);
    expect(await names({ exclude: ['api_key'], rename: { expireAt: 'end' } })).toEqual(['apiid_1']);
  });

  it.each([
    [{ _id: 'x' }, ['_id']],
    [{ $set: 'x', 'a.b': 'y', fine: 'z' }, ['$set', 'a.b']],
  ])('cannot have names that a server refuses: %j', (constants, wrong) => {
    const { document = [], checkDocument } = aPreparedPump(mongo, {
      ...{ mongo_url: 'mongodb://host/test', collection_name: 'calls' },
    });
    const wanted = [
      ...document,
      ...Object.keys(constants).map((key) => ({
        ...{ key, value: { form: 'constant', json: '"x"' } as const },
      })),
    ];

    expect([...(checkDocument?.(wanted) ?? [])].map(({ name }) => name)).toEqual(wrong);
  });
});
