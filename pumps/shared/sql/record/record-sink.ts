import type { AnalyticsRecord, Batch, Delivery, Entry, Health, PumpContext, Sink } from '#pump';
import { Database } from '../database.ts';
import type { SqlOptions } from '../options.ts';
import { byDay, dayNow } from '../shards.ts';
import type { Table } from '../table.ts';
import { type Draft, type DraftMaker, type Group, linesOf, rowsOf } from './draft.ts';
import { type RecordTable, tableOf } from './record-table.ts';

export interface RecordSinkParts {
  readonly options: SqlOptions;
  readonly table: RecordTable;
  /** Whether a record goes into the table. */
  readonly isMeant: (record: AnalyticsRecord) => boolean;
}

/** Opens a sink that stores records as rows. Makes its tables; throws where it cannot, and the route comes again. */
export async function openRecordSink(
  parts: RecordSinkParts,
  context: PumpContext,
  signal: AbortSignal,
): Promise<Sink> {
  const { options, table } = parts;
  const database = new Database(options, context);
  try {
    await database.migrate(await tablesAtStart(parts, database, context, signal), signal);
    context.log.info(
      { database: database.shown, table: table.name, sharded: options.table_sharding },
      'The SQL sink is open.',
    );
    return new RecordSink(parts, database);
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** The table; or today's, and with `migrate_sharded_tables` those of all days that are there. */
async function tablesAtStart(
  { options, table }: RecordSinkParts,
  database: Database,
  { clock }: PumpContext,
  signal: AbortSignal,
): Promise<readonly Table[]> {
  if (!options.table_sharding) return [tableOf(table, table.name)];
  const days = options.migrate_sharded_tables ? await database.shards(table.name, signal) : [];
  const names = new Set([...days, `${table.name}_${dayNow(clock)}`]);
  return [...names].map((name) => tableOf(table, name));
}

class RecordSink implements Sink {
  readonly #parts: RecordSinkParts;
  readonly #database: Database;
  readonly #draft: DraftMaker;

  constructor(parts: RecordSinkParts, database: Database) {
    this.#parts = parts;
    this.#database = database;
    const { columns } = parts.table;
    this.#draft = database.dialect.name === 'postgres' ? linesOf(columns) : rowsOf(columns);
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    const { table, isMeant } = this.#parts;
    const entries = batch.entries.filter(({ record }) => isMeant(record));
    const groups = this.#groupsOf(entries);
    // Before the transaction, which holds locks; nearly always all of them are new.
    const draft = this.#draft(groups);
    const redraft = (fresh: readonly Entry[]): Draft => this.#draft(this.#groupsOf(fresh));
    const delivery = await this.#database.transact(
      batch,
      {
        entries,
        target: table.name,
        tables: groups.map((group) => group.table),
        async write(transaction, fresh) {
          if (fresh === entries) await draft.write(transaction);
          else await redraft(fresh).write(transaction);
        },
      },
      signal,
    );
    // Of a transaction that failed the connection may still be sending.
    if (delivery.ofRequest?.outcome === 'delivered') draft.release();
    return delivery;
  }

  #groupsOf(entries: readonly Entry[]): readonly Group[] {
    const { table, options } = this.#parts;
    if (!options.table_sharding) return [{ table: tableOf(table, table.name), entries }];
    return [...byDay(entries)].map(([day, entries]) => ({
      table: tableOf(table, `${table.name}_${day}`),
      entries,
    }));
  }

  check(signal: AbortSignal): Promise<Health> {
    return this.#database.check(signal);
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}
