import {
  type Batch,
  createFold,
  type Delivery,
  type Entry,
  type Fold,
  type Health,
  isFolded,
  type PumpContext,
  type Sink,
  type Variant,
} from '#pump';
import { freshRows } from '../copy-text.ts';
import { Database } from '../database.ts';
import { byDay, dayNow } from '../shards.ts';
import type { Table } from '../table.ts';
import type { Transaction } from '../transaction.ts';
import type { FreshRows } from '../value.ts';
import { haveOwnIds, type RowRules } from './aggregate-ids.ts';
import { countLines, linesOf } from './aggregate-lines.ts';
import { type AggregateOptions, leftOutOf } from './aggregate-options.ts';
import { rowsOf } from './aggregate-rows.ts';
import { aggregateRule } from './aggregate-rule.ts';
import { tableOf } from './aggregate-table.ts';

export interface AggregateSinkParts {
  readonly options: AggregateOptions;
  readonly variant: Variant;
  /** Of the table, or with sharding what is before the day. */
  readonly name: string;
}

/** Opens a sink that stores aggregates as rows. Makes its tables; throws where it cannot, and the route comes again. */
export async function openAggregateSink(
  parts: AggregateSinkParts,
  context: PumpContext,
  signal: AbortSignal,
): Promise<Sink> {
  const database = new Database(parts.options, context);
  try {
    const sink = new AggregateSink(parts, database);
    await sink.makeTables(context, signal);
    context.log.info(
      { database: database.shown, table: parts.name, sharded: parts.options.table_sharding },
      'The SQL sink of aggregates is open.',
    );
    return sink;
  } catch (error) {
    await database.close();
    throw error;
  }
}

class AggregateSink implements Sink {
  readonly #parts: AggregateSinkParts;
  readonly #database: Database;
  readonly #fold: Fold;
  readonly #rules: RowRules;

  constructor(parts: AggregateSinkParts, database: Database) {
    const { options, variant } = parts;
    const isRest = variant === 'rest';
    this.#parts = parts;
    this.#database = database;
    this.#fold = createFold({
      variant,
      tracksAllPaths: isRest && options.track_all_paths,
      ignoredTagPrefixes: isRest ? options.ignore_tag_prefix_list : [],
      bucketMinutes: options.store_analytics_per_minute ? 1 : 60,
      leftOut: leftOutOf(options),
    });
    this.#rules = { isByApi: !isRest, dialect: database.dialect.name };
  }

  /** The table; or today's, and with `migrate_sharded_tables` those of all days that are there. */
  async makeTables({ clock }: PumpContext, signal: AbortSignal): Promise<void> {
    const { name, options } = this.#parts;
    const days = options.migrate_sharded_tables ? await this.#database.shards(name, signal) : [];
    const names = options.table_sharding ? [...days, `${name}_${dayNow(clock)}`] : [name];
    await this.#database.migrate(
      [...new Set(names)].map((each) => this.#table(each)),
      signal,
    );
  }

  deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    const { name, variant } = this.#parts;
    const entries = batch.entries.filter(({ record }) => isFolded(record, variant));
    const groups = this.#groupsOf(entries);
    return this.#database.transact(
      batch,
      {
        entries,
        target: name,
        tables: groups.map(({ table }) => table),
        write: (transaction, fresh) =>
          this.#write(transaction, fresh === entries ? groups : this.#groupsOf(fresh)),
      },
      signal,
    );
  }

  async #write(transaction: Transaction, groups: readonly Group[]): Promise<void> {
    for (const { table, entries } of groups)
      await transaction.upsert(table, this.#freshRows(entries), aggregateRule);
  }

  #freshRows(entries: readonly Entry[]): FreshRows {
    const aggregates = this.#fold(entries);
    const rules = this.#rules;
    if (!haveOwnIds(aggregates, rules)) return freshRows(rowsOf(aggregates, rules));
    return {
      count: countLines(aggregates),
      values: () => rowsOf(aggregates, rules),
      lines: () => linesOf(aggregates, rules),
    };
  }

  #groupsOf(entries: readonly Entry[]): readonly Group[] {
    const { name, options } = this.#parts;
    if (!options.table_sharding) return [{ table: this.#table(name), entries }];
    return [...byDay(entries)].map(([day, ofDay]) => ({
      table: this.#table(`${name}_${day}`),
      entries: ofDay,
    }));
  }

  #table(name: string): Table {
    const { variant, options } = this.#parts;
    const isByApi = variant !== 'rest';
    return tableOf({ isByApi, hasIndex: !options.omit_index_creation }, name);
  }

  check(signal: AbortSignal): Promise<Health> {
    return this.#database.check(signal);
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}

interface Group {
  readonly table: Table;
  readonly entries: readonly Entry[];
}
