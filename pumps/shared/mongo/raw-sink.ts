import {
  type AnalyticsRecord,
  type Answered,
  type Batch,
  Delivery,
  delivered,
  type Entry,
  type Failure,
  type Health,
  LentWriters,
  type Log,
  reject,
  type Said,
  type Sink,
  type Verdict,
} from '#pump';
import { type Chunk, chunksOf } from './chunks.ts';
import type { MongoDatabase } from './client.ts';
import type { Collections } from './collections.ts';
import type { Documents } from './documents.ts';
import { verdictOfError } from './failure.ts';
import { healthOf } from './health.ts';
import { insertAll } from './insert.ts';

/** Where a record goes: to a collection, nowhere because it is none of this pump's, or nowhere because it cannot. */
export type Place =
  | { readonly kind: 'collection'; readonly name: string }
  | { readonly kind: 'elsewhere' }
  | { readonly kind: 'refused'; readonly failure: Failure };

export interface RawSinkParts {
  readonly database: MongoDatabase;
  readonly collections: Collections;
  readonly documents: Documents;
  readonly placeOf: (record: AnalyticsRecord) => Place;
  /** Of one insert, by estimate. */
  readonly mostInsertBytes: number;
  readonly log: Log;
}

/** Inserts of one batch that are under way at once. */
const insertsAtOnce = 4;

/** Stores each record as a document of its own. */
export class RawSink implements Sink {
  readonly #parts: RawSinkParts;
  readonly #writers = new LentWriters();

  constructor(parts: RawSinkParts) {
    this.#parts = parts;
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    const { placeOf, mostInsertBytes } = this.#parts;
    const places = new Map<string, Entry[]>();
    const refused = new Map<Entry, Verdict>();
    for (const entry of batch) {
      const place = placeOf(entry.record);
      if (place.kind === 'refused') refused.set(entry, reject(place.failure));
      if (place.kind !== 'collection') continue;
      const entries = places.get(place.name);
      if (entries === undefined) places.set(place.name, [entry]);
      else entries.push(entry);
    }
    const chunks = chunksOf(places, mostInsertBytes);
    const answers: Answered[] = [];
    const next = chunks.values();
    const work = async (): Promise<void> => {
      for (const chunk of next) answers.push(...(await this.#insert(chunk, batch.size, signal)));
    };
    await Promise.all(Array.from({ length: insertsAtOnce }, work));
    return Delivery.ofRequests(batch, answers, (entry) => refused.get(entry) ?? delivered());
  }

  check(signal: AbortSignal): Promise<Health> {
    return healthOf(this.#parts.database, signal);
  }

  async close(): Promise<void> {
    await this.#parts.collections.close();
    await this.#parts.database.close();
  }

  /**
   * What is said of a request that is not the whole batch the courier would believe of each record: it is halved here,
   * which costs nothing, for what is stored already is known again.
   */
  async #insert(
    chunk: Chunk,
    batchSize: number,
    signal: AbortSignal,
  ): Promise<readonly Answered[]> {
    const { collection, entries } = chunk;
    const said = await this.#send(chunk, signal);
    const isRefusal = !isOfEach(said) && said.outcome === 'reject';
    if (!isRefusal || entries.length === 1 || entries.length === batchSize)
      return [{ entries, said }];
    const half = Math.ceil(entries.length / 2);
    const parts = [entries.slice(0, half), entries.slice(half)];
    const answers: Answered[] = [];
    for (const part of parts)
      answers.push(...(await this.#insert({ collection, entries: part }, batchSize, signal)));
    return answers;
  }

  async #send({ collection, entries }: Chunk, signal: AbortSignal): Promise<Said> {
    const { database, collections, documents, log } = this.#parts;
    try {
      await collections.prepare(collection, signal);
      // A writer is given back only where the driver has answered, and so has sent what it holds.
      return await this.#writers.lend(async (out) => {
        let bare = 0;
        const starts = entries.map((entry) => {
          const start = out.length;
          if (documents.write(entry, out)) bare += 1;
          return start;
        });
        if (bare > 0)
          log.warn(
            { records: bare },
            'Records are too large and are stored without their payload.',
          );
        const answer = await insertAll(database, { collection, entries, out, starts }, signal);
        signal.throwIfAborted();
        return answer;
      });
    } catch (error) {
      return verdictOfError(error);
    }
  }
}

const isOfEach = (said: Said): said is readonly Verdict[] => Array.isArray(said);
