import {
  type AnalyticsRecord,
  type BsonShape,
  bsonShapeOf,
  type ComputedFields,
  type PumpContext,
  type Sink,
} from '#pump';
import { Collections, type Index } from './collections.ts';
import { Documents } from './documents.ts';
import { openMongo, readPreferences } from './opening.ts';
import {
  type CollectionOptions,
  cappedBytes,
  type InsertOptions,
  mostDocumentEstimate,
  mostInsertBytes,
} from './raw-options.ts';
import { type Place, RawSink } from './raw-sink.ts';

export interface RawPlan {
  /** Of the pump: documents of two pumps for one record are two. */
  readonly type: string;
  readonly shape: BsonShape;
  /** Given the name of the database, which counts for what a collection may be called. */
  readonly placeOf: (database: string) => (record: AnalyticsRecord) => Place;
  readonly indexes: readonly Index[];
  readonly cappedBytes: number | undefined;
  /** Above it a record is stored without its payload; undefined: only where the server would refuse it. */
  readonly mostDocumentEstimate: number | undefined;
}

/** Opens a sink that stores each record. */
export async function openRawSink(
  plan: RawPlan,
  options: Omit<InsertOptions, 'max_document_size_bytes'>,
  { log }: PumpContext,
  signal: AbortSignal,
): Promise<Sink> {
  const database = await openMongo(options, signal);
  const rules = {
    databaseType: options.mongo_db_type,
    indexes: options.omit_index_creation ? [] : plan.indexes.filter(hasItsFields(plan.shape)),
    cappedBytes: plan.cappedBytes,
    reading: { readPreference: readPreferences[options.mongo_session_consistency] },
  };
  return new RawSink({
    database,
    collections: new Collections(database, rules, log),
    documents: new Documents({
      salt: plan.type,
      shape: plan.shape,
      mostEstimated: plan.mostDocumentEstimate,
    }),
    placeOf: plan.placeOf(database.name),
    mostInsertBytes: mostInsertBytes(options),
    log,
  });
}

/** What documents do not have under these names is not indexed by them: `fields` may leave out a field, or rename it. */
const hasItsFields =
  (shape: BsonShape) =>
  ({ key }: Index): boolean =>
    Object.keys(key).every((name) => shape.some((entry) => entry.key === name));

/** Those of one collection with the records of all organisations. */
export const recordIndexes: readonly Index[] = [
  { name: 'orgid_1', key: { orgid: 1 } },
  { name: 'apiid_1', key: { apiid: 1 } },
  {
    name: 'logBrowserIndex',
    key: { timestamp: -1, orgid: 1, apiid: 1, apikey: 1, responsecode: 1 },
  },
];

/** A record of network statistics alone, which is no call: no pump that stores records stores it. */
export const isCall = (record: AnalyticsRecord): boolean => record.integer('response_code') !== -1;
export const isGraph = (record: AnalyticsRecord): boolean => record.flag('graphql_stats.IsGraphQL');
export const isMcp = (record: AnalyticsRecord): boolean => record.flag('mcp_stats.is_mcp');

export interface CollectionPlan {
  readonly type: string;
  /** What stands in place of fields of the document. */
  readonly computed?: ComputedFields;
  /** Of the records that are calls. */
  readonly isWanted: (record: AnalyticsRecord) => boolean;
  /** Whether a large record loses its payload already at `max_document_size_bytes`. */
  readonly losesPayload: boolean;
}

/** For `open` of a pump that stores in one collection. */
export const openCollectionSink =
  ({ type, computed, isWanted, losesPayload }: CollectionPlan) =>
  (options: CollectionOptions, context: PumpContext, signal: AbortSignal): Promise<Sink> => {
    const there: Place = { kind: 'collection', name: options.collection_name };
    const elsewhere: Place = { kind: 'elsewhere' };
    const plan: RawPlan = {
      type,
      shape: bsonShapeOf(context.document, computed),
      placeOf: () => (record) => (isCall(record) && isWanted(record) ? there : elsewhere),
      indexes: recordIndexes,
      cappedBytes: cappedBytes(options),
      mostDocumentEstimate: losesPayload ? mostDocumentEstimate(options) : undefined,
    };
    return openRawSink(plan, options, context, signal);
  };
