import { setTimeout as delay } from 'node:timers/promises';
import { type Document, MongoClient } from 'mongodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { databaseUrl, type MongoServer, mongoKinds } from '../services/mongo.ts';
import { whyUnavailable } from '../services/process.ts';
import { type RedisServer, startRedis } from '../services/redis.ts';
import { type PumpProcess, startPump, untilDrained } from './pump.ts';
import { pushRecords } from './records.ts';

for (const kind of mongoKinds) {
  const unavailable = await whyUnavailable(kind.need);

  describe.skipIf(unavailable !== undefined)(`two pumps and ${kind.name}`, () => {
    let mongo: MongoServer;
    let redis: RedisServer;
    const pumps: PumpProcess[] = [];

    beforeAll(async () => {
      mongo = await kind.start();
    }, 120_000);
    afterAll(() => mongo.stop());
    beforeEach(async () => {
      redis = await startRedis();
    });
    afterEach(async () => {
      for (const pump of pumps.splice(0)) await pump.stop();
      await redis.stop();
    });

    async function start(): Promise<PumpProcess> {
      const meta = { mongo_url: databaseUrl(mongo, 'crash') };
      const limits = { records: 200, age: '200ms' };
      const pump = await startPump({
        redis,
        pumps: {
          raw: { type: 'mongo', limits, meta: { ...meta, collection_name: 'calls' } },
          tools: { type: 'mongo-mcp', limits, meta: { ...meta, collection_name: 'tools' } },
          graphs: { type: 'mongo-graph', limits, meta: { ...meta, collection_name: 'graphs' } },
          sums: {
            type: 'mongo-pump-aggregate',
            limits,
            meta: { ...meta, use_mixed_collection: true, track_all_paths: true },
          },
        },
        own: { lease: '1s', backoff_max: '1s' },
      });
      pumps.push(pump);
      return pump;
    }

    it('store and count every record once, however often one of them is killed', async () => {
      const all: string[] = [];
      let victim = await start();
      await start();
      for (let round = 0; round < 4; round++) {
        const { good } = await pushRecords(redis, 300, { from: round * 300 });
        all.push(...good);
        // Whatever it is at then: reading, changing a document, or waiting for the answer.
        await delay(300 + 170 * round);
        await victim.kill9();
        victim = await start();
      }
      await untilDrained(redis);

      const client = new MongoClient(databaseUrl(mongo, 'crash'));
      const database = client.db();
      const [calls = [], tools = [], graphs = []] = await Promise.all(
        ['calls', 'tools', 'graphs'].map((name) => database.collection(name).find().toArray()),
      );
      const mixed = await database.collection('tyk_analytics_aggregates').find().toArray();
      const organisations = new Set(calls.map(({ orgid }) => String(orgid)));
      const own = await Promise.all(
        [...organisations].map((org) =>
          database.collection(`z_tyk_analyticz_aggregate_${org}`).find().toArray(),
        ),
      );
      await client.close();

      const aliasesOf = (documents: readonly Document[]): readonly string[] =>
        documents.map(({ alias }) => String(alias)).sort();
      expect(aliasesOf([...calls, ...tools])).toEqual(all.sort());
      // Calls of GraphQL are stored with the others, and not counted.
      const isGraph = new Set(aliasesOf(graphs));
      const counted = calls.filter(({ alias }) => !isGraph.has(String(alias)));
      const time = counted.reduce((sum, { requesttime }) => sum + Number(requesttime), 0);
      const errors = counted.filter(({ responsecode }) => Number(responsecode) >= 400).length;
      for (const documents of [mixed, own.flat()])
        expect(
          ['hits', 'errortotal', 'totalrequesttime'].map((name) => sumOf(documents, name)),
        ).toEqual([counted.length, errors, time]);
    }, 240_000);
  });

  it(`${kind.name} is there`, ({ skip }) => {
    if (unavailable !== undefined) skip(unavailable);
  });
}

const sumOf = (documents: readonly Document[], name: string): number =>
  documents.reduce((sum, { total }) => sum + Number((total as Document)[name]), 0);
