import type { Document } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Batch, type Entry, type Sink } from '#pump';
import { aBatch, aContext, aPreparedPump, deliverOnce, outcomesOf } from '#pump/testing';
import { databaseUrl, type MongoServer, mongoKinds } from '../../../../test/services/mongo.ts';
import { whyUnavailable } from '../../../../test/services/process.ts';
import mcp from '../../../mongo-mcp-aggregate/index.ts';
import rest from '../../../mongo-pump-aggregate/index.ts';
import { withDatabase } from '../live.testing.ts';

const signal = (): AbortSignal => AbortSignal.timeout(60_000);

/** 2024-03-10 22:00. */
const hour = 1_710_108_000;

for (const kind of mongoKinds) {
  const obstacle = await whyUnavailable(kind.need);

  describe.skipIf(obstacle !== undefined)(`counting on ${kind.name}`, () => {
    let server: MongoServer;
    let count = 0;

    beforeAll(async () => {
      server = await kind.start();
    }, 120_000);
    afterAll(() => server.stop());

    const pumpFor = (meta: object = {}, pump = rest) =>
      aPreparedPump(pump, {
        mongo_url: databaseUrl(server, 'test'),
        track_all_paths: true,
        ...meta,
      });
    const anOrganisation = (): string => `exact${(count += 1)}`;
    const documentsOf = (collection: string): Promise<readonly Document[]> =>
      withDatabase(server, (database) =>
        database.collection(collection).find().sort({ timestamp: 1 }).toArray(),
      );
    const documents = (org: string) => documentsOf(`z_tyk_analyticz_aggregate_${org}`);

    /** What no crash, repeat or race may change. */
    const sums = (found: readonly Document[]) => {
      const all = { hits: 0, errors: 0, time: 0, bytes: 0, paths: {} as Record<string, number> };
      for (const { total, endpoints } of found as readonly (Document & { total: Document })[]) {
        all.hits += Number(total['hits']);
        all.errors += Number(total['errortotal']);
        all.time += Number(total['totalrequesttime']);
        all.bytes += Number(total['bytesin']);
        for (const { identifier, hits } of Object.values(
          (endpoints ?? {}) as Record<string, Document>,
        ))
          all.paths[String(identifier)] = (all.paths[String(identifier)] ?? 0) + Number(hits);
      }
      return all;
    };

    const traffic = (size: number, org_id: string, segment: string): Batch =>
      aBatch(
        size,
        (at) => ({
          org_id,
          path: `/p.${at % 7}`,
          request_time: at,
          response_code: at % 11 === 0 ? -1 : at % 5 === 0 ? 500 : 200,
          network: { bytes_in: at % 11 === 0 ? 3 : 0 },
          timestamp: { seconds: hour + (at % 3) },
        }),
        segment,
      );

    const expected = (size: number) => {
      const all = { hits: 0, errors: 0, time: 0, bytes: 0, paths: {} as Record<string, number> };
      for (let at = 0; at < size; at++) {
        if (at % 11 === 0) {
          all.bytes += 3;
          continue;
        }
        all.hits += 1;
        if (at % 5 === 0) all.errors += 1;
        all.time += at;
        all.paths[`/p.${at % 7}`] = (all.paths[`/p.${at % 7}`] ?? 0) + 1;
      }
      return all;
    };

    it('writes the names that the Dashboard reads, with lists and averages', async () => {
      const org = anOrganisation();
      const pump = pumpFor();
      const batch = (at: number) =>
        aBatch(1, {
          ...{ org_id: org, path: '/a.b', api_key: '$k.1', tags: ['t.1', 'key-x'], alias: 'al' },
          ...{ response_code: at === 0 ? 200 : 404, request_time: at === 0 ? 10 : 20 },
          ...{ latency: { total: 10 * (at + 1), upstream: 5 }, timestamp: { seconds: hour + at } },
        });

      await deliverOnce(pump, batch(0));
      await deliverOnce(pump, batch(1));

      const [document, ...others] = await documents(org);
      expect(others).toEqual([]);
      const counter = {
        ...{ hits: 2, success: 1, errortotal: 1, requesttime: 15, totalrequesttime: 30 },
        ...{ latency: 15, totallatency: 30, maxlatency: 20, minlatency: 10, upstreamlatency: 5 },
        ...{ errormap: { 404: 1 }, errorlist: [{ code: '404', count: 1 }] },
        lasttime: new Date((hour + 1) * 1_000),
      };
      expect(document).toMatchObject({
        orgid: org,
        timestamp: new Date(hour * 1_000),
        timeid: { year: 2024, month: 3, day: 10, hour: 22 },
        total: counter,
        apiid: { 'api-pets': { ...counter, identifier: 'api-pets', humanidentifier: 'Pets' } },
        apikeys: { '\\u24k\\u2e1': { ...counter, identifier: '$k.1', humanidentifier: 'al' } },
        errors: { 404: { hits: 1, identifier: '404' } },
        tags: { t1: { hits: 2 } },
        endpoints: { '/a\\u2eb': { ...counter, identifier: '/a.b' } },
        lists: {
          apiid: [{ ...counter, identifier: 'api-pets' }],
          endpoints: [{ ...counter, identifier: '/a.b' }],
          errors: [{ hits: 1 }],
        },
      });
      expect(document).toHaveProperty(['lists', 'keyendpoints', '\\u24k\\u2e1', 0, 'hits'], 2);
    });

    it('counts a record once, however often and in whatever batches it comes', async () => {
      const org = anOrganisation();
      const { entries } = traffic(300, org, `again-${org}`);
      const pump = pumpFor({ use_mixed_collection: true });

      for (const [from, to] of [
        [0, 100],
        [50, 200],
        [0, 300],
        [299, 300],
        [0, 300],
      ] as const)
        await deliverOnce(pump, Batch.of(entries.slice(from, to)));

      expect(sums(await documents(org))).toEqual(expected(300));
      const mixed = await documentsOf('tyk_analytics_aggregates');
      expect(sums(mixed.filter(({ orgid }) => orgid === org))).toEqual(expected(300));
    });

    it('counts right where several write at once, each knowing nothing of the other', async () => {
      const org = anOrganisation();
      const { entries } = traffic(600, org, `race-${org}`);
      const sinks = await Promise.all([1, 2, 3].map(() => pumpFor().open(aContext(), signal())));

      await Promise.all(
        sinks.map(async (sink, at) => {
          for (let from = 0; from < 600; from += 50) {
            const batch = Batch.of(entries.slice(from, Math.min(600, from + 50 + 20 * at)));
            let waiting: readonly Entry[] = batch.entries;
            while (waiting.length > 0) {
              const { verdicts } = await sink.deliver(Batch.of(waiting), signal());
              waiting = waiting.filter((_, index) => verdicts[index]?.outcome !== 'delivered');
            }
          }
        }),
      );
      await Promise.all(sinks.map((sink) => sink.close(signal())));

      expect(sums(await documents(org))).toEqual(expected(600));
      const [document] = await documents(org);
      expect((document?.['lists'] as Document)['endpoints']).toHaveLength(7);
    });

    it('counts right where it is stopped at any moment and another one goes on', async () => {
      const org = anOrganisation();
      const { entries } = traffic(400, org, `stop-${org}`);

      for (let from = 0; from < 400; from += 40) {
        const batch = Batch.of(entries.slice(Math.max(0, from - 20), from + 40));
        for (const turns of [0, 3, 9, 27]) {
          const sink: Sink = await pumpFor().open(aContext(), signal());
          const abort = new AbortController();
          const delivery = sink.deliver(batch, abort.signal).catch(() => undefined);
          for (let turn = 0; turn < turns; turn++)
            await new Promise((resolve) => setImmediate(resolve));
          abort.abort();
          await delivery;
          await sink.close(signal());
        }
        await deliverOnce(pumpFor(), batch);
      }

      expect(sums(await documents(org))).toEqual(expected(400));
    });

    it('has a document for each time, whatever the batch', async () => {
      const org = anOrganisation();
      const batch = aBatch(6, (at) => ({ org_id: org, timestamp: { seconds: hour + at * 1_200 } }));

      await deliverOnce(pumpFor({ aggregation_time: 30 }), batch);

      const found = await documents(org);
      expect(
        found.map(({ timestamp, total }): unknown => [
          Number(timestamp) / 1_000 - hour,
          (total as Document)['hits'],
        ]),
      ).toEqual([
        ...[
          [0, 2],
          [1_800, 1],
          [3_600, 2],
          [5_400, 1],
        ],
      ]);
    });

    it('goes on with a document that Tyk Pump has begun', async () => {
      const org = anOrganisation();
      const begun = {
        ...{
          orgid: org,
          timestamp: new Date(hour * 1_000),
          total: { hits: 5, success: 5, totalrequesttime: 50.5 },
        },
        apiid: { 'api-pets': { hits: 5, success: 5, identifier: 'api-pets', totallatency: 5 } },
      };
      await withDatabase(server, (database) =>
        database.collection(`z_tyk_analyticz_aggregate_${org}`).insertOne(begun),
      );

      await deliverOnce(pumpFor(), aBatch(1, { org_id: org, timestamp: { seconds: hour } }));

      const found = await documents(org);
      expect(found).toMatchObject([
        {
          total: { hits: 6, success: 6, totalrequesttime: 62.5 },
          apiid: { 'api-pets': { hits: 6, totallatency: 17 } },
          lists: { apiid: [{ hits: 6 }] },
        },
      ]);
    });

    it('counts calls of MCP by API', async () => {
      const org = anOrganisation();
      const stats = {
        is_mcp: true,
        jsonrpc_method: 'tools/call',
        primitive_type: 'tool',
        primitive_name: 'a.b',
      };
      const batch = aBatch(4, (at) => ({
        ...{ org_id: org, api_id: `api${at % 2}`, timestamp: { seconds: hour } },
        mcp_stats: at < 3 ? stats : {},
      }));

      await deliverOnce(pumpFor({}, mcp), batch);

      const found = await documentsOf(`z_tyk_mcp_analyticz_aggregate_${org}`);
      expect(
        found
          .map(({ owner_apiid, total }): unknown => [owner_apiid, (total as Document)['hits']])
          .sort(),
      ).toEqual([
        ...[
          ['api0', 2],
          ['api1', 1],
        ],
      ]);
      expect(found.find(({ owner_apiid }) => owner_apiid === 'api0')).toMatchObject({
        methods: { 'tools/call': { hits: 2 } },
        primitives: { tool: { hits: 2 } },
        names: { 'tool_a\\u2eb': { hits: 2, humanidentifier: 'a.b' } },
        lists: { names: [{ hits: 2 }] },
      });
    });

    it('leaves out what nobody wants', async () => {
      const org = anOrganisation();
      const meta = {
        ignore_aggregations: ['APIKeys', 'endpoints'],
        ignore_tag_prefix_list: ['x-'],
      };

      const verdicts = await deliverOnce(
        pumpFor(meta),
        aBatch(2, { org_id: org, tags: ['x-1', 'y'], timestamp: { seconds: hour } }),
      );

      expect(outcomesOf(verdicts)).toEqual(['delivered', 'delivered']);
      const [document] = await documents(org);
      expect(Object.keys(document ?? {})).not.toEqual(expect.arrayContaining(['apikeys']));
      expect(document).not.toHaveProperty('endpoints');
      expect(document).not.toHaveProperty('lists.apikeys');
      expect(document).toMatchObject({ tags: { y: { hits: 2 } }, total: { hits: 2 } });
      expect(document?.['tags']).not.toHaveProperty('x-1');
    });
  });

  it(`${kind.name} is there`, ({ skip }) => {
    if (obstacle !== undefined) skip(obstacle);
  });
}
