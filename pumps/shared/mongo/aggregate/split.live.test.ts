import { BSON, type Document } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Batch, type Sink } from '#pump';
import { aBatch, aContext, failureOf, outcomesOf } from '#pump/testing';
import { databaseUrl, type MongoServer, mongoKinds } from '../../../../test/services/mongo.ts';
import { whyUnavailable } from '../../../../test/services/process.ts';
import { options as restOptions } from '../../../mongo-pump-aggregate/options.ts';
import type { MongoDatabase } from '../client.ts';
import { withDatabase } from '../live.testing.ts';
import { openMongo } from '../opening.ts';
import { createAggregateSink } from './opening.ts';
import type { AggregateOptions } from './options.ts';
import { restPlan } from './vocabulary.ts';

const hour = 1_710_108_000;
const mostBytes = 30_000;
const signal = (): AbortSignal => AbortSignal.timeout(60_000);

/** Refuses what MongoDB refuses, in its words, but sooner: a change of a document that has so many bytes already. */
function withSmallDocuments(database: MongoDatabase): MongoDatabase {
  return {
    name: database.name,
    bson: database.bson,
    write: (command) => database.write(command),
    insert: (...asked) => database.insert(...asked),
    which: (...asked) => database.which(...asked),
    find: (...asked) => database.find(...asked),
    close: () => database.close(),
    async command(command, ...rest) {
      const [{ q, u }] = (command['updates'] ?? [{}]) as [{ q?: Document; u?: Document }];
      if (q === undefined) return database.command(command, ...rest);
      const [found] = await database.find(
        String(command['update']),
        { _id: q['_id'] as unknown },
        signal(),
      );
      const isLarge = found !== undefined && BSON.calculateObjectSize(found) > mostBytes;
      const isMark = (u?.['$set'] as Document | undefined)?.['sluice.full'] === true;
      if (!isLarge || isMark) return database.command(command, ...rest);
      const errmsg = 'Resulting document after update is larger than 16777216';
      return { ok: 1, n: 0, writeErrors: [{ index: 0, code: 17_419, errmsg }] };
    },
  };
}

for (const kind of mongoKinds) {
  const obstacle = await whyUnavailable(kind.need);

  describe.skipIf(obstacle !== undefined)(`a document that is too large, on ${kind.name}`, () => {
    let server: MongoServer;

    beforeAll(async () => {
      server = await kind.start();
    }, 120_000);
    afterAll(() => server.stop());

    async function aSink(meta: object = {}): Promise<Sink> {
      const defaults = Object.entries(restOptions).map(([key, { fallback }]) => [key, fallback]);
      const { Secret } = await import('../../../../src/lib/secret.ts');
      // As the parser makes them.
      const options = {
        ...Object.fromEntries(defaults),
        mongo_url: new Secret(databaseUrl(server, 'test')),
        enable_aggregate_self_healing: true,
        ...meta,
      } as AggregateOptions;
      const database = withSmallDocuments(await openMongo(options, signal()));
      return createAggregateSink(restPlan, options, database, aContext().log);
    }

    const documents = (org: string): Promise<readonly Document[]> =>
      withDatabase(server, (database) =>
        database
          .collection(`z_tyk_analyticz_aggregate_${org}`)
          .find()
          .sort({ timestamp: 1 })
          .toArray(),
      );
    const traffic = (org_id: string) =>
      aBatch(
        200,
        (at) => ({ org_id, api_id: `api${at}`, request_time: at, timestamp: { seconds: hour } }),
        `split-${org_id}`,
      );

    it('is gone on with in another one, a minute later, and nothing counts twice', async () => {
      const { entries } = traffic('split');
      const [one, other] = [await aSink(), await aSink()];

      for (let from = 0; from < 200; from += 20) {
        // Each of them has records that the other has counted, perhaps in a part that is full by now.
        const batch = Batch.of(entries.slice(Math.max(0, from - 60), from + 20));
        const { verdicts } = await (from % 40 === 0 ? one : other).deliver(batch, signal());
        expect(new Set(outcomesOf(verdicts))).toEqual(new Set(['delivered']));
      }
      const third = await aSink();
      await third.deliver(Batch.of(entries), signal());
      await Promise.all([one, other, third].map((sink) => sink.close(signal())));

      const found = await documents('split');
      expect(found.length).toBeGreaterThan(2);
      expect(found.map(({ timestamp }) => Number(timestamp) / 1_000 - hour)).toEqual(
        found.map((_, at) => 60 * at),
      );
      const total = (name: string): number =>
        found.reduce((sum, document) => sum + Number((document['total'] as Document)[name]), 0);
      expect([total('hits'), total('totalrequesttime')]).toEqual([200, (199 * 200) / 2]);
      const apis = found.flatMap(({ apiid }) => Object.keys(apiid as Document));
      expect(new Set(apis).size).toBe(200);
    });

    it.each([[{ enable_aggregate_self_healing: false }], [{ store_analytics_per_minute: true }]])(
      'makes dead letters where there may be no other: %j',
      async (meta) => {
        const org = `full${Object.keys(meta).join('')}`;
        const { entries } = traffic(org);
        const sink = await aSink(meta);
        await sink.deliver(Batch.of(entries.slice(0, 100)), signal());

        const { verdicts } = await sink.deliver(Batch.of(entries.slice(90, 110)), signal());

        // Those that it has counted it knows.
        expect(verdicts.some(({ outcome }) => outcome === 'reject')).toBe(true);
        expect(failureOf(verdicts.find(({ outcome }) => outcome === 'reject'))).toMatchObject({
          kind: 'oversize',
          message: expect.stringContaining('enable_aggregate_self_healing') as string,
        });
        const [document] = await documents(org);
        expect((document?.['total'] as Document)['hits']).toBe(100);
        await sink.close(signal());
      },
    );
  });

  it(`${kind.name} is there`, ({ skip }) => {
    if (obstacle !== undefined) skip(obstacle);
  });
}
