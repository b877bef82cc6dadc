import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aBatch, aContext, aPreparedPump, deliverOnce, type RecordOverrides } from '#pump/testing';
import { needMariadb, startMariadb } from '../../test/services/mariadb.ts';
import { needPostgres, startPostgres } from '../../test/services/postgres.ts';
import { whyUnavailable } from '../../test/services/process.ts';
import sql from './index.ts';

const columns = ['responsecode', 'apikey', 'timestamp', 'apiid', 'orgid', 'oauthid'];
const day = 86_400;
const noon = 1_710_072_000;
const delivered = (size: number) => Array.from({ length: size }, () => ({ outcome: 'delivered' }));

for (const [type, need, start] of [
  ['postgres', needPostgres, startPostgres],
  ['mysql', needMariadb, startMariadb],
] as const) {
  const unavailable = await whyUnavailable(need);

  describe.skipIf(unavailable !== undefined)(`the tables of ${type}`, () => {
    let server: Awaited<ReturnType<typeof start>>;

    beforeAll(async () => {
      server = await start();
    }, 120_000);
    afterAll(() => server.stop());

    async function indexesOf(table: string, database: string): Promise<readonly string[]> {
      const rows = await server.query(
        type === 'postgres'
          ? `SELECT indexname AS name FROM pg_indexes WHERE tablename = '${table}'`
          : `SELECT DISTINCT index_name AS name FROM information_schema.statistics WHERE table_name = '${table}' AND table_schema = '${database}'`,
        database,
      );
      return rows.map(({ name }) => String(name)).sort();
    }

    const expected = (table: string): readonly string[] =>
      columns.map((column) => `${table}_idx_${column}`).sort();

    it('are made with the indexes that Tyk Pump forgets', async () => {
      const { name, dsn } = await server.createDatabase();
      const pump = aPreparedPump(sql, { type, connection_string: dsn });

      expect(await deliverOnce(pump, aBatch(3))).toEqual(delivered(3));

      expect(await indexesOf('tyk_analytics', name)).toEqual(expected('tyk_analytics'));
    });

    it('get the columns and indexes they lack, and lose nothing', async () => {
      const { name, dsn } = await server.createDatabase();
      await server.query('CREATE TABLE tyk_analytics (method text, mine int)', name);
      await server.query(`INSERT INTO tyk_analytics VALUES ('OLD', 7)`, name);
      const pump = aPreparedPump(sql, { type, connection_string: dsn });
      const signal = AbortSignal.timeout(60_000);
      const sink = await pump.open(aContext(), signal);

      expect((await sink.deliver(aBatch(3), signal)).verdicts).toEqual(delivered(3));

      // They are made in the background.
      while ((await indexesOf('tyk_analytics', name)).length < columns.length) await delay(50);
      expect(await indexesOf('tyk_analytics', name)).toEqual(expected('tyk_analytics'));
      await sink.close(signal);
      const rows = await server.query('SELECT method, mine FROM tyk_analytics ORDER BY mine', name);
      expect(rows.filter(({ mine }) => mine === 7)).toEqual([{ method: 'OLD', mine: 7 }]);
      expect(rows).toHaveLength(4);
    }, 60_000);

    it('are one for each day, days of a batch in any order, each with its indexes', async () => {
      const { name, dsn } = await server.createDatabase();
      const pump = aPreparedPump(sql, { type, connection_string: dsn, table_sharding: true });
      const batch = aBatch(
        6,
        (index): RecordOverrides => ({
          timestamp: { seconds: noon + (index % 3) * day },
        }),
      );

      expect(await deliverOnce(pump, batch)).toEqual(delivered(6));

      for (const table of ['20240310', '20240311', '20240312'].map((at) => `tyk_analytics_${at}`)) {
        const [row] = await server.query(`SELECT count(*) AS n FROM ${table}`, name);
        expect(Number(row?.['n'])).toBe(2);
        expect(await indexesOf(table, name)).toEqual(expected(table));
      }
    });

    it('of all days get what they lack at start, where migrate_sharded_tables says so, and no others', async () => {
      const { name, dsn } = await server.createDatabase();
      const days = ['tyk_analytics_20200101', 'tyk_analytics_20231231'];
      const others = ['tyk_analytics_old', 'tyk_analytics', 'mytyk_analytics_20200101'];
      for (const table of [...days, ...others]) {
        await server.query(`CREATE TABLE ${table} (method text)`, name);
        await server.query(`INSERT INTO ${table} VALUES ('OLD')`, name);
      }
      const columnsOf = async (table: string): Promise<number> => {
        const rows = await server.query(
          `SELECT column_name FROM information_schema.columns WHERE table_name = '${table}' AND table_schema IN ('public', '${name}')`,
          name,
        );
        return rows.length;
      };
      const open = async (migrates: boolean): Promise<void> => {
        const signal = AbortSignal.timeout(60_000);
        const options = { table_sharding: true, migrate_sharded_tables: migrates };
        const pump = aPreparedPump(sql, { type, connection_string: dsn, ...options });
        const sink = await pump.open(aContext(), signal);
        if (migrates)
          for (const day of days)
            while ((await indexesOf(day, name)).length < columns.length) await delay(50);
        await sink.close(signal);
      };

      await open(false);
      expect(await Promise.all(days.map(columnsOf))).toEqual([1, 1]);
      await open(true);

      const [count = 0, same] = await Promise.all(days.map(columnsOf));
      expect(count).toBeGreaterThan(40);
      expect(same).toBe(count);
      expect(await Promise.all(others.map(columnsOf))).toEqual([1, 1, 1]);
      for (const day of days) {
        expect(await indexesOf(day, name)).toEqual(expected(day));
        expect(await server.query(`SELECT method, path FROM ${day}`, name)).toEqual([
          { method: 'OLD', path: null },
        ]);
      }
    }, 60_000);

    it('are made again where somebody dropped one', async () => {
      const { name, dsn } = await server.createDatabase();
      const signal = AbortSignal.timeout(60_000);
      const sink = await aPreparedPump(sql, { type, connection_string: dsn }).open(
        aContext(),
        signal,
      );
      await server.query('DROP TABLE tyk_analytics', name);
      const batch = aBatch(2);

      const first = await sink.deliver(batch, signal);
      const second = await sink.deliver(batch, signal);

      expect(first.ofRequest?.outcome).toBe('retry');
      expect(second.verdicts).toEqual(delivered(2));
      await sink.close(signal);
    });

    it('hold what no text of them can, with U+FFFD, and times that are none', async () => {
      const { name, dsn } = await server.createDatabase();
      const pump = aPreparedPump(sql, { type, connection_string: dsn });
      const odd = String.raw`it's "odd" \ ` + '\t\n😀';
      const batch = aBatch(
        2,
        (index): RecordOverrides => ({
          path: index === 0 ? Buffer.from([0x61, 0xff, 0x00, 0x62]) : odd,
          timestamp: { seconds: -62_135_596_800 },
          tags: ['a"b', 'c\\d'],
        }),
      );

      expect(await deliverOnce(pump, batch)).toEqual(delivered(2));

      const rows = await server.query('SELECT path, tags FROM tyk_analytics', name);
      expect(rows.map(({ path }) => path).sort()).toEqual(['a\ufffd\ufffdb', odd]);
      expect(rows.map(({ tags }) => tags)).toEqual(Array(2).fill('["a\\"b","c\\\\d"]'));
    });
  });
}

const unavailable = await whyUnavailable(needPostgres);

describe.skipIf(unavailable !== undefined)('a user who may not create tables', () => {
  it('is told what to do, or stores without notes', async () => {
    const server = await startPostgres();
    const signal = AbortSignal.timeout(60_000);
    const full = { type: 'postgres', connection_string: server.dsn() };
    await deliverOnce(aPreparedPump(sql, { ...full, exactly_once: false }), aBatch(1));
    await server.query('CREATE ROLE poor LOGIN');
    await server.query('GRANT INSERT, SELECT ON tyk_analytics TO poor');
    const poor = { ...full, connection_string: `${server.dsn()} user=poor` };

    await expect(aPreparedPump(sql, poor).open(aContext(), signal)).rejects.toThrow(
      /sluice_delivered could not be made.*exactly_once/,
    );
    const without = aPreparedPump(sql, { ...poor, exactly_once: false });

    expect(without.guarantee).toBe('at-least-once');
    expect(await deliverOnce(without, aBatch(2))).toEqual(delivered(2));
    await server.stop();
  }, 60_000);
});
