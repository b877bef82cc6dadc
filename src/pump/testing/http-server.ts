import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { buffer } from 'node:stream/consumers';
import type { TlsOptions } from 'node:tls';
import { LocalServer } from './local-server.ts';

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
  readonly #scheme: 'http' | 'https';
  readonly #local: LocalServer;
  #isStalled = false;

  constructor(answer: Answer, tls?: TlsOptions) {
    this.#answer = answer;
    this.#scheme = tls === undefined ? 'http' : 'https';
    const serve = (incoming: IncomingMessage, response: ServerResponse): void => {
      this.#serve(incoming, response).catch((error: unknown) => response.destroy(error as Error));
    };
    this.#local = new LocalServer(() =>
      tls === undefined ? createServer(serve) : createTlsServer(tls, serve),
    );
  }

  /** A server that listens; with TLS where that is given. */
  static async start(answer: Answer, tls?: TlsOptions): Promise<FakeHttpServer> {
    const server = new FakeHttpServer(answer, tls);
    await server.listen();
    return server;
  }

  get port(): number {
    return this.#local.port;
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.port}`;
  }

  /** Also ends a stall. */
  listen(): Promise<void> {
    this.#isStalled = false;
    return this.#local.listen();
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

  close(): Promise<void> {
    return this.#local.close();
  }

  /** Takes requests and does not answer, until `listen`. */
  stall(): Promise<void> {
    this.#isStalled = true;
    return Promise.resolve();
  }
}
