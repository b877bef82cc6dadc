import { MongoClient } from 'mongodb';
import { databaseUrl, mongoKinds } from '../../test/services/mongo.ts';
import { isNoMcp, meantOf } from './meant.ts';
import type { BenchSink } from './sink.ts';

const collection = 'tyk_analytics';

/** Documents in a server that speaks the protocol of MongoDB, on the same cores. Throws `Unavailable`. */
export async function mongoSink(): Promise<BenchSink> {
  const [kind] = mongoKinds;
  if (kind === undefined) throw new Error('There is no server for the protocol of MongoDB.');
  const server = await kind.start({ heap: '2g' });
  const client = new MongoClient(databaseUrl(server, 'bench'));
  let [runs, expected, database] = [0, 0, 'bench'];
  return {
    // A count goes through all documents.
    interval: 250,
    async begin({ records }) {
      await client.db(database).dropDatabase();
      expected = meantOf(records, isNoMcp);
      database = `bench_${++runs}`;
      const meta = { mongo_url: databaseUrl(server, database), collection_name: collection };
      return { mongo: { type: 'mongo', meta } };
    },
    async look() {
      const arrived = await client.db(database).collection(collection).countDocuments();
      return {
        arrived: Math.min(arrived, expected),
        lost: Math.max(0, expected - arrived),
        invented: Math.max(0, arrived - expected),
      };
    },
    async close() {
      await client.close();
      await server.stop();
    },
  };
}
