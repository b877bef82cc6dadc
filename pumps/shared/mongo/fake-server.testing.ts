import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { BSON, type Document } from 'mongodb';
import { LocalServer } from '../../../src/pump/testing/local-server.ts';
import { matches, update } from './fake-updates.testing.ts';

/** What a command is answered with. `documents`: those of its sequence, as they came. */
export type Answer = (command: Document, documents: readonly Buffer[]) => Document;

const [opReply, opQuery, opMsg] = [1, 2004, 2013];

/**
 * Speaks as much of MongoDB's protocol as the driver needs, and keeps documents by their ids. It can do what a real server
 * does seldom: refuse a document, hang, go away and come back, answer as a test wants. The real ones are in the live tests.
 */
export class FakeMongo {
  readonly #server: LocalServer;
  readonly #password: string | undefined;
  readonly #answer: Answer | undefined;
  #isStalled = false;
  /** By collection and id. */
  readonly collections = new Map<string, Map<string, Document>>();
  /** All but greetings and pings, in their order. */
  readonly commands: Document[] = [];

  /** `answer` takes the place of what it would say, where it says anything. `password`: of the user `contract`. */
  constructor({
    password,
    answer,
    tls,
  }: { password?: string; answer?: Answer; tls?: TlsOptions } = {}) {
    const serve = (socket: Socket): void => this.#serve(socket);
    this.#server = new LocalServer(() =>
      tls === undefined ? createServer(serve) : createTlsServer(tls, serve),
    );
    this.#password = password;
    this.#answer = answer;
  }

  url(database: string, query = ''): string {
    const user = this.#password === undefined ? '' : `contract:${this.#password}@`;
    const login = this.#password === undefined ? query : `authMechanism=PLAIN&${query}`;
    return `mongodb://${user}127.0.0.1:${this.#server.port}/${database}?${login}`;
  }

  documents(collection: string): readonly Document[] {
    return [...(this.collections.get(collection)?.values() ?? [])];
  }

  async listen(): Promise<void> {
    this.#isStalled = false;
    await this.#server.listen();
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  /** Takes what is sent and answers nothing, not even a greeting, until it listens again. */
  async stall(): Promise<void> {
    await this.#server.close();
    this.#isStalled = true;
    await this.#server.listen();
  }

  /** Ends a stall too. */
  async restore(): Promise<void> {
    if (this.#isStalled) await this.#server.close();
    await this.listen();
  }

  #serve(socket: Socket): void {
    let pending = Buffer.alloc(0);
    socket.on('data', (bytes) => {
      if (this.#isStalled) return;
      pending = Buffer.concat([pending, bytes]);
      while (pending.length >= 4 && pending.length >= pending.readInt32LE(0)) {
        const size = pending.readInt32LE(0);
        socket.write(this.#reply(pending.subarray(0, size)));
        pending = pending.subarray(size);
      }
    });
  }

  #reply(message: Buffer): Buffer {
    const [request, code] = [message.readInt32LE(4), message.readInt32LE(12)];
    if (code === opQuery) {
      const body = BSON.serialize(greeting);
      const head = Buffer.alloc(20);
      head.writeInt32LE(1, 16);
      return framed(request, opReply, [head, body]);
    }
    const documents: Buffer[] = [];
    let command: Document = {};
    for (let at = 20; at < message.length; ) {
      const kind = message[at++];
      const size = message.readInt32LE(at);
      if (kind === 0) command = BSON.deserialize(message.subarray(at, at + size));
      else documents.push(...sequenceIn(message.subarray(at, at + size)));
      at += size;
    }
    const answer = this.#handle(command, documents);
    const body = BSON.serialize(answer);
    return framed(request, opMsg, [Buffer.alloc(5), body]);
  }

  #handle(command: Document, documents: readonly Buffer[]): Document {
    const [name = ''] = Object.keys(command);
    if (name === 'hello' || name === 'ismaster') return greeting;
    if (name === 'ping' || name === 'endSessions') return { ok: 1 };
    if (name === 'saslStart') return this.#login(command);
    this.commands.push(command);
    const asked = this.#answer?.(command, documents);
    if (asked !== undefined && Object.keys(asked).length > 0) return asked;
    if (name === 'insert') return this.#insert(String(command['insert']), documents);
    if (name === 'update') return this.#update(command);
    if (name === 'find') return this.#find(command);
    if (name === 'listCollections') return { ok: 1, cursor: cursorOf('$cmd', this.#list(command)) };
    return { ok: 1 };
  }

  #login({ payload }: Document): Document {
    const text = Buffer.from((payload as { buffer: Uint8Array }).buffer).toString();
    return text.endsWith(`\0contract\0${this.#password}`)
      ? { ok: 1, done: true, conversationId: 1, payload: new BSON.Binary(Buffer.alloc(0)) }
      : { ok: 0, code: 18, codeName: 'AuthenticationFailed', errmsg: 'Authentication failed.' };
  }

  #insert(collection: string, documents: readonly Buffer[]): Document {
    const stored = this.#stored(collection);
    const writeErrors: Document[] = [];
    for (const [index, bytes] of documents.entries()) {
      const document = BSON.deserialize(bytes);
      const id = String(document['_id']);
      if (document['apiid'] === 'poison')
        writeErrors.push({ index, code: 121, errmsg: 'Document failed validation' });
      else if (stored.has(id))
        writeErrors.push({ index, code: 11_000, errmsg: 'E11000', keyPattern: { _id: 1 } });
      else stored.set(id, document);
    }
    const answer = { ok: 1, n: documents.length - writeErrors.length };
    return writeErrors.length === 0 ? answer : { ...answer, writeErrors };
  }

  #stored(collection: unknown): Map<string, Document> {
    const name = String(collection);
    const stored = this.collections.get(name) ?? new Map<string, Document>();
    this.collections.set(name, stored);
    return stored;
  }

  #update(command: Document): Document {
    const stored = this.#stored(command['update']);
    const [{ q, u, upsert }] = command['updates'] as [
      { q: Document; u: Document; upsert: boolean },
    ];
    const found = [...stored.values()].find((document) => matches(document, q));
    if (found !== undefined) {
      update(found, u);
      return { ok: 1, n: 1 };
    }
    if (!upsert) return { ok: 1, n: 0 };
    const id = String(q['_id']);
    if (stored.has(id))
      return { ok: 1, n: 0, writeErrors: [{ index: 0, code: 11_000, errmsg: 'E11000' }] };
    const isValue = (value: unknown): boolean =>
      typeof value !== 'object' ||
      value instanceof Date ||
      (value !== null && '_bsontype' in value);
    const fresh = Object.fromEntries(Object.entries(q).filter(([, value]) => isValue(value)));
    update(fresh, u);
    stored.set(id, fresh);
    return { ok: 1, n: 1, upserted: [{ index: 0, _id: q['_id'] as unknown }] };
  }

  #find({ find, filter }: Document): Document {
    const found = [...this.#stored(find).values()].filter((document) =>
      matches(document, filter as Document),
    );
    return { ok: 1, cursor: cursorOf(String(find), found) };
  }

  #list({ filter }: Document): readonly Document[] {
    const { name } = filter as { name: string };
    return this.collections.has(name) ? [{ name, type: 'collection', options: {} }] : [];
  }
}

const greeting: Document = {
  ...{ ok: 1, ismaster: true, isWritablePrimary: true, helloOk: true },
  ...{ minWireVersion: 0, maxWireVersion: 13, maxBsonObjectSize: 16_777_216 },
  ...{ maxMessageSizeBytes: 48_000_000, maxWriteBatchSize: 100_000 },
};

const cursorOf = (collection: string, firstBatch: readonly Document[]): Document => ({
  ...{ id: BSON.Long.ZERO, ns: `test.${collection}`, firstBatch },
});

/** The documents behind a sequence's size and name. */
function sequenceIn(section: Buffer): readonly Buffer[] {
  const documents: Buffer[] = [];
  for (let at = section.indexOf(0, 4) + 1; at < section.length; ) {
    const size = section.readInt32LE(at);
    documents.push(Buffer.from(section.subarray(at, at + size)));
    at += size;
  }
  return documents;
}

function framed(request: number, code: number, parts: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(16);
  const message = Buffer.concat([head, ...parts]);
  message.writeInt32LE(message.length, 0);
  message.writeInt32LE(request, 8);
  message.writeInt32LE(code, 12);
  return message;
}
