/** PgBouncer in transaction mode, with fewer sessions of the server than there are of ours: each transaction may be on another. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Batch, type PreparedPump } from '#pump';
import { aBatch, aContext, aPreparedPump } from '#pump/testing';
import {
  needPgbouncer,
  type PgbouncerServer,
  startPgbouncer,
} from '../../test/services/pgbouncer.ts';
import { needPostgres, type PostgresServer, startPostgres } from '../../test/services/postgres.ts';
import { whyUnavailable } from '../../test/services/process.ts';
import aggregates from '../sql_aggregate/index.ts';
import sql from './index.ts';

const unavailable = (await whyUnavailable(needPostgres)) ?? (await whyUnavailable(needPgbouncer));

describe.skipIf(unavailable !== undefined)('through PgBouncer', () => {
  let server: PostgresServer;
  let pool: PgbouncerServer;

  beforeAll(async () => {
    server = await startPostgres();
    pool = await startPgbouncer(server);
  }, 60_000);
  afterAll(async () => {
    await pool.stop();
    await server.stop();
  });

  /** Two instances, all batches at once in each, and of every third batch an attempt that is cut off first. */
  async function deliverAll(pump: PreparedPump, batches: readonly Batch[]): Promise<void> {
    const deliver = async (): Promise<void> => {
      const sink = await pump.open(aContext(), AbortSignal.timeout(50_000));
      await Promise.all(
        batches.map(async (batch, at) => {
          if (at % 3 === 0)
            await sink.deliver(batch, AbortSignal.timeout(5 * at)).catch(() => undefined);
          for (let attempt = 0; attempt < 100; attempt++) {
            const { ofRequest } = await sink.deliver(batch, AbortSignal.timeout(20_000));
            if (ofRequest?.outcome === 'delivered') return;
          }
          throw new Error('it is not delivered');
        }),
      );
      await sink.close(AbortSignal.timeout(5_000));
    };
    await Promise.all([deliver(), deliver()]);
  }

  const { entries } = aBatch(2_400, (index) => ({ path: `/${index}`, request_time: index % 7 }));
  const batches = Array.from({ length: 8 }, (_, at) =>
    Batch.of(entries.slice(at * 300, (at + 1) * 300)),
  );
  const meta = (database: string) => ({
    type: 'postgres',
    connection_string: `host=127.0.0.1 port=${pool.port} user=anyone dbname=${database} sslmode=disable`,
  });

  it('rows are stored once', async () => {
    const { name } = await server.createDatabase();
    await deliverAll(aPreparedPump(sql, meta(name)), batches);

    const rows =
      'SELECT count(*)::int AS rows, count(DISTINCT path)::int AS paths FROM tyk_analytics';
    expect(await server.query(rows, name)).toEqual([{ rows: 2_400, paths: 2_400 }]);
  }, 60_000);

  it('records are counted once', async () => {
    const { name } = await server.createDatabase();
    await deliverAll(aPreparedPump(aggregates, { ...meta(name), track_all_paths: true }), batches);

    const sums = await server.query(
      `SELECT dimension, count(*)::int AS rows, sum(counter_hits)::int AS hits FROM tyk_aggregated WHERE dimension IN ('', 'endpoints') GROUP BY 1 ORDER BY 1`,
      name,
    );
    expect(sums).toEqual([
      { dimension: '', rows: 1, hits: 2_400 },
      { dimension: 'endpoints', rows: 2_400, hits: 2_400 },
    ]);
  }, 60_000);
});
