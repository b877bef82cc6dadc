import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Batch, type PreparedPump, type Sink } from '#pump';
import { aBatch, aContext, aPreparedPump, failureOf, outcomesOf } from '#pump/testing';
import { needMariadb, startMariadb } from '../../test/services/mariadb.ts';
import { needPostgres, startPostgres } from '../../test/services/postgres.ts';
import { whyUnavailable } from '../../test/services/process.ts';
import sql from './index.ts';

const deadline = (): AbortSignal => AbortSignal.timeout(60_000);
const open = (pump: PreparedPump): Promise<Sink> => pump.open(aContext(), deadline());

interface Server {
  createDatabase(): Promise<{ readonly name: string; readonly dsn: string }>;
  query(statement: string, database?: string): Promise<readonly Record<string, unknown>[]>;
  kill9(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const servers = [
  ['postgres', needPostgres, startPostgres],
  ['mysql', needMariadb, startMariadb],
] as const;

/** Delivers until it is delivered, as the courier does. */
async function deliverAll(sink: Sink, batch: Batch): Promise<void> {
  for (;;) {
    const delivery = await sink.deliver(batch, AbortSignal.timeout(5_000)).catch(() => undefined);
    if (delivery?.ofRequest?.outcome === 'delivered') return;
    await delay(20);
  }
}

/** The records of a segment, in batches of that many, each with a path of its own. */
function batchesOf(count: number, size: number, segment: string): readonly Batch[] {
  const { entries } = aBatch(count, (index) => ({ path: `/${segment}/${index}` }), segment);
  return Array.from({ length: Math.ceil(count / size) }, (_, at) =>
    Batch.of(entries.slice(at * size, (at + 1) * size)),
  );
}

for (const [type, need, start] of servers) {
  const unavailable = await whyUnavailable(need);

  describe.skipIf(unavailable !== undefined)(`each record once, in ${type}`, () => {
    let server: Server;
    let database: { readonly name: string; readonly dsn: string };
    let pump: PreparedPump;

    beforeAll(async () => {
      server = await start();
      database = await server.createDatabase();
      pump = aPreparedPump(sql, { type, connection_string: database.dsn });
    }, 120_000);
    afterAll(() => server.stop());

    async function stored(
      segment: string,
    ): Promise<{ readonly rows: number; readonly paths: number }> {
      const [row] = await server.query(
        `SELECT count(*) AS n, count(DISTINCT path) AS paths FROM tyk_analytics WHERE path LIKE '/${segment}/%'`,
        database.name,
      );
      return { rows: Number(row?.['n']), paths: Number(row?.['paths']) };
    }

    it('when two instances have the same records at the same time, in other batches', async () => {
      const sinks = await Promise.all([open(pump), open(pump)]);
      const cuts = [
        batchesOf(3_000, 700, 'twice-1'),
        batchesOf(3_000, 450, 'twice-1').toReversed(),
      ];

      await Promise.all(
        sinks.map(async (sink, at) => {
          for (const batch of cuts[at] ?? []) await deliverAll(sink, batch);
        }),
      );

      expect(await stored('twice-1')).toEqual({ rows: 3_000, paths: 3_000 });
      for (const sink of sinks) await sink.close(deadline());
    });

    it('when the answer was lost and another instance takes over', async () => {
      const [batch] = batchesOf(1_500, 1_500, 'again-1');
      if (batch === undefined) throw new Error('there is a batch');
      for (let life = 0; life < 3; life++) {
        const sink = await open(pump);
        await deliverAll(sink, batch);
        await sink.close(deadline());
      }

      expect(await stored('again-1')).toEqual({ rows: 1_500, paths: 1_500 });
    });

    it('when attempts are cut off at any moment', async () => {
      const sink = await open(pump);
      for (const [at, batch] of batchesOf(3_000, 150, 'cut-1').entries()) {
        await sink.deliver(batch, AbortSignal.timeout(at)).catch(() => undefined);
        await deliverAll(sink, batch);
      }

      expect(await stored('cut-1')).toEqual({ rows: 3_000, paths: 3_000 });
      await sink.close(deadline());
    }, 120_000);

    it('when the server is killed in the midst of it, again and again', async () => {
      const sink = await open(pump);
      const delivering = (async () => {
        for (const batch of batchesOf(12_000, 100, 'killed-1')) await deliverAll(sink, batch);
      })();
      for (let kill = 0; kill < 3; kill++) {
        await delay(150 + 77 * kill);
        await server.kill9();
        await server.start();
      }
      await delivering;

      expect(await stored('killed-1')).toEqual({ rows: 12_000, paths: 12_000 });
      await sink.close(deadline());
    }, 240_000);

    it('and forgets notes that are older than it keeps them', async () => {
      await server.query(
        `INSERT INTO sluice_delivered (route, segment, block, records, noted_at) VALUES ('gone', 's', 1, '', '2020-01-01 00:00:00')`,
        database.name,
      );
      const sink = await open(pump);
      const [batch] = batchesOf(10, 10, 'tidy-1');
      if (batch !== undefined) await deliverAll(sink, batch);
      const left = await server.query(
        `SELECT route, count(*) AS n FROM sluice_delivered WHERE segment IN ('s', 'tidy-1') GROUP BY route`,
        database.name,
      );

      expect(left.map(({ route, n }) => [route, Number(n)])).toEqual([['TEST/tyk_analytics', 1]]);
      await sink.close(deadline());
    });
  });
}

const unavailable = await whyUnavailable(needPostgres);

describe.skipIf(unavailable !== undefined)('a deadlock', () => {
  it('is a retry of the whole batch, on the same session, and stores each record once', async () => {
    const server = await startPostgres({ settings: { deadlock_timeout: '500ms' } });
    const sink = await open(
      aPreparedPump(sql, { type: 'postgres', connection_string: server.dsn() }),
    );
    const batch = Batch.of([...aBatch(2, {}, 'dead-1'), ...aBatch(2, {}, 'dead-2')]);
    const note = (segment: string): string =>
      `INSERT INTO sluice_delivered VALUES ('TEST/tyk_analytics', '${segment}', 0, '', now())`;
    const other = new pg.Client(`postgres://sluice@127.0.0.1:${server.port}/postgres`);
    await other.connect();
    await other.query(`SET deadlock_timeout = '60s'`);
    await other.query('BEGIN');
    await other.query(note('dead-2'));

    const delivering = sink.deliver(batch, deadline());
    await untilWaiting(server);
    const crossing = other.query(note('dead-1'));
    const delivery = await delivering;
    await crossing;
    await other.query('ROLLBACK');
    await other.end();

    expect(failureOf(delivery.ofRequest)).toMatchObject({ kind: 'throttled' });
    expect(failureOf(delivery.ofRequest).message).toContain('40P01');
    expect(outcomesOf((await sink.deliver(batch, deadline())).verdicts)).toEqual(
      batch.entries.map(() => 'delivered'),
    );
    expect(await server.query('SELECT count(*)::int AS n FROM tyk_analytics')).toEqual([{ n: 4 }]);
    await sink.close(deadline());
    await server.stop();
  }, 60_000);
});

async function untilWaiting(server: Pick<Server, 'query'>): Promise<void> {
  for (;;) {
    const [row] = await server.query(
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock'",
    );
    if (row?.['n'] === 1) return;
    await delay(5);
  }
}
