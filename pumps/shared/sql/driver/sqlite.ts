import { explain, loadNative, untilAborted } from '#pump';
import type { SqliteTarget } from '../dsn/sqlite.ts';
import type { Cell, Connection, Driver, Judgement } from './driver.ts';

/** What is used of libsql. It runs statements outside the event loop; only small answers are read within it. */
interface Libsql {
  exec(sql: string): Promise<void>;
  prepare(sql: string): Promise<{
    raw(): { all(): Promise<Cell[][]> };
  }>;
  interrupt(): void;
  close(): void;
}

type Open = new (path: string, options: { readonly timeout: number }) => Libsql;

export function sqliteDriver({ path }: SqliteTarget): Driver {
  return {
    async connect(signal) {
      signal.throwIfAborted();
      const Database = await needLibsql();
      const connection = new SqliteConnection(new Database(path, { timeout: 5_000 }));
      try {
        await untilAborted(
          connection.run([
            'PRAGMA journal_mode = WAL',
            'PRAGMA synchronous = FULL',
            'PRAGMA busy_timeout = 5000',
          ]),
          signal,
        );
        return connection;
      } catch (error) {
        connection.destroy();
        throw error;
      }
    },
    judge: judgeSqlite,
    isAlreadyThere: (error) => explain(error).includes('duplicate column name'),
  };
}

async function needLibsql(): Promise<Open> {
  const name = 'libsql/promise';
  const loaded = await loadNative(
    () => import(name) as Promise<{ readonly default: Open }>,
    'SQLite needs the package libsql, which is not here: `npm install libsql`.',
  );
  return loaded.default;
}

class SqliteConnection implements Connection {
  readonly maxStatement = 512 * 1024;
  readonly #database: Libsql;
  /** What is under way: a database is closed behind it. */
  #work: Promise<unknown> = Promise.resolve();
  #isOpen = true;

  constructor(database: Libsql) {
    this.#database = database;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  run(statements: readonly string[]): Promise<readonly (readonly Cell[])[]> {
    const running = this.#runAll(statements);
    this.#work = running.catch(() => undefined);
    return running;
  }

  async #runAll(statements: readonly string[]): Promise<readonly (readonly Cell[])[]> {
    const found: Cell[][] = [];
    for (const statement of statements) {
      if (!this.#isOpen) throw new Error('The database was closed.');
      if (statement.startsWith('SELECT')) {
        const prepared = await this.#database.prepare(statement);
        found.push(...(await prepared.raw().all()));
      } else await this.#database.exec(statement);
    }
    return found;
  }

  destroy(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#database.interrupt();
    void this.#work.then(() => this.#end());
  }

  /** The file stays open until the statements made of it are collected, and with it the lock of a transaction. */
  async #end(): Promise<void> {
    try {
      await this.#database.exec('ROLLBACK');
    } catch {
      // There was none.
    }
    this.#database.close();
  }
}

/** The last word of the code says which: SQLITE_BUSY, SQLITE_CONSTRAINT_NOTNULL. */
function judgeSqlite(error: unknown): Judgement {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const words = `SQLite: ${explain(error)}`;
  if (/^SQLITE_(?:CONSTRAINT|MISMATCH|TOOBIG)/.test(code))
    return { outcome: 'refused', failure: { kind: 'invalid', message: words } };
  if (/^SQLITE_(?:BUSY|LOCKED)/.test(code))
    return { outcome: 'retry', failure: { kind: 'throttled', message: words } };
  if (/no such table|no such column|has no column/.test(words))
    return {
      outcome: 'retry',
      failure: { kind: 'unexpected', message: words },
      isAboutTables: true,
    };
  const isGone = /^SQLITE_(?:CANTOPEN|IOERR|READONLY|FULL|NOTADB|CORRUPT)/.test(code);
  return {
    outcome: 'retry',
    failure: { kind: isGone ? 'unreachable' : 'unexpected', message: words },
    endsSession: true,
  };
}
