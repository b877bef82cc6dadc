import {
  type AnalyticsRecord,
  type Batch,
  bucketStart,
  Delivery,
  delivered,
  type Entry,
  type Health,
  reject,
  type Sink,
  type Verdict,
} from '#pump';
import type { MongoDatabase } from '../client.ts';
import type { Collections } from '../collections.ts';
import { verdictOfError } from '../failure.ts';
import { healthOf } from '../health.ts';
import { collectionNameProblem } from '../names.ts';
import type { BucketKey } from './bucket.ts';
import type { Counting } from './counting.ts';
import type { AggregatePlan } from './vocabulary.ts';

export interface AggregateSinkParts {
  readonly database: MongoDatabase;
  readonly collections: Collections;
  readonly counting: Counting;
  readonly plan: AggregatePlan;
  readonly bucketMinutes: number;
  /** `use_mixed_collection`. */
  readonly isMixed: boolean;
}

/** Entries of one bucket, organisation and, for MCP, API. */
interface Group {
  readonly key: Omit<BucketKey, 'collection'>;
  readonly entries: Entry[];
}

/** Documents of one batch that are changed at once. */
const changesAtOnce = 8;

/** Counts records in documents of their organisations and times. */
export class AggregateSink implements Sink {
  readonly #parts: AggregateSinkParts;

  constructor(parts: AggregateSinkParts) {
    this.#parts = parts;
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    const verdicts = new Map<Entry, Verdict>();
    const next = this.#groups(batch).values();
    const work = async (): Promise<void> => {
      for (const group of next) await this.#deliverGroup(group, verdicts, signal);
    };
    await Promise.all(Array.from({ length: changesAtOnce }, work));
    return Delivery.each(batch, (entry) => verdicts.get(entry) ?? delivered());
  }

  check(signal: AbortSignal): Promise<Health> {
    return healthOf(this.#parts.database, signal);
  }

  async close(): Promise<void> {
    await this.#parts.collections.close();
    await this.#parts.database.close();
  }

  /** A record is delivered once each of its documents has counted it; one that has knows it again. */
  async #deliverGroup(
    { key, entries }: Group,
    verdicts: Map<Entry, Verdict>,
    signal: AbortSignal,
  ): Promise<void> {
    const { plan, isMixed } = this.#parts;
    const collections = [plan.prefix + key.orgId, ...(isMixed ? [plan.mixedCollection] : [])];
    for (const collection of collections) {
      const said = await this.#deliverTo(collection, { key, entries }, signal);
      for (const [at, verdict] of said.entries()) {
        const entry = entries[at];
        if (entry !== undefined && verdict.outcome !== 'delivered') verdicts.set(entry, verdict);
      }
    }
  }

  async #deliverTo(
    collection: string,
    { key, entries }: Group,
    signal: AbortSignal,
  ): Promise<readonly Verdict[]> {
    const { collections, counting, database } = this.#parts;
    // Bytes that are no UTF-8 all read as one character: organisations would get mixed up.
    const isUnclear = key.orgId.includes('\ufffd');
    if (isUnclear || collectionNameProblem(collection, database.name) !== undefined)
      return entries.map(() => unnameable);
    try {
      await collections.prepare(collection, signal);
    } catch (error) {
      const verdict = verdictOfError(error);
      return entries.map(() => verdict);
    }
    return counting.count({ ...key, collection }, entries, signal);
  }

  /** Records that the pump does not count are in none. */
  #groups(batch: Batch): ReadonlyMap<string, Group> {
    const { plan, bucketMinutes } = this.#parts;
    const groups = new Map<string, Group>();
    for (const entry of batch) {
      const { record } = entry;
      if (!isCounted(record, plan)) continue;
      const start = bucketStart(record.time('timestamp'), bucketMinutes);
      const orgId = record.text('org_id');
      const apiId = plan.variant === 'mcp' ? record.text('api_id') : undefined;
      const name = `${start}\0${orgId}\0${apiId ?? ''}`;
      const group = groups.get(name);
      if (group !== undefined) group.entries.push(entry);
      else {
        const key = { orgId, apiId, start, length: bucketMinutes * 60 };
        groups.set(name, { key, entries: [entry] });
      }
    }
    return groups;
  }
}

/** As the fold sees it. */
function isCounted(record: AnalyticsRecord, { variant }: AggregatePlan): boolean {
  const isMcp = record.flag('mcp_stats.is_mcp');
  if (variant === 'mcp') return isMcp;
  return !isMcp && !record.flag('graphql_stats.IsGraphQL') && record.utf8('org_id').length > 0;
}

const unnameable = reject({
  kind: 'invalid',
  message: 'No collection can be called by the name of the record’s organisation.',
});
