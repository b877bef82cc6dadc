import * as vitest from 'vitest';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Batch, Sink } from '#pump';
import {
  aContext,
  anUptimeBatch,
  aPreparedPump,
  outcomesOf,
  type RecordOverrides,
  type SinkHarness,
  sinkContract,
} from '#pump/testing';
import { needPostgres, type PostgresServer, startPostgres } from '../../test/services/postgres.ts';
import { whyUnavailable } from '../../test/services/process.ts';
import uptime from './index.ts';

const hour = 1_710_108_000;
const at = (seconds: number) => ({ timestamp: { seconds } });
const timeout = () => AbortSignal.timeout(10_000);
const unavailable = await whyUnavailable(needPostgres);

describe.skipIf(unavailable !== undefined)('with PostgreSQL', () => {
  sinkContract(vitest, 'uptime-sql', async (): Promise<SinkHarness> => {
    const server = await startPostgres();
    let [isDown, isPaused] = [false, false];
    return {
      pump: aPreparedPump(uptime, {
        ...{ uptime_type: 'sql', type: 'postgres' },
        connection_string: `${server.dsn()} password=contract-secret`,
      }),
      secrets: ['contract-secret'],
      poison: { ...at(-62_135_596_800) },
      async received() {
        const rows = await server.query(
          "SELECT dimension_value, counter_hits FROM tyk_uptime_analytics WHERE dimension = 'url'",
        );
        return rows.flatMap(({ dimension_value: url, counter_hits: hits }) =>
          Array.from({ length: Number(hits) }, () => String(url)),
        );
      },
      async break() {
        isDown = true;
        await server.kill9();
      },
      async restore() {
        if (isPaused) server.resume();
        isPaused = false;
        if (isDown) await server.start();
        isDown = false;
      },
      stall() {
        isPaused = true;
        server.pause();
        return Promise.resolve();
      },
      stop: () => server.stop(),
    };
  });

  describe('the rows of uptime records', () => {
    let server: PostgresServer;
    let sink: Sink;
    beforeAll(async () => {
      server = await startPostgres();
    });
    afterAll(() => server.stop());
    beforeEach(async () => {
      await server.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    });
    afterEach(() => sink.close(timeout()));

    async function open(meta: object = {}): Promise<void> {
      const options = { uptime_type: 'sql', type: 'postgres', connection_string: server.dsn() };
      sink = await aPreparedPump(uptime, { ...options, ...meta }).open(aContext(), timeout());
    }

    const batchOf = (records: readonly RecordOverrides[], segment?: string): Batch =>
      anUptimeBatch(
        records.length,
        (index) => ({ ...at(hour + index), org_id: 'o', path: 'u', ...records[index] }),
        segment,
      );

    async function deliver(batch: Batch): Promise<readonly string[]> {
      return outcomesOf((await sink.deliver(batch, timeout())).verdicts);
    }

    const rows = (where = 'true', table = 'tyk_uptime_analytics') =>
      server.query(
        `SELECT timestamp, dimension, dimension_value, counter_hits, counter_error,
           counter_total_request_time::float AS sum, counter_request_time::float AS mean,
           counter_last_time, code_200, code_503
         FROM ${table} WHERE ${where} ORDER BY timestamp, dimension, dimension_value`,
      );

    it('take in later batches, and the mean follows the sums', async () => {
      await open();
      await deliver(batchOf([{ request_time: 10, response_code: 200 }]));
      await deliver(batchOf([{ request_time: 20, response_code: 503 }, { request_time: 60 }]));

      expect(await rows("dimension = 'url'")).toMatchObject([
        { counter_hits: '3', counter_error: '1', sum: 90, mean: 30, code_200: '2', code_503: '1' },
      ]);
      expect(await rows("dimension = 'errors'")).toMatchObject([
        { dimension_value: '503', counter_hits: '1', mean: 20 },
      ]);
    });

    it('count a batch that comes again, or is cut otherwise, once', async () => {
      await open();
      const records = Array.from({ length: 40 }, () => ({ response_code: 200 }));
      await deliver(batchOf(records.slice(0, 15), 'segment-1'));
      await sink.close(timeout());

      await open();
      expect(await deliver(batchOf(records, 'segment-1'))).toEqual(records.map(() => 'delivered'));
      expect(await rows("dimension = 'url'")).toMatchObject([{ counter_hits: '40' }]);
    });

    it('lie in the hour, and with sharding in the table, of each record’s own time', async () => {
      await open({ table_sharding: true });
      await deliver(batchOf([at(hour + 7_199), at(hour + 7_200), at(hour)]));

      const url = "dimension = 'url'";
      const first = await rows(url, 'tyk_uptime_analytics_20240310');
      expect(first.map(({ timestamp }) => timestamp)).toEqual([`${hour}`, `${hour + 3_600}`]);
      const second = await rows(url, 'tyk_uptime_analytics_20240311');
      expect(second.map(({ timestamp }) => timestamp)).toEqual([`${hour + 7_200}`]);
      const indexes = await server.query(
        "SELECT indexname FROM pg_indexes WHERE indexname LIKE '%dimension' AND tablename LIKE '%\\_2024%' ORDER BY 1",
      );
      expect(indexes.map(({ indexname }) => indexname)).toEqual([
        'tyk_uptime_analytics_20240310_idx_dimension',
        'tyk_uptime_analytics_20240311_idx_dimension',
      ]);
    });

    it('are none of a record without a time, which costs the others nothing', async () => {
      await open({ table_sharding: true });
      const outcomes = await deliver(batchOf([{}, at(-62_135_596_800), {}]));

      expect(outcomes).toEqual(['delivered', 'reject', 'delivered']);
      const tables = await server.query(
        "SELECT tablename FROM pg_tables WHERE tablename LIKE 'tyk\\_uptime\\_analytics\\_0%'",
      );
      expect(tables).toEqual([]);
    });

    it('are empty for an address that never answered, and divide nothing by nothing', async () => {
      await open();
      await deliver(batchOf([{ response_code: -1 }]));
      await deliver(batchOf([{ response_code: -1 }]));
      expect(await rows("dimension = 'url'")).toMatchObject([{ counter_hits: '0', mean: 0 }]);

      await deliver(batchOf([{ response_code: 200, request_time: 7 }]));
      expect(await rows("dimension = 'url'")).toMatchObject([{ counter_hits: '1', mean: 7 }]);
    });

    it('have a key that fits, however long the address is', async () => {
      await open();
      const long = `http://up/${'x'.repeat(5_000)}`;

      expect(await deliver(batchOf([{ path: `${long}1` }, { path: `${long}2` }]))).toEqual([
        'delivered',
        'delivered',
      ]);
    });
  });
});
