import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { explain } from '#source';
import { Call } from '../call.ts';
import type { Connection } from '../connection.ts';
import { Head } from '../head.ts';
import { headerOf, tokensOf } from '../headers.ts';
import type { RelayParts } from '../parts.ts';
import type { RelayOptions } from '../relay.ts';
import { type Refusal, type Screened, screen } from '../screen.ts';
import { Http1Client } from './http1.ts';
import { refusalOfError, refuseOn } from './refuse.ts';

/** So often Node looks for heads that do not end. */
const looksForSlowHeads = 1000;

/**
 * Node's server for HTTP/1.1, which listens nowhere: connections are given to it. Its parser is strict, and screen.ts sees
 * what that lets through.
 */
export class Http1Server {
  readonly #parts: RelayParts;
  readonly #onConnect: RelayOptions['onConnect'];
  readonly #server: Server;
  readonly #connections = new WeakMap<Duplex, Connection>();

  constructor(parts: RelayParts, onConnect: RelayOptions['onConnect']) {
    const { limits } = parts;
    this.#parts = parts;
    this.#onConnect = onConnect;
    this.#server = createServer({
      insecureHTTPParser: false,
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.head,
      // A body may take as long as it moves (call.ts); Node would count its time as well.
      requestTimeout: 0,
      keepAliveTimeout: limits.clientIdle,
      connectionsCheckingInterval: looksForSlowHeads,
      noDelay: true,
      // screen.ts asks for it, so that it is counted.
      requireHostHeader: false,
    });
    // As many as fit into the bound of bytes. Otherwise Node drops what is above 2,000, without a word.
    this.#server.maxHeadersCount = 0;
    this.#listenToIt();
  }

  serve(connection: Connection): void {
    this.#connections.set(connection.socket, connection);
    this.#server.emit('connection', connection.socket);
  }

  closeIdle(): void {
    this.#server.closeIdleConnections();
  }

  close(): void {
    // It never listened, so that there is nothing that it could refuse to close.
    this.#server.close();
  }

  #listenToIt(): void {
    const server = this.#server;
    server.on('request', (request, response) => this.#onRequest(request, response, false));
    server.on('checkContinue', (request, response) => this.#onRequest(request, response, true));
    // It is refused by screen.ts, and counted.
    server.on('checkExpectation', (request, response) => this.#onRequest(request, response, false));
    server.on('upgrade', (request, socket, first) => this.#onUpgrade(request, socket, first));
    server.on('connect', (request, socket, first) =>
      this.#onConnectRequest(request, socket, first),
    );
    server.on('clientError', (error, socket) => this.#onError(error, socket));
    // Node looks for slow heads, and knows which connections are idle, once a server listens. This one never does.
    server.emit('listening');
  }

  #onRequest(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    const connection = this.#connectionOf(request.socket);
    if (connection === undefined) return;
    const screened = screen(request, false);
    if ('reason' in screened) this.#refuse(connection, screened);
    else
      this.#begin(connection, {
        ...{ request, response, expectsContinue, screened, detached: undefined },
      });
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, first: Buffer): void {
    const connection = this.#connectionOf(socket);
    if (connection === undefined) return;
    const screened = screen(request, true);
    if ('reason' in screened) {
      this.#refuse(connection, screened);
      return;
    }
    const protocol = headerOf(request.rawHeaders, 'upgrade') ?? '';
    // To HTTP/2 one gets by ALPN or by beginning with it; RFC 9113 has given this way up.
    const isOffered = !tokensOf(protocol).includes('h2c');
    this.#begin(connection, {
      ...{ request, response: undefined, expectsContinue: false, screened },
      detached: { socket, first, protocol: isOffered ? protocol : undefined },
    });
  }

  #begin(connection: Connection, seen: ConstructorParameters<typeof Http1Client>[0]): void {
    connection.requests += 1;
    const head = this.#headOf(seen.request, seen.screened, connection);
    new Call(new Http1Client(seen, connection, head), this.#parts).begin();
  }

  #onConnectRequest(request: IncomingMessage, socket: Duplex, first: Buffer): void {
    const connection = this.#connectionOf(socket);
    if (connection === undefined) return;
    const screened = screen(request, true);
    if ('reason' in screened) {
      this.#refuse(connection, screened);
      return;
    }
    const head = this.#headOf(request, screened, connection);
    const handle = this.#onConnect;
    if (handle === undefined) {
      const words = 'CONNECT is not served here.';
      refuseOn(connection, { reason: 'connect', status: 405, words }, this.#parts);
      return;
    }
    const failed = (error: unknown): void => {
      this.#parts.context.log.error(
        { reason: explain(error) },
        'A CONNECT could not be served; its connection is closed',
      );
      socket.destroy();
    };
    try {
      const handled = handle(head, socket, first);
      if (handled instanceof Promise) handled.catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  /** Of a parser that refuses what it read, or of a socket. */
  #onError(error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket: Duplex): void {
    const connection = this.#connections.get(socket);
    const answer = refusalOfError(error);
    // What comes behind what was refused is thrown away.
    if (connection?.isRefused === true) return;
    if (connection === undefined || answer === undefined) {
      socket.destroy();
      return;
    }
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Node's own mark, which its types do not tell of
    const isAnswering = (socket as Socket & { _httpMessage?: ServerResponse })._httpMessage;
    // In the middle of an answer one cannot begin another.
    if (isAnswering?.headersSent === true) {
      this.#parts.meter.refused(answer.reason);
      socket.destroy();
    } else refuseOn(connection, answer, this.#parts);
  }

  #refuse(connection: Connection, { reason, words, status = 400 }: Refusal): void {
    refuseOn(connection, { reason, status, words: `${words}.` }, this.#parts);
  }

  /** Undefined: nothing that it sends is looked at any more. */
  #connectionOf(socket: Duplex): Connection | undefined {
    const connection = this.#connections.get(socket);
    return connection === undefined || connection.isRefused ? undefined : connection;
  }

  #headOf(request: IncomingMessage, { host }: Screened, connection: Connection): Head {
    const { method = '', url = '', rawHeaders, httpVersion } = request;
    return new Head(
      { method, target: url, host, rawHeaders, httpVersion },
      connection,
      this.#parts.direction,
    );
  }
}
