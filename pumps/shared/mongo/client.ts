import type { Document, Double, Int32, Long, MongoClient, ObjectId } from 'mongodb';
import type { DocumentSequence } from 'mongodb/lib/cmap/commands.js';
import { untilAborted } from '#pump';

/** What a command may say, and a server answer. */
export type MongoDocument = Document;

/** A database, by the few calls that are used of the driver. What fails is thrown, as the driver has it (failure.ts). */
export interface MongoDatabase {
  readonly name: string;
  /** The driver's classes for values that JavaScript has none of. */
  readonly bson: BsonClasses;
  /** Runs a command on the primary, or on whom `readPreference` allows. */
  command(command: Document, signal: AbortSignal, reading?: Reading): Promise<Document>;
  /**
   * Inserts documents that are BSON already, one behind the other, and goes on behind one that is refused. The bytes are not
   * looked at any more once this has resolved.
   */
  insert(collection: string, documents: Uint8Array, signal: AbortSignal): Promise<InsertAnswer>;
  /** Documents as the primary has them. */
  find(
    collection: string,
    filter: Document,
    signal: AbortSignal,
    projection?: Document,
  ): Promise<readonly Document[]>;
  /** Which of these documents are there, by their ids. */
  which(
    collection: string,
    ids: readonly Uint8Array[],
    signal: AbortSignal,
  ): Promise<readonly boolean[]>;
  /** A command that writes, with the write concern of the URL. */
  write(command: Document): Document;
  /** Twice is harmless. */
  close(): Promise<void>;
}

export interface BsonClasses {
  readonly ObjectId: typeof ObjectId;
  readonly Double: typeof Double;
  readonly Int32: typeof Int32;
  readonly Long: typeof Long;
}

export interface Reading {
  readonly readPreference: 'primary' | 'primaryPreferred' | 'nearest';
}

export interface InsertAnswer {
  /** Of the documents that were refused; the others are stored. */
  readonly refused: readonly RefusedDocument[];
}

export interface RefusedDocument {
  /** Within the request. */
  readonly index: number;
  readonly code: number;
  readonly message: string;
  /** Of the index that a document of its key is in already, where the server says so. */
  readonly keyPattern: Readonly<Record<string, unknown>> | undefined;
}

interface Parts {
  readonly client: MongoClient;
  readonly name: string;
  /** Asked for at every write; undefined: what the server does by itself. */
  readonly writeConcern: Document | undefined;
  readonly bson: BsonClasses;
  readonly DocumentSequence: typeof DocumentSequence;
}

export class DriverDatabase implements MongoDatabase {
  readonly #parts: Parts;
  #connecting: Promise<unknown> = Promise.resolve();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get name(): string {
    return this.#parts.name;
  }

  get bson(): BsonClasses {
    return this.#parts.bson;
  }

  async command(
    command: Document,
    signal: AbortSignal,
    { readPreference }: Reading = { readPreference: 'primary' },
  ): Promise<Document> {
    const database = await this.#connected(signal);
    return untilAborted(database.command(command, { signal, readPreference }), signal);
  }

  async find(
    collection: string,
    filter: Document,
    signal: AbortSignal,
    projection: Document = {},
  ): Promise<readonly Document[]> {
    const database = await this.#connected(signal);
    const options = { projection, readPreference: 'primary', signal } as const;
    return untilAborted(database.collection(collection).find(filter, options).toArray(), signal);
  }

  async insert(
    collection: string,
    documents: Uint8Array,
    signal: AbortSignal,
  ): Promise<InsertAnswer> {
    const { DocumentSequence } = this.#parts;
    const sequence = new DocumentSequence('documents');
    sequence.push({}, documents);
    const command = this.write({ insert: collection, ordered: false, documents: sequence });
    const answer = await this.command(command, signal);
    return { refused: refusedIn(answer) };
  }

  async which(
    collection: string,
    ids: readonly Uint8Array[],
    signal: AbortSignal,
  ): Promise<readonly boolean[]> {
    const { ObjectId } = this.#parts.bson;
    const wanted = ids.map((id) => new ObjectId(id));
    const there = await this.find(collection, { _id: { $in: wanted } }, signal, { _id: 1 });
    const found = new Set(there.map(({ _id }) => String(_id)));
    return wanted.map((id) => found.has(String(id)));
  }

  write(command: Document): Document {
    const { writeConcern } = this.#parts;
    return writeConcern === undefined ? command : { ...command, writeConcern };
  }

  async #connected(signal: AbortSignal): Promise<ReturnType<MongoClient['db']>> {
    signal.throwIfAborted();
    const { client, name } = this.#parts;
    // Each time: the driver does not begin again by itself where its first connection failed.
    this.#connecting = client.connect();
    await untilAborted(this.#connecting, signal);
    return client.db(name);
  }

  async close(): Promise<void> {
    const { client } = this.#parts;
    await client.close();
    // One that was still on its way would open after that.
    this.#connecting.then(
      () => client.close(),
      () => client.close(),
    );
  }
}

/** How many were inserted is not asked: some servers count those that were refused, too. */
function refusedIn(answer: Document): readonly RefusedDocument[] {
  const errors: unknown = answer['writeErrors'];
  if (!Array.isArray(errors)) return [];
  return errors.map((error: Document) => ({
    index: Number(error['index']),
    code: Number(error['code']),
    message: String(error['errmsg'] ?? ''),
    keyPattern: error['keyPattern'] as RefusedDocument['keyPattern'],
  }));
}
