import * as vitest from 'vitest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  aBatch,
  aPreparedPump,
  deliverOnce,
  failureOf,
  outcomesOf,
  sinkContract,
} from '#pump/testing';
import { databaseUrl, type MongoServer, mongoKinds } from '../../test/services/mongo.ts';
import { whyUnavailable } from '../../test/services/process.ts';
import graph from '../mongo-graph/index.ts';
import mcp from '../mongo-mcp/index.ts';
import selective from '../mongo-pump-selective/index.ts';
import { aLiveHarness, withDatabase } from '../shared/mongo/live.testing.ts';
import mongo from './index.ts';

for (const kind of mongoKinds) {
  const obstacle = await whyUnavailable(kind.need);

  describe.skipIf(obstacle !== undefined)(`on ${kind.name}`, () => {
    let server: MongoServer;
    let count = 0;

    beforeAll(async () => {
      server = await kind.start();
    }, 120_000);
    afterAll(() => server.stop());

    const meta = (more: object = {}) => ({ mongo_url: databaseUrl(server, 'test'), ...more });
    const aCollection = (): string => `calls${(count += 1)}`;

    sinkContract(vitest, 'mongo', () =>
      Promise.resolve(aLiveHarness(server, mongo, { collection_name: 'contract' })),
    );

    it('stores the types and names of Tyk Pump', async () => {
      const collection_name = aCollection();
      const path = '/ü "x" $y.z';
      const batch = aBatch(1, {
        path,
        tags: ['a', 'b'],
        content_length: 2n ** 40n,
        raw_request: 'R0VU',
      });

      await deliverOnce(aPreparedPump(mongo, meta({ collection_name })), batch);

      const [document] = await withDatabase(server, (database) =>
        database.collection(collection_name).find({}, { promoteValues: false }).toArray(),
      );
      expect(document?._id.getTimestamp()).toEqual(new Date(1_710_109_320_000));
      expect(JSON.parse(JSON.stringify(document))).toMatchObject({
        ...{ path, tags: ['a', 'b'], rawrequest: 'R0VU', orgid: 'org-alpha', trackpath: false },
        ...{ timestamp: '2024-03-10T22:22:00.000Z', geo: { city: { names: {} } } },
      });
      expect(document?.['contentlength']).toMatchObject({ _bsontype: 'Long' });
      expect(document?.['responsecode']).toMatchObject({ _bsontype: 'Int32', value: 200 });
    });

    it('stores a batch that comes again once, and what is new in it', async () => {
      const pump = aPreparedPump(mongo, meta({ collection_name: aCollection() }));
      const segment = `repeat-${count}`;
      await deliverOnce(pump, aBatch(300, {}, segment));

      const verdicts = await deliverOnce(pump, aBatch(500, {}, segment));

      expect(new Set(outcomesOf(verdicts))).toEqual(new Set(['delivered']));
      const stored = await withDatabase(server, (database) =>
        database.collection(`calls${count}`).countDocuments(),
      );
      expect(stored).toBe(500);
    });

    it('makes a dead letter of what an index of the operator’s refuses, and of nothing else', async () => {
      const collection_name = aCollection();
      await withDatabase(server, (database) =>
        database.collection(collection_name).createIndex({ alias: 1 }, { unique: true }),
      );
      const pump = aPreparedPump(mongo, meta({ collection_name }));
      const batch = aBatch(3, (at) => ({ alias: at === 0 ? 'a' : 'b' }), `unique-${count}`);

      const first = await deliverOnce(pump, batch);
      const again = await deliverOnce(pump, batch);

      expect(outcomesOf(first)).toEqual(['delivered', 'delivered', 'reject']);
      expect(failureOf(first[2]).message).toContain('alias_1');
      expect(outcomesOf(again)).toEqual(outcomesOf(first));
    });

    it('makes the indexes with the collection', async () => {
      const collection_name = aCollection();
      await deliverOnce(aPreparedPump(mongo, meta({ collection_name })), aBatch(1));

      const indexes = await withDatabase(server, (database) =>
        database.collection(collection_name).indexes(),
      );
      expect(indexes.map(({ name }) => name).sort()).toEqual([
        ...['_id_', 'apiid_1', 'logBrowserIndex', 'orgid_1'],
      ]);
    });

    it('gives each organisation a collection', async () => {
      const batch = aBatch(4, (at) => ({ org_id: `live${count}-${at % 2}` }));

      const verdicts = await deliverOnce(aPreparedPump(selective, meta()), batch);

      expect(new Set(outcomesOf(verdicts))).toEqual(new Set(['delivered']));
      const counts = await withDatabase(server, (database) =>
        Promise.all(
          [0, 1].map((at) =>
            database.collection(`z_tyk_analyticz_live${count}-${at}`).countDocuments(),
          ),
        ),
      );
      expect(counts).toEqual([2, 2]);
    });

    it('stores what GraphQL and MCP say', async () => {
      const [calls, tools] = [aCollection(), aCollection()];
      const graphql = {
        ...{ IsGraphQL: true, OperationType: 2, Variables: '{}', RootFields: ['pets'] },
        ...{ Types: { Mutation: ['pets'] }, Errors: [{ message: 'no' }] },
      };
      const mcpStats = {
        is_mcp: true,
        jsonrpc_method: 'tools/call',
        primitive_type: 'tool',
        primitive_name: 'n',
      };

      await deliverOnce(
        aPreparedPump(graph, meta({ collection_name: calls })),
        aBatch(2, (at) => (at === 0 ? { graphql_stats: graphql, response_code: 500 } : {})),
      );
      await deliverOnce(
        aPreparedPump(mcp, meta({ collection_name: tools })),
        aBatch(2, (at) => (at === 0 ? { mcp_stats: mcpStats } : {})),
      );

      const [graphs, mcps] = await withDatabase(server, (database) =>
        Promise.all([calls, tools].map((name) => database.collection(name).find().toArray())),
      );
      expect(graphs).toMatchObject([
        {
          ...{ operationtype: 'Mutation', variables: '{}', rootfields: ['pets'], haserrors: true },
          ...{ types: { Mutation: ['pets'] }, errors: [{ message: 'no', path: [] }] },
        },
      ]);
      expect(mcps).toMatchObject([
        { jsonrpcmethod: 'tools/call', primitivetype: 'tool', primitivename: 'n' },
      ]);
    });
  });

  it(`${kind.name} is there`, ({ skip }) => {
    if (obstacle !== undefined) skip(obstacle);
  });
}
