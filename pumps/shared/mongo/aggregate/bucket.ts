import { createHash } from 'node:crypto';
import type { Document } from 'mongodb';
import type { Aggregate, Entry } from '#pump';
import type { MongoDatabase } from '../client.ts';
import { failureOfCode, isDuplicate, verdictOfRefusal } from '../failure.ts';
import { type ChangeRules, changeOf } from './change.ts';
import type { Outcome } from './outcome.ts';
import { newPart, ownMember, type Part, readPart } from './part.ts';

/** Whose documents a bucket has, and where they lie. */
export interface BucketKey {
  readonly collection: string;
  readonly orgId: string;
  /** Undefined: of all APIs. */
  readonly apiId: string | undefined;
  /** Unix seconds. */
  readonly start: number;
  /** Seconds. */
  readonly length: number;
}

/** Two parts of a bucket lie so far from each other: a time there is told by the minute. */
const partDistance = 60;

export interface BucketRules extends ChangeRules {
  readonly dimensions: ReadonlySet<string>;
}

/**
 * The documents of one bucket. Each has a member of ours: a revision, and which records it has counted. A change is made for
 * the revision that was read, and the server takes it only where it still is that one; so whatever a document has counted was
 * known when the change was made, and no record counts twice, in this process or another, before or after a crash.
 *
 * A part that is full is never changed again, and its notes hold for the parts behind it.
 */
export class Bucket {
  readonly #database: MongoDatabase;
  readonly #key: BucketKey;
  readonly #rules: BucketRules;
  readonly #parts: Part[];

  private constructor(
    database: MongoDatabase,
    key: BucketKey,
    rules: BucketRules,
    parts: readonly Part[],
  ) {
    this.#database = database;
    this.#key = key;
    this.#rules = rules;
    this.#parts = [...parts];
  }

  static async read(
    database: MongoDatabase,
    key: BucketKey,
    rules: BucketRules,
    signal: AbortSignal,
  ): Promise<Bucket> {
    const { start, length, collection } = key;
    const timestamp = { $gte: new Date(start * 1_000), $lt: new Date((start + length) * 1_000) };
    const filter = { ...ownerOf(key), timestamp };
    const documents = await database.find(collection, filter, signal);
    const own = documents.filter((document) => ownMember in document);
    // One that Tyk Pump has begun is gone on with.
    const others = documents.filter(
      (document) =>
        !(ownMember in document) && (document['timestamp'] as Date).getTime() === start * 1_000,
    );
    const parts = (own.length > 0 ? own : others.slice(0, 1))
      .map((document) => readPart(document, rules.dimensions))
      .sort((one, other) => one.timestamp - other.timestamp);
    return new Bucket(database, key, rules, parts);
  }

  /** How many counters it keeps in memory. */
  get size(): number {
    return this.#parts.reduce((sum, { counters }) => sum + counters.size, 0);
  }

  /** Names of one dimension in the part that is added to. */
  namesOf(dimension: string): readonly string[] {
    const names = [...(this.#parts.at(-1)?.counters.values() ?? [])]
      .filter(({ place }) => place.dimension === dimension)
      .map(({ counter }) => counter.identifier);
    return names;
  }

  /** Those that no part has counted. */
  freshOf(entries: readonly Entry[]): readonly Entry[] {
    return entries.filter((entry) => !this.#parts.some(({ notes }) => notes.has(entry)));
  }

  /** Whether the part that is added to has nothing yet. */
  get isNew(): boolean {
    return this.#open()?.id === undefined;
  }

  async add(
    aggregate: Aggregate,
    entries: readonly Entry[],
    signal: AbortSignal,
  ): Promise<Outcome> {
    const part = this.#open();
    if (part === undefined) return { kind: 'too-large' };
    const { update, apply } = changeOf(part, aggregate, part.notes.with(entries), this.#rules);
    const id = part.id ?? this.#idAt(part.timestamp);
    const outcome = await this.#update({ ...part, id }, update, part.id === undefined, signal);
    if (outcome.kind !== 'written') return outcome;
    apply();
    const stored = { ...part, id };
    if (this.#parts.includes(part)) this.#parts[this.#parts.indexOf(part)] = stored;
    else this.#parts.push(stored);
    return outcome;
  }

  /** Ends the part that is too large; the next change begins another one, a minute later. */
  async split(signal: AbortSignal): Promise<Outcome> {
    const part = this.#parts.at(-1);
    if (part === undefined || part.timestamp + partDistance >= this.#key.start + this.#key.length)
      return { kind: 'too-large' };
    if (part.revision === undefined) {
      // It has no notes that anybody must know of.
      part.isFull = true;
      return { kind: 'written' };
    }
    const { integer } = this.#rules.types;
    const update = {
      $set: { [`${ownMember}.full`]: true, [`${ownMember}.revision`]: integer(part.revision + 1) },
    };
    const outcome = await this.#update(part, update, false, signal);
    if (outcome.kind === 'written') {
      part.revision += 1;
      part.isFull = true;
      part.counters.clear();
    }
    return outcome;
  }

  /** The part that is added to; undefined: there is no room for another one. */
  #open(): Part | undefined {
    const { start, length } = this.#key;
    const last = this.#parts.at(-1);
    if (last === undefined) return newPart(start);
    if (!last.isFull) return last;
    const next = last.timestamp + partDistance;
    return next < start + length ? newPart(next) : undefined;
  }

  async #update(
    { id, timestamp, revision }: Part,
    update: Document,
    upsert: boolean,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const filter = {
      _id: id,
      ...ownerOf(this.#key),
      timestamp: new Date(timestamp * 1_000),
      [`${ownMember}.revision`]: revision ?? { $exists: false },
    };
    const command = { update: this.#key.collection, updates: [{ q: filter, u: update, upsert }] };
    const answer = await this.#database.command(this.#database.write(command), signal);
    const [error] = (answer['writeErrors'] ?? []) as readonly Document[];
    if (error === undefined) return { kind: Number(answer['n']) === 0 ? 'lost' : 'written' };
    const [code, message] = [Number(error['code']), String(error['errmsg'] ?? '')];
    if (isDuplicate(code)) return { kind: 'lost' };
    const failure = failureOfCode(code, message);
    return failure.kind === 'oversize'
      ? { kind: 'too-large' }
      : { kind: 'refused', verdict: verdictOfRefusal(failure, message) };
  }

  /** The same in every process: two that begin a part at once begin the same one. */
  #idAt(timestamp: number): unknown {
    const { orgId, apiId = '' } = this.#key;
    const id = Buffer.alloc(12);
    id.writeUInt32BE(Math.min(Math.max(timestamp, 0), 0xffff_ffff));
    const digest = createHash('sha256').update(`${orgId}\0${apiId}\0${timestamp}`).digest();
    digest.copy(id, 4, 0, 8);
    const { ObjectId } = this.#database.bson;
    return new ObjectId(id);
  }
}

const ownerOf = ({ orgId, apiId }: BucketKey): Document => ({
  orgid: orgId,
  ...(apiId === undefined ? {} : { owner_apiid: apiId }),
});
