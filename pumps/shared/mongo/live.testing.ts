import { MongoClient } from 'mongodb';
import type { Pump } from '#pump';
import { aPreparedPump, type SinkHarness } from '#pump/testing';
import { databaseUrl, type MongoServer } from '../../../test/services/mongo.ts';

/** Looks at a database with the driver itself. */
export async function withDatabase<T>(
  server: Pick<MongoServer, 'url'>,
  look: (database: ReturnType<MongoClient['db']>) => Promise<T>,
): Promise<T> {
  const client = new MongoClient(databaseUrl(server, 'test'), { serverSelectionTimeoutMS: 10_000 });
  try {
    return await look(client.db());
  } finally {
    await client.close();
  }
}

/** Every document of every collection, as JSON. */
const allDocuments = (server: Pick<MongoServer, 'url'>): Promise<readonly string[]> =>
  withDatabase(server, async (database) => {
    const collections = await database.listCollections().toArray();
    const lists = await Promise.all(
      collections
        .filter(({ name }) => !name.startsWith('system.'))
        .map(({ name }) => database.collection(name).find().toArray()),
    );
    return lists.flat().map((document) => JSON.stringify(document));
  });

/** A pump for a real server, for its contract. */
export function aLiveHarness(
  server: MongoServer,
  pump: Pump,
  meta: object,
  more: Partial<SinkHarness> = {},
): SinkHarness {
  return {
    pump: aPreparedPump(pump, { mongo_url: databaseUrl(server, 'test'), ...meta }),
    received: () => allDocuments(server),
    break: () => server.end(),
    restore: () => server.restore(),
    stall() {
      server.pause();
      return Promise.resolve();
    },
    stop: () => Promise.resolve(),
    ...more,
  };
}
