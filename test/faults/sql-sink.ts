import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { type PostgresServer, startPostgres } from '../services/postgres.ts';
import { digestOf } from './digest.ts';
import { indexIn, isMeantFor, sqlColumns } from './records.ts';
import type { SinkForm } from './schedule.ts';

/** A row of a record. */
export interface StoredRow {
  readonly index: number | undefined;
  readonly digest: string;
}

/** What the aggregates of all hours say. */
export interface Counted {
  readonly hits: number;
  /** Milliseconds of all requests. */
  readonly requestTime: number;
  /** Hits by API. */
  readonly byApi: ReadonlyMap<string, number>;
}

/** Milliseconds that a session of the pump waits for a lock before it looks whether that can ever come. */
const patience = 300;

type SqlForm = Extract<SinkForm, 'sql' | 'sql_aggregate'>;

/** A PostgreSQL of its own, which a run may kill, and rivals for its locks. */
export class SqlSink {
  readonly #form: SqlForm;
  readonly #server: PostgresServer;

  static async start(form: SqlForm): Promise<SqlSink> {
    const settings = { deadlock_timeout: `${patience}ms` };
    return new SqlSink(form, await startPostgres({ settings }));
  }

  private constructor(form: SqlForm, server: PostgresServer) {
    this.#form = form;
    this.#server = server;
  }

  get port(): number {
    return this.#server.port;
  }

  /** The entry under `pumps`, by this port. Small batches, so that a fault always finds some under way. */
  entry(port: number): object {
    const dsn = `host=127.0.0.1 port=${port} user=sluice dbname=postgres sslmode=disable`;
    const meta = { type: 'postgres', connection_string: dsn, batch_size: 50 };
    return { type: this.#form, meta };
  }

  /** All rows; none while the server is away or the table not made. */
  async rows(): Promise<readonly StoredRow[]> {
    const rows = await this.#query(`SELECT ${sqlColumns.join(', ')} FROM tyk_analytics`);
    return rows.map((row) => {
      const text = JSON.stringify(sqlColumns.map((name) => String(row[name])));
      const bytes = Buffer.from(text);
      return { index: indexIn(bytes), digest: digestOf(bytes) };
    });
  }

  /** Which of the records are there. A sum does not say it: as many as it counts. */
  async arrived(pushed: ReadonlySet<number>): Promise<ReadonlySet<number>> {
    if (this.#form === 'sql_aggregate') {
      const { hits } = await this.counted();
      const meant = [...pushed].filter((index) => isMeantFor(index, this.#form));
      return new Set(meant.slice(0, hits));
    }
    const rows = await this.#query('SELECT alias FROM tyk_analytics');
    return new Set(rows.flatMap(({ alias }) => indexIn(Buffer.from(String(alias))) ?? []));
  }

  async counted(): Promise<Counted> {
    const sums = 'sum(counter_hits) AS hits, sum(counter_total_request_time) AS request_time';
    const [total] = await this.#query(
      `SELECT ${sums} FROM tyk_aggregated WHERE dimension = '' AND dimension_value = 'total'`,
    );
    const apis = await this.#query(
      `SELECT dimension_value AS api, ${sums} FROM tyk_aggregated WHERE dimension = 'apiid' GROUP BY 1`,
    );
    return {
      hits: Number(total?.['hits'] ?? 0),
      requestTime: Number(total?.['request_time'] ?? 0),
      byApi: new Map(apis.map(({ api, hits }) => [String(api), Number(hits)])),
    };
  }

  async kill9(): Promise<void> {
    await this.#server.kill9();
  }

  async start(): Promise<void> {
    await this.#server.start();
  }

  /**
   * For a while somebody else takes locks in the order opposite to the pump's: first the table, then the notes. Whoever
   * waits longest gives way, and that is never the rival. Returns what is wrong where no deadlock came of it.
   */
  async rivalFor(ms: number): Promise<string | undefined> {
    await this.#repeatedly(ms, async (client) => {
      await client.query(
        `SET deadlock_timeout = '1min'; BEGIN; LOCK TABLE ${this.#table} IN SHARE MODE`,
      );
      // Whoever waits now has notes already, and looks for a deadlock once, a moment later.
      const latest = Date.now() + 1_000;
      while (Date.now() < latest && !(await hasWaiting(client))) await delay(10);
      await client.query('LOCK TABLE sluice_delivered IN SHARE MODE; COMMIT');
      await delay(patience);
    });
    // The server publishes what it counts a moment later.
    for (let look = 0; look < 50; look++) {
      const [row] = await this.#query('SELECT sum(deadlocks) AS count FROM pg_stat_database');
      if (Number(row?.['count'] ?? 0) > 0) return undefined;
      await delay(100);
    }
    return 'no deadlock was provoked';
  }

  /** Somebody holds every note there is, or the table, for longer than an attempt may take, and lets go for a moment. */
  async hold(
    what: 'notes' | 'table',
    { forMs, eachMs }: { readonly forMs: number; readonly eachMs: number },
  ): Promise<void> {
    const lock =
      what === 'notes'
        ? 'UPDATE sluice_delivered SET noted_at = noted_at'
        : `LOCK TABLE ${this.#table} IN SHARE MODE`;
    await this.#repeatedly(forMs, async (client) => {
      await client.query(`BEGIN; ${lock}`);
      await delay(eachMs);
      await client.query('COMMIT');
      await delay(2 * patience);
    });
  }

  async stop(): Promise<void> {
    await this.#server.stop();
  }

  get #table(): string {
    return this.#form === 'sql' ? 'tyk_analytics' : 'tyk_aggregated';
  }

  async #repeatedly(ms: number, act: (client: pg.Client) => Promise<void>): Promise<void> {
    const end = Date.now() + ms;
    while (Date.now() < end) {
      const client = new pg.Client({ connectionString: urlOf(this.port), ssl: false });
      client.on('error', () => undefined);
      try {
        await client.connect();
        while (Date.now() < end) await act(client);
      } catch {
        // The tables are not there yet, or the server is not.
        await delay(patience);
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  }

  async #query(statement: string): Promise<readonly Record<string, unknown>[]> {
    return this.#server.query(statement).catch(() => []);
  }
}

const urlOf = (port: number): string => `postgres://sluice@127.0.0.1:${port}/postgres`;

async function hasWaiting(client: pg.Client): Promise<boolean> {
  const { rowCount } = await client.query('SELECT FROM pg_locks WHERE NOT granted');
  return (rowCount ?? 0) > 0;
}
