import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { freePort } from '../services/process.ts';
import { type Behaviour, type ItemRefusal, treat } from './bulk-behaviour.ts';
import type { Dice } from './dice.ts';
import { digestOf } from './digest.ts';
import { indexIn } from './records.ts';
import { listen } from './tcp-proxy.ts';

export interface StoredDocument {
  /** Which pushed record it is; undefined: none that we know. */
  readonly index: number | undefined;
  readonly digest: string;
  /** How often it was answered with 201, or with 409 for being there. */
  acknowledged: number;
  repeated: number;
}

export interface BulkSinkOptions {
  readonly dice: Dice;
  /** Records this sink never takes. */
  readonly rejects: (index: number) => boolean;
  /** Milliseconds before each answer, on top of what the behaviour says. */
  readonly latency: number;
  /** Keeps what is stored in place of `documents` and `arrived`, which are for runs of seconds. */
  readonly shelf?: { put(id: string, index: number | undefined): boolean };
}

interface Operation {
  readonly id: string;
  readonly isCreate: boolean;
  readonly document: Buffer;
}

interface Item {
  readonly _id?: string;
  readonly status: number;
  readonly error?: { readonly type: string; readonly reason: string };
}

const info = {
  version: { number: '8.19.2', build_flavor: 'default' },
  tagline: 'You Know, for Search',
};
const headers = { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' };

/**
 * A server that speaks enough of Elasticsearch's `_bulk` to be delivered to, keeps documents by id, and misbehaves as it
 * is told to.
 */
export class BulkSink {
  readonly documents = new Map<string, StoredDocument>();
  /** Which records have arrived, each once. */
  readonly arrived = new Set<number>();
  readonly #options: BulkSinkOptions;
  readonly #hanging = new Set<ServerResponse>();
  #server: Server;
  #behaviour: Behaviour = { kind: 'healthy' };
  #made = 0;
  port = 0;

  private constructor(options: BulkSinkOptions) {
    this.#options = options;
    this.#server = this.#createServer();
  }

  static async start(options: BulkSinkOptions): Promise<BulkSink> {
    const sink = new BulkSink(options);
    // A port of its own, for it will be free while connections are refused.
    sink.port = await listen(sink.#server, await freePort());
    return sink;
  }

  behave(behaviour: Behaviour): void {
    this.#behaviour = behaviour;
    // Who waits for an answer gets none: the other side finds a dead connection.
    if (behaviour.kind !== 'hanging') {
      for (const response of this.#hanging) response.destroy();
      this.#hanging.clear();
    }
  }

  /** No listener: connections are refused. */
  async refuse(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  async accept(): Promise<void> {
    if (this.#server.listening) return;
    this.#server = this.#createServer();
    await listen(this.#server, this.port);
  }

  stop(): Promise<void> {
    return this.refuse();
  }

  #createServer(): Server {
    return createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('error', () => undefined);
      response.on('error', () => undefined);
      request.on('end', () => this.#answer(request, Buffer.concat(parts), response));
    });
  }

  #answer(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const isBulk = request.url?.startsWith('/_bulk') === true;
    const treatment = treat(this.#behaviour, this.#options.dice);
    const take = (refusal?: ItemRefusal): readonly Item[] =>
      isBulk ? this.#take(operationsOf(body), refusal) : [];
    switch (treatment.kind) {
      case 'refuse':
        send(response, treatment.status, { error: { type: 'unavailable', reason: 'a fault' } });
        return;
      case 'reset':
        if (treatment.stores) take();
        request.socket.resetAndDestroy();
        return;
      case 'hang':
        if (treatment.stores) take();
        this.#hanging.add(response);
        return;
      case 'serve':
        this.#serve(response, treatment.delay, () =>
          isBulk ? bulkAnswer(take(treatment.refuseItems)) : info,
        );
        return;
      case 'cut':
      case 'malformed':
        spoil(response, treatment.kind, isBulk ? bulkAnswer(take()) : info);
        return;
      case 'half':
        send(response, 200, isBulk ? bulkAnswer(this.#takeHalf(body)) : info);
        return;
      default:
        treatment satisfies never;
    }
  }

  #takeHalf(body: Buffer): readonly Item[] {
    const operations = operationsOf(body);
    return this.#take(operations.slice(0, operations.length / 2), undefined);
  }

  #serve(response: ServerResponse, delay: number, answer: () => object): void {
    const wait = delay + this.#options.latency;
    if (wait === 0) send(response, 200, answer());
    else setTimeout(() => send(response, 200, answer()), wait);
  }

  #take(operations: readonly Operation[], refusal: ItemRefusal | undefined): readonly Item[] {
    return operations.map((operation) => ({
      _id: operation.id,
      ...this.#takeOne(operation, refusal),
    }));
  }

  #takeOne(operation: Operation, refusal: ItemRefusal | undefined): Item {
    const { dice, rejects } = this.#options;
    if (refusal !== undefined && dice.hits(refusal.share))
      return failed(refusal.status, 'es_rejected_execution_exception');
    const index = indexIn(operation.document);
    if (index !== undefined && rejects(index)) return failed(400, 'mapper_parsing_exception');
    return this.#store(operation, index);
  }

  #store({ id, isCreate, document }: Operation, index: number | undefined): Item {
    const { shelf } = this.#options;
    if (shelf !== undefined)
      return shelf.put(id, index)
        ? { status: 201 }
        : failed(409, 'version_conflict_engine_exception');
    const key = id === '' ? `made-${++this.#made}` : id;
    const stored = this.documents.get(key);
    if (stored !== undefined && isCreate) {
      stored.repeated++;
      return failed(409, 'version_conflict_engine_exception');
    }
    const digest = digestOf(document);
    this.documents.set(key, { index, digest, acknowledged: 1, repeated: 0 });
    if (index !== undefined) this.arrived.add(index);
    return { status: 201 };
  }
}

const failed = (status: number, type: string): Item => ({
  status,
  error: { type, reason: 'a fault' },
});

const bulkAnswer = (items: readonly Item[]): object => ({
  errors: items.some(({ error }) => error !== undefined),
  items: items.map((item) => ({ create: item })),
});

function send(response: ServerResponse, status: number, body: object): void {
  if (!response.destroyed) response.writeHead(status, headers).end(JSON.stringify(body));
}

function spoil(response: ServerResponse, how: 'cut' | 'malformed', body: object): void {
  const text = JSON.stringify(body);
  if (how === 'malformed') {
    response.writeHead(200, headers).end(`${text.slice(0, text.length / 2)}<html>`);
    return;
  }
  response.writeHead(200, { ...headers, 'content-length': Buffer.byteLength(text) });
  response.write(text.slice(0, text.length / 2), () => response.socket?.destroy());
}

function operationsOf(body: Buffer): readonly Operation[] {
  const operations: Operation[] = [];
  for (let at = 0; at < body.length; ) {
    const actionEnd = endOfLine(body, at);
    const documentEnd = endOfLine(body, actionEnd + 1);
    const action = JSON.parse(body.toString('utf8', at, actionEnd)) as Readonly<
      Record<string, { readonly _id?: string }>
    >;
    const [[operation, { _id = '' }] = ['', {}]] = Object.entries(action);
    operations.push({
      id: _id,
      isCreate: operation === 'create',
      document: body.subarray(actionEnd + 1, documentEnd),
    });
    at = documentEnd + 1;
  }
  return operations;
}

function endOfLine(body: Buffer, from: number): number {
  const end = body.indexOf(0x0a, from);
  return end < 0 ? body.length : end;
}
