import { createFold, type Log, type PumpContext, type Sink } from '#pump';
import type { MongoDatabase } from '../client.ts';
import { Collections, type Index } from '../collections.ts';
import { openMongo, readPreferences } from '../opening.ts';
import { databaseTypes } from '../options.ts';
import { Counting } from './counting.ts';
import { type AggregateOptions, bucketMinutes, ignoredDimensions } from './options.ts';
import { AggregateSink } from './sink.ts';
import { tagWarning } from './tag-warning.ts';
import { typesOf } from './types.ts';
import type { AggregatePlan } from './vocabulary.ts';

/** For `open` of a pump that counts. */
export const openAggregateSink =
  (plan: AggregatePlan) =>
  async (options: AggregateOptions, { log }: PumpContext, signal: AbortSignal): Promise<Sink> =>
    createAggregateSink(plan, options, await openMongo(options, signal), log);

export function createAggregateSink(
  plan: AggregatePlan,
  options: AggregateOptions,
  database: MongoDatabase,
  log: Log,
): Sink {
  const isRest = plan.variant === 'rest';
  const minutes = bucketMinutes(options);
  const collections = new Collections(
    database,
    {
      databaseType: options.mongo_db_type,
      indexes: options.omit_index_creation ? [] : indexesFor(options.mongo_db_type),
      cappedBytes: undefined,
      reading: { readPreference: readPreferences[options.mongo_session_consistency] },
    },
    log,
  );
  const counting = new Counting({
    database,
    fold: createFold({
      variant: plan.variant,
      tracksAllPaths: isRest && options.track_all_paths,
      ignoredTagPrefixes: isRest ? options.ignore_tag_prefix_list : [],
      bucketMinutes: minutes,
    }),
    rules: {
      types: typesOf(database.bson),
      dimensions: plan.listed,
      listed: plan.listed,
      ignored: isRest ? ignoredDimensions(options) : new Set(),
    },
    splits: options.enable_aggregate_self_healing,
    written: tagWarning(isRest ? options.threshold_len_tag_list : -1, log),
  });
  const { use_mixed_collection: isMixed } = options;
  return new AggregateSink({
    ...{ database, collections, counting, plan, isMixed },
    bucketMinutes: minutes,
  });
}

const indexesFor = (databaseType: number): readonly Index[] => [
  ...(databaseType === databaseTypes.cosmosDb
    ? []
    : [{ name: 'expireAt_1', key: { expireAt: 1 }, expireAfterSeconds: 0 } as const]),
  { name: 'timestamp_1', key: { timestamp: 1 } },
  { name: 'orgid_1', key: { orgid: 1 } },
];
