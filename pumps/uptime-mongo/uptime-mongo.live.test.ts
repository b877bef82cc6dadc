import * as vitest from 'vitest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anUptimeBatch, aPreparedPump, deliverOnce, outcomesOf, sinkContract } from '#pump/testing';
import { databaseUrl, type MongoServer, mongoKinds } from '../../test/services/mongo.ts';
import { whyUnavailable } from '../../test/services/process.ts';
import { aLiveHarness, withDatabase } from '../shared/mongo/live.testing.ts';
import uptime from './index.ts';

const collection = 'tyk_uptime_analytics';

for (const kind of mongoKinds) {
  const obstacle = await whyUnavailable(kind.need);

  describe.skipIf(obstacle !== undefined)(`on ${kind.name}`, () => {
    let server: MongoServer;
    beforeAll(async () => {
      server = await kind.start();
    }, 120_000);
    afterAll(() => server.stop());

    const aPump = () =>
      aPreparedPump(uptime, {
        mongo_url: databaseUrl(server, 'test'),
        // Where Tyk Pump has it for capping and indexes alone.
        collection_name: 'another',
      });

    sinkContract(vitest, 'uptime-mongo', () => Promise.resolve(aLiveHarness(server, uptime, {})));

    it('stores the types and names of Tyk Pump, also of an address that never answered', async () => {
      const batch = anUptimeBatch(1, { path: 'http://up/one', response_code: -1 }, 'types-1');

      await deliverOnce(aPump(), batch);

      const [document] = await withDatabase(server, (database) =>
        database
          .collection(collection)
          .find({ url: 'http://up/one' }, { promoteValues: false })
          .toArray(),
      );
      expect(Object.keys(document ?? {})).toEqual([
        ...['_id', 'url', 'requesttime', 'responsecode', 'tcperror', 'servererror'],
        ...['day', 'month', 'year', 'hour', 'minute', 'timestamp', 'expireAt', 'apiid', 'orgid'],
      ]);
      expect(document).toMatchObject({
        _id: { _bsontype: 'ObjectId' },
        requesttime: { _bsontype: 'Long', low: 12, high: 0 },
        responsecode: { _bsontype: 'Int32', value: -1 },
        tcperror: false,
        minute: { _bsontype: 'Int32', value: 0 },
        timestamp: new Date('2024-03-10T22:22:00Z'),
        apiid: 'api-pets',
      });
    });

    it('stores a batch that comes again once, in the one collection there is', async () => {
      const batch = anUptimeBatch(20, { path: 'http://up/again' }, 'again-1');

      for (const time of [1, 2]) {
        const verdicts = await deliverOnce(aPump(), batch);
        expect(outcomesOf(verdicts), `time ${time}`).toEqual(batch.entries.map(() => 'delivered'));
      }

      const [count, names] = await withDatabase(server, async (database) => [
        await database.collection(collection).countDocuments({ url: 'http://up/again' }),
        (await database.listCollections().toArray()).map(({ name }) => name),
      ]);
      expect(count).toBe(20);
      expect(names).not.toContain('another');
    });
  });
}
