import { explain, type Log } from '#pump';
import type { Connections } from '../connections.ts';
import type { Dialect } from '../dialect/dialect.ts';
import type { Driver } from '../driver/driver.ts';
import { notesTable, notesTableStatements } from '../notes/notes.ts';
import type { Table } from '../table.ts';
import { lookUp, shardsOf } from './catalogue.ts';
import { createIndex, define, type MissingIndexes, migrate } from './migration.ts';

export interface TablesParts {
  readonly dialect: Dialect;
  readonly driver: Driver;
  readonly connections: Connections;
  readonly log: Log;
}

/** The tables that were seen to be there, with all their columns; the others are made when they are first asked for. */
export class Tables {
  readonly #parts: TablesParts;
  readonly #known = new Set<string>();
  readonly #closing = new AbortController();
  /** Indexes are made one after the other. */
  #indexing: Promise<void> = Promise.resolve();

  constructor(parts: TablesParts) {
    this.#parts = parts;
  }

  async ensure(tables: readonly Table[], signal: AbortSignal): Promise<void> {
    for (const table of tables) {
      if (this.#known.has(table.name)) continue;
      const { dialect, driver } = this.#parts;
      const missing = await this.#parts.connections.use(signal, (connection) =>
        migrate({ connection, dialect, driver }, table),
      );
      this.#known.add(table.name);
      if (missing !== undefined) await this.#index(missing, signal);
    }
  }

  /** Rejects with what to do where it is not there and may not be made. */
  async ensureNotes(signal: AbortSignal): Promise<void> {
    if (this.#known.has(notesTable)) return;
    const { dialect, driver } = this.#parts;
    await this.#parts.connections.use(signal, async (connection) => {
      // A user who may not create tables may use one that somebody else created.
      const { columns } = await lookUp(connection, dialect, notesTable);
      if (columns !== undefined) return;
      try {
        await define({ connection, dialect, driver }, notesTableStatements(dialect));
      } catch (error) {
        if (driver.judge(error).failure.kind !== 'unauthorised') throw error;
        throw new Error(
          `The table ${notesTable} could not be made. Let this user create tables, make it as the README says, or set exactly_once to false.`,
          { cause: error },
        );
      }
    });
    this.#known.add(notesTable);
  }

  /** Names of the tables that are a prefix and a day. */
  shards(prefix: string, signal: AbortSignal): Promise<readonly string[]> {
    return this.#parts.connections.use(signal, (connection) =>
      shardsOf(connection, this.#parts.dialect, prefix),
    );
  }

  /** They are looked at anew: one of them has gone, or a column. */
  forget(): void {
    this.#known.clear();
  }

  close(): void {
    this.#closing.abort(new Error('The sink is closed.'));
  }

  /** An embedded database has one writer: there they are made at once. Else in the background, and may fail. */
  async #index({ table, indexes }: MissingIndexes, signal: AbortSignal): Promise<void> {
    const { connections, dialect, driver, log } = this.#parts;
    const make = async (signal: AbortSignal): Promise<void> => {
      for (const index of indexes)
        try {
          const statement = createIndex(dialect, table, index, true);
          await connections.use(signal, (connection) => connection.run([statement]));
          log.info({ table: table.name, index: index.name }, 'An index was made.');
        } catch (error) {
          if (this.#closing.signal.aborted) return;
          if (driver.isAlreadyThere(error)) continue;
          log.warn(
            { table: table.name, index: index.name, reason: explain(error) },
            'An index could not be made; queries for its columns are slow.',
          );
        }
    };
    if (dialect.name === 'sqlite') await make(signal);
    else this.#indexing = this.#indexing.then(() => make(this.#closing.signal));
  }
}
