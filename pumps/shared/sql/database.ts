import {
  type Batch,
  type Clock,
  Delivery,
  delivered,
  type Entry,
  explainOutage,
  type Health,
  isAborted,
  type Log,
  type Millis,
  millis,
  OpeningFailure,
  onAbort,
  type PumpContext,
  reject,
  retry,
  StartError,
} from '#pump';
import { Connections } from './connections.ts';
import type { Dialect } from './dialect/dialect.ts';
import type { Connection, Driver } from './driver/driver.ts';
import { type Block, blocksOf, freshOf, type Noted } from './notes/blocks.ts';
import { countStatement, forgetStatement, Notes, portionOfNotes } from './notes/notes.ts';
import { ownerOf } from './notes/owner.ts';
import { batchRows, type SqlOptions } from './options.ts';
import { Tables } from './schema/tables.ts';
import { loggedDriver } from './statement-log.ts';
import type { Table } from './table.ts';
import { wayOf } from './target.ts';
import { type Transaction, transactionOn } from './transaction.ts';

/** What a batch does to the database. */
export interface Work {
  /** The records of the batch that count; the others are delivered without more ado. */
  readonly entries: readonly Entry[];
  /** What the notes are about: the table, or the prefix of its shards. */
  readonly target: string;
  /** All tables that are written to. Those that are missing are made before the transaction. */
  readonly tables: readonly Table[];
  /**
   * Writes records that are not stored yet, in the order they have in `entries`, of which they are the same array if
   * that is all of them.
   */
  write(transaction: Transaction, fresh: readonly Entry[]): Promise<void>;
}

/** Notes are looked for that are old enough to go. */
const tidyEvery = millis(10 * 60_000);

/** A database, with its tables, its sessions, and the notes of what was stored. */
export class Database {
  readonly dialect: Dialect;
  /** Where it is, without a login. */
  readonly shown: string;
  readonly #driver: Driver;
  readonly #connections: Connections;
  readonly #tables: Tables;
  readonly #options: SqlOptions;
  readonly #route: string;
  readonly #clock: Clock;
  readonly #log: Log;
  #nextTidy: Millis;

  constructor(options: SqlOptions, { route, clock, log }: PumpContext) {
    const { way } = wayOf(options);
    if (way === undefined) throw new StartError('connection_string cannot be used');
    const { dialect, shown } = way;
    const driver = loggedDriver(way.driver, options.log_level, clock, log);
    const connections = new Connections(driver);
    this.dialect = dialect;
    this.shown = shown;
    this.#driver = driver;
    this.#connections = connections;
    this.#tables = new Tables({ dialect, driver, connections, log });
    this.#options = options;
    this.#route = route;
    this.#clock = clock;
    this.#log = log;
    this.#nextTidy = clock.elapsed();
  }

  /** Makes what is missing. Rejects where it cannot; the route comes again. */
  async migrate(tables: readonly Table[], signal: AbortSignal): Promise<void> {
    try {
      if (this.#options.exactly_once) await this.#tables.ensureNotes(signal);
      await this.#tables.ensure(tables, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw new OpeningFailure(this.#driver.judge(error).failure);
    }
  }

  /** Names of the tables that are a prefix and a day. */
  shards(prefix: string, signal: AbortSignal): Promise<readonly string[]> {
    return this.#tables.shards(prefix, signal);
  }

  /** Stores records, and notes that they are stored, in one transaction. Says the same of all records. */
  async transact(batch: Batch, work: Work, signal: AbortSignal): Promise<Delivery> {
    if (work.entries.length === 0) return Delivery.whole(batch, delivered());
    try {
      if (this.#options.exactly_once) await this.#tables.ensureNotes(signal);
      await this.#tables.ensure(work.tables, signal);
      const connection = await this.#connections.take(signal);
      await this.#transactOn(connection, work, signal);
      return Delivery.whole(batch, delivered());
    } catch (error) {
      signal.throwIfAborted();
      const { outcome, failure, isAboutTables = false } = this.#driver.judge(error);
      if (isAboutTables) this.#tables.forget();
      return Delivery.whole(batch, outcome === 'refused' ? reject(failure) : retry(failure));
    }
  }

  async #transactOn(connection: Connection, work: Work, signal: AbortSignal): Promise<void> {
    const forget = onAbort(signal, () => connection.destroy());
    try {
      if (this.#options.exactly_once) await this.#writeOnce(connection, work);
      else await this.#write(connection, work);
    } catch (error) {
      await this.#giveUp(connection, error, signal);
      throw error;
    } finally {
      forget();
    }
    await this.#tidy(connection, signal);
    this.#connections.give(connection);
  }

  async #write(connection: Connection, work: Work): Promise<void> {
    await connection.run([this.dialect.begin]);
    await work.write(this.#transactionOn(connection), work.entries);
    await connection.run(['COMMIT']);
  }

  async #writeOnce(connection: Connection, work: Work): Promise<void> {
    const notes = new Notes(this.dialect, ownerOf(this.#route, work.target));
    const blocks: readonly Block[] = blocksOf(work.entries);
    const noted: Noted = await notes.begin(connection, blocks);
    const fresh = freshOf(work.entries, noted);
    if (fresh.length > 0) {
      await work.write(this.#transactionOn(connection), fresh);
      await connection.run([notes.note(blocks, noted), 'COMMIT']);
    } else await connection.run(['ROLLBACK']);
  }

  #transactionOn(connection: Connection): Transaction {
    return transactionOn(connection, this.dialect, batchRows(this.#options));
  }

  /** The session is kept where it can go on. */
  async #giveUp(connection: Connection, error: unknown, signal: AbortSignal): Promise<void> {
    const { endsSession = false } = this.#driver.judge(error);
    try {
      if (endsSession || isAborted(signal) || !connection.isOpen) throw error;
      await connection.run(['ROLLBACK']);
      this.#connections.give(connection);
    } catch {
      this.#connections.drop(connection);
    }
  }

  /** Deletes old notes: a portion, and the next one soon where there may be more. What it cannot do waits. */
  async #tidy(connection: Connection, signal: AbortSignal): Promise<void> {
    const { exactly_once, notes_kept } = this.#options;
    if (!exactly_once || this.#clock.elapsed() < this.#nextTidy || signal.aborted) return;
    // Set before the answer: others at work at this moment need not do the same.
    this.#nextTidy = millis(this.#clock.elapsed() + tidyEvery);
    const forget = onAbort(signal, () => connection.destroy());
    try {
      const [count] = await connection.run([countStatement(this.dialect, notes_kept)]);
      const old = Number(count?.[0] ?? 0);
      if (old === 0) return;
      await connection.run([forgetStatement(this.dialect, notes_kept)]);
      if (old >= portionOfNotes) this.#nextTidy = this.#clock.elapsed();
    } catch (error) {
      // The records are stored: nothing that happens here is said of them.
      const { failure, endsSession = false } = this.#driver.judge(error);
      if (endsSession) connection.destroy();
      this.#log.debug({ reason: failure.message }, 'Old notes could not be deleted.');
    } finally {
      forget();
    }
  }

  async check(signal: AbortSignal): Promise<Health> {
    try {
      const [row] = await this.#connections.use(signal, (connection) =>
        connection.run([this.dialect.probe]),
      );
      const takesWrites = row?.[0] === true || Number(row?.[0] ?? 0) === 1;
      return takesWrites
        ? { state: 'up' }
        : { state: 'down', reason: 'The server takes no writes.' };
    } catch (error) {
      return { state: 'down', reason: explainOutage(error) };
    }
  }

  close(): Promise<void> {
    this.#tables.close();
    this.#connections.close();
    return Promise.resolve();
  }
}
