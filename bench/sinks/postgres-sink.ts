import pg from 'pg';
import { type PostgresServer, startPostgres } from '../../test/services/postgres.ts';
import { type IsMeant, isNoMcp, isRest, meantOf } from './meant.ts';
import type { Arrivals, BenchSink } from './sink.ts';

/** How one of the SQL pumps is asked for, and what has come of it. */
interface Kind {
  readonly type: 'sql' | 'sql_aggregate';
  readonly meta: object;
  readonly isMeant: IsMeant;
  /** Records that are there, as `count`. */
  readonly counting: string;
  /** The same and, as `distinct`, different ones; asked once enough are there. */
  readonly auditing: string;
}

const records: Kind = {
  type: 'sql',
  meta: {},
  isMeant: isNoMcp,
  counting: 'SELECT count(*) AS count FROM tyk_analytics',
  auditing: `SELECT count(*) AS count, count(DISTINCT substring(tags FROM 'rec-[0-9]{9}')) AS distinct FROM tyk_analytics`,
};

const totals = `SELECT sum(counter_hits) AS count, sum(counter_hits) AS distinct FROM tyk_aggregated WHERE dimension = ''`;

const aggregates: Kind = {
  type: 'sql_aggregate',
  // Each record has a tag of its own here, which none has out there.
  meta: { track_all_paths: true, ignore_aggregations: ['tags'] },
  isMeant: isRest,
  counting: totals,
  auditing: totals,
};

/** Rows in a real PostgreSQL, which works on the same cores. Throws `Unavailable`. */
export const sqlSink = (): Promise<BenchSink> => sinkOf(records);

/** Counters in it; all paths are counted. */
export const aggregateSink = (): Promise<BenchSink> => sinkOf(aggregates);

async function sinkOf(kind: Kind): Promise<BenchSink> {
  const server = await startPostgres({
    settings: { shared_buffers: '128MB', max_wal_size: '2GB' },
  });
  let database: OpenDatabase | undefined;
  return {
    // A count reads the whole table.
    interval: 100,
    async begin({ records }) {
      await database?.close();
      database = await openDatabase(server, kind, meantOf(records, kind.isMeant));
      const meta = { type: 'postgres', connection_string: database.dsn, ...kind.meta };
      return { [kind.type]: { type: kind.type, meta } };
    },
    look: () => database?.look() ?? Promise.resolve({ arrived: 0, lost: 0, invented: 0 }),
    async close() {
      await database?.close();
      await server.stop();
    },
  };
}

interface OpenDatabase {
  readonly dsn: string;
  look(): Promise<Arrivals>;
  /** Deletes it. */
  close(): Promise<void>;
}

async function openDatabase(
  server: PostgresServer,
  { counting, auditing }: Kind,
  expected: number,
): Promise<OpenDatabase> {
  const { name, dsn } = await server.createDatabase();
  const client = new pg.Client({
    ...{ host: '127.0.0.1', port: server.port, user: 'sluice', database: name, ssl: false },
  });
  await client.connect();
  const ask = async (statement: string): Promise<Readonly<Record<string, unknown>>> => {
    // There may be no table yet.
    const answer = await client
      .query<Record<string, unknown>>(statement)
      .catch(() => ({ rows: [] }));
    return answer.rows[0] ?? {};
  };
  return {
    dsn,
    async look() {
      const count = Number((await ask(counting))['count'] ?? 0);
      if (count < expected) return { arrived: count, lost: expected - count, invented: 0 };
      const audit = await ask(auditing);
      const distinct = Math.min(Number(audit['distinct']), expected);
      const invented = Number(audit['count']) - distinct;
      return { arrived: distinct, lost: expected - distinct, invented };
    },
    async close() {
      await client.end();
      await server.query(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}
