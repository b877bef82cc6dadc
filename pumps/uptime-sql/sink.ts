import { type Batch, type Delivery, type Entry, type Health, reject, type Sink } from '#pump';
import { aggregateRule } from '../shared/sql/aggregate/aggregate-rule.ts';
import { freshRows } from '../shared/sql/copy-text.ts';
import type { Database } from '../shared/sql/database.ts';
import type { Transaction } from '../shared/sql/transaction.ts';
import { countRows, hasHour, isCounted, type Row } from './count.ts';
import type { Options } from './options.ts';
import { storedRows } from './rows.ts';
import { shardOf, tableName, tableOf } from './table.ts';

const timeless = {
  kind: 'invalid',
  message: 'The record has no time from 1970 to 9999: there is no hour to count it in.',
} as const;

/** Counts uptime records in the rows of their hours. */
export class UptimeSink implements Sink {
  readonly #options: Options;
  readonly #database: Database;

  constructor(options: Options, database: Database) {
    this.#options = options;
    this.#database = database;
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    const entries = batch.entries.filter(isCounted);
    const delivery = await this.#database.transact(
      batch,
      {
        entries,
        target: tableName,
        tables: [...this.#byTable(countRows(entries)).keys()].map(tableOf),
        write: (transaction, fresh) => this.#write(transaction, fresh),
      },
      signal,
    );
    return withoutTime(batch, delivery);
  }

  async #write(transaction: Transaction, fresh: readonly Entry[]): Promise<void> {
    for (const [name, rows] of this.#byTable(countRows(fresh)))
      await transaction.upsert(
        tableOf(name),
        freshRows(storedRows(rows, transaction.dialect)),
        aggregateRule,
      );
  }

  /** In the order of their names. */
  #byTable(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> {
    if (!this.#options.table_sharding) return new Map([[tableName, rows]]);
    const tables = new Map<string, Row[]>();
    for (const day of [...new Set(rows.map((row) => row.day))].toSorted())
      tables.set(
        shardOf(day),
        rows.filter((row) => row.day === day),
      );
    return tables;
  }

  check(signal: AbortSignal): Promise<Health> {
    return this.#database.check(signal);
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}

/**
 * Of records without a time it is said once the others are stored: what the database says of a batch before is meant for
 * the batch, and is to be halved.
 */
function withoutTime(batch: Batch, delivery: Delivery): Delivery {
  if (delivery.ofRequest?.outcome !== 'delivered') return delivery;
  for (const [index, entry] of batch.entries.entries())
    if (!hasHour(entry)) delivery.except(index, reject(timeless));
  return delivery;
}
