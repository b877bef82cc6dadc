import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A request as it arrived, whole. */
export interface ReceivedRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text as it is, anything else as JSON. */
  readonly body?: unknown;
}

type Answer = (request: ReceivedRequest) => Reply | Promise<Reply>;

/** An HTTP server of a test's own, which can go away, come back at the same port, and hang. */
export class FakeHttpServer {
  readonly requests: ReceivedRequest[] = [];
  readonly #answer: Answer;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;
  #isStalled = false;

  constructor(answer: Answer) {
    this.#answer = answer;
  }

  /** A server that listens. */
  static async start(answer: Answer): Promise<FakeHttpServer> {
    const server = new FakeHttpServer(answer);
    await server.listen();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Also ends a stall. */
  async listen(): Promise<void> {
    this.#isStalled = false;
    if (this.#server !== undefined) return;
    const server = createServer((incoming, response) => {
      this.#serve(incoming, response).catch((error: unknown) => response.destroy(error as Error));
    });
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    if (this.#isStalled) return;
    const { pathname, searchParams } = new URL(incoming.url ?? '/', this.url);
    const { method = '', headers } = incoming;
    const request = { method, path: pathname, query: searchParams, headers, body };
    this.requests.push(request);
    const reply = await this.#answer(request);
    response.writeHead(reply.status, reply.headers);
    response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body));
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }

  /** Takes requests and does not answer, until `listen`. */
  stall(): Promise<void> {
    this.#isStalled = true;
    return Promise.resolve();
  }
}
