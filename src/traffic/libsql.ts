import { loadNative } from '../lib/native-package.ts';

/** What SQLite takes and gives. Numbers are bound as floats; columns of integers make integers of them again. */
export type Cell = string | number | bigint | Uint8Array | null;

export interface Statement {
  /** Runs outside the event loop. */
  run(values: readonly Cell[]): Promise<unknown>;
  /** Rows as arrays; steps within the event loop, so that answers are to be small. */
  all(values: readonly Cell[]): Promise<readonly (readonly Cell[])[]>;
}

/** One connection to a database file. */
export interface Database {
  exec(sql: string): Promise<void>;
  prepare(sql: string): Promise<Statement>;
  close(): void;
}

interface Libsql {
  exec(sql: string): Promise<void>;
  prepare(sql: string): Promise<LibsqlStatement>;
  close(): void;
}

interface LibsqlStatement {
  raw(): LibsqlStatement;
  run(values: readonly Cell[]): Promise<unknown>;
  all(values: readonly Cell[]): Promise<Cell[][]>;
}

export type OpenDatabase = (path: string) => Promise<Database>;

/** How to open databases; rejects with a StartError where the package is not installed. */
export async function loadSqlite(): Promise<OpenDatabase> {
  // A name that no bundler follows: the package is native, and optional.
  const name = 'libsql/promise';
  const { default: Open } = await loadNative(
    () =>
      import(name) as Promise<{
        readonly default: new (path: string, options: { readonly timeout: number }) => Libsql;
      }>,
    'The traffic store needs the package libsql, which is not here: `npm install libsql`.',
  );
  return async (path) => {
    const database = new Open(path, { timeout: 5_000 });
    try {
      await database.exec('PRAGMA busy_timeout = 5000');
    } catch (error) {
      database.close();
      throw error;
    }
    return {
      exec: (sql) => database.exec(sql),
      async prepare(sql) {
        const statement = await database.prepare(sql);
        return {
          run: async (values) => statement.run(values),
          all: async (values) => statement.raw().all(values),
        };
      },
      close: () => database.close(),
    };
  };
}

/** `SQLITE_FULL` and its like; empty where an error is none of SQLite's. */
export const sqliteCode = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code.startsWith('SQLITE') ? code : '';
};

/** The file is no database, or a broken one. */
export const isDamaged = (error: unknown): boolean =>
  /^SQLITE_(?:CORRUPT|NOTADB)/.test(sqliteCode(error)) ||
  (sqliteCode(error) !== '' &&
    error instanceof Error &&
    /malformed|not a database/.test(error.message));
