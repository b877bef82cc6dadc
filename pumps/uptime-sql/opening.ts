import type { PumpContext, Sink } from '#pump';
import { Database } from '../shared/sql/database.ts';
import { dayNow } from '../shared/sql/shards.ts';
import type { Options } from './options.ts';
import { UptimeSink } from './sink.ts';
import { shardOf, tableName, tableOf } from './table.ts';

/** Makes the tables; throws where it cannot, and the route comes again. */
export async function openSink(
  options: Options,
  context: PumpContext,
  signal: AbortSignal,
): Promise<Sink> {
  const database = new Database(options, context);
  try {
    const names = await tablesAtStart(options, database, context, signal);
    await database.migrate(names.map(tableOf), signal);
    context.log.info(
      { database: database.shown, table: tableName, sharded: options.table_sharding },
      'The SQL sink of uptime records is open.',
    );
    return new UptimeSink(options, database);
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function tablesAtStart(
  { table_sharding, migrate_sharded_tables }: Options,
  database: Database,
  { clock }: PumpContext,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (!table_sharding) return [tableName];
  const days = migrate_sharded_tables ? await database.shards(tableName, signal) : [];
  return [...new Set([...days, shardOf(dayNow(clock))])];
}
