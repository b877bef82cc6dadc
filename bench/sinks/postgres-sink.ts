import pg from 'pg';
import { type PostgresServer, startPostgres } from '../../test/services/postgres.ts';
import { isNoMcp, meantOf } from './meant.ts';
import type { Arrivals, BenchSink } from './sink.ts';

const counting = 'SELECT count(*) AS count FROM tyk_analytics';
const auditing = `SELECT count(*) AS count, count(DISTINCT substring(tags FROM 'rec-[0-9]{9}')) AS distinct FROM tyk_analytics`;

/** Rows in a real PostgreSQL, which works on the same cores. Throws `Unavailable`. */
export async function sqlSink(): Promise<BenchSink> {
  const server = await startPostgres({
    settings: { shared_buffers: '128MB', max_wal_size: '2GB' },
  });
  let database: OpenDatabase | undefined;
  return {
    // A count reads the whole table.
    interval: 100,
    async begin({ records }) {
      await database?.close();
      database = await openDatabase(server, records);
      const meta = { type: 'postgres', connection_string: database.dsn };
      return { sql: { type: 'sql', meta } };
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

async function openDatabase(server: PostgresServer, records: number): Promise<OpenDatabase> {
  const { name, dsn } = await server.createDatabase();
  const client = new pg.Client({
    ...{ host: '127.0.0.1', port: server.port, user: 'sluice', database: name, ssl: false },
  });
  await client.connect();
  const expected = meantOf(records, isNoMcp);
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
      const distinct = Number(audit['distinct']);
      const invented = Number(audit['count']) - distinct;
      return { arrived: distinct, lost: expected - distinct, invented };
    },
    async close() {
      await client.end();
      await server.query(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}
