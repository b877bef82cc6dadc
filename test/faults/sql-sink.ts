import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { type PostgresServer, startPostgres } from '../services/postgres.ts';
import { digestOf } from './digest.ts';
import { indexIn, isMeantFor, sqlColumns } from './records.ts';
import { type DatabaseForm, isOfSums } from './schedule.ts';

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
  /** Hits by API, or by address. */
  readonly byValue: ReadonlyMap<string, number>;
}

/** Milliseconds that a session of the pump waits for a lock before it looks whether that can ever come. */
const patience = 300;

/** A PostgreSQL of its own, which a run may kill, and rivals for its locks. */
export class SqlSink {
  readonly #form: DatabaseForm;
  readonly #server: PostgresServer;

  static async start(form: DatabaseForm): Promise<SqlSink> {
    const settings = { deadlock_timeout: `${patience}ms` };
    return new SqlSink(form, await startPostgres({ settings }));
  }

  private constructor(form: DatabaseForm, server: PostgresServer) {
    this.#form = form;
    this.#server = server;
  }

  get port(): number {
    return this.#server.port;
  }

  /** The entry under `pumps`, or `uptime_pump_config`, by this port. Small batches, so that a fault always finds some under way. */
  entry(port: number): object {
    const dsn = `host=127.0.0.1 port=${port} user=sluice dbname=postgres sslmode=disable`;
    const meta = { type: 'postgres', connection_string: dsn, batch_size: 50 };
    return this.#form === 'uptime' ? { uptime_type: 'sql', ...meta } : { type: this.#form, meta };
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
    if (isOfSums(this.#form)) {
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
      `SELECT ${sums} FROM ${this.#table} WHERE dimension = '' AND dimension_value = 'total'`,
    );
    const dimension = this.#form === 'uptime' ? 'url' : 'apiid';
    const values = await this.#query(
      `SELECT dimension_value AS value, ${sums} FROM ${this.#table} WHERE dimension = '${dimension}' GROUP BY 1`,
    );
    return {
      hits: Number(total?.['hits'] ?? 0),
      requestTime: Number(total?.['request_time'] ?? 0),
      byValue: new Map(values.map(({ value, hits }) => [String(value), Number(hits)])),
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
    return tables[this.#form];
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

const tables: Readonly<Record<DatabaseForm, string>> = {
  sql: 'tyk_analytics',
  sql_aggregate: 'tyk_aggregated',
  uptime: 'tyk_uptime_analytics',
};

const urlOf = (port: number): string => `postgres://sluice@127.0.0.1:${port}/postgres`;

async function hasWaiting(client: pg.Client): Promise<boolean> {
  const { rowCount } = await client.query('SELECT FROM pg_locks WHERE NOT granted');
  return (rowCount ?? 0) > 0;
}
