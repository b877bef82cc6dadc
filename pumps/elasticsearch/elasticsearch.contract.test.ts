import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe } from 'vitest';
import { aPreparedPump, type SinkHarness, sinkContract } from '#pump/testing';
import elasticsearch from './index.ts';

describe.each([
  ['in bulk', {}],
  ['one by one', { disable_bulk: true }],
])('sending %s', (_, meta) => {
  sinkContract('elasticsearch', () => aServerHarness(meta));
});

const password = 'contract-password';

async function aServerHarness(meta: object): Promise<SinkHarness> {
  const server = new FakeElasticsearch();
  await server.listen();
  return {
    pump: aPreparedPump(elasticsearch, {
      ...meta,
      elasticsearch_url: `http://contract:${password}@127.0.0.1:${server.port}`,
    }),
    secrets: [password, Buffer.from(`contract:${password}`).toString('base64')],
    poison: { ip_address: 'no address' },
    received: () => Promise.resolve([...server.documents.values()]),
    break: () => server.close(),
    restore: () => server.listen(),
    stall: () => server.stall(),
    stop: () => server.close(),
  };
}

/** Speaks what this pump needs, and keeps what it is given. */
class FakeElasticsearch {
  readonly documents = new Map<string, string>();
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;
  #isStalled = false;

  get port(): number {
    return this.#port;
  }

  async listen(): Promise<void> {
    this.#isStalled = false;
    if (this.#server !== undefined) return;
    const server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }

  stall(): Promise<void> {
    this.#isStalled = true;
    return Promise.resolve();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    if (this.#isStalled) return;
    const [path = ''] = (request.url ?? '').split('?');
    if (path === '/') send(response, 200, { version: { number: '8.19.0' } });
    else if (path === '/_bulk') send(response, 200, this.#bulk(body));
    else {
      const [, , , id = ''] = path.split('/');
      const result = this.#create(decodeURIComponent(id), body);
      send(response, result.status, { ...result, _id: id });
    }
  }

  #bulk(body: string): object {
    const lines = body.split('\n');
    const items: object[] = [];
    for (let at = 0; at + 1 < lines.length; at += 2) {
      const action = JSON.parse(lines[at] ?? '') as { create: { _id: string } };
      items.push({ create: this.#create(action.create._id, lines[at + 1] ?? '') });
    }
    return { errors: true, items };
  }

  #create(id: string, document: string): { readonly status: number; readonly error?: object } {
    if (document.includes('"ip_address":"no address"'))
      return { status: 400, error: { type: 'mapper_parsing_exception', reason: 'no ip' } };
    if (this.documents.has(id))
      return { status: 409, error: { type: 'version_conflict_engine_exception', reason: 'there' } };
    this.documents.set(id, document);
    return { status: 201 };
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
