import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Endpoint } from '#source';
import type { RawHeaders } from '../headers.ts';
import { whenSettled } from '../settled.ts';
import type { AnswerHead, UpstreamEvents, UpstreamSide } from '../sides.ts';
import type { Pool } from './pool.ts';

/** A request as it is sent: all of its head. */
export interface OutgoingHead {
  readonly method: string;
  readonly target: string;
  readonly headers: RawHeaders;
  /** It asks for another protocol. */
  readonly isUpgrade: boolean;
}

interface Terms {
  readonly pool: Pool;
  /** On a connection that has served nobody yet. */
  readonly isFresh: boolean;
  readonly headerBytes: number;
  /** Of an upstream without an address. */
  readonly socketPath: string | undefined;
}

/** A call over HTTP/1.1, by Node's client and the pool's connections. */
export class Http1Upstream implements UpstreamSide {
  readonly #request: ClientRequest;
  readonly #events: UpstreamEvents;
  readonly #pool: Pool;
  readonly #socketPath: string | undefined;
  #response: IncomingMessage | undefined;
  #isOver = false;

  /** Throws where the head cannot be written: a character that Node refuses. */
  constructor(
    head: OutgoingHead,
    { pool, isFresh, headerBytes, socketPath }: Terms,
    events: UpstreamEvents,
  ) {
    this.#events = events;
    this.#pool = pool;
    this.#socketPath = socketPath;
    const request = httpRequest({
      agent: pool.agent(isFresh),
      method: head.method,
      path: head.target,
      headers: head.headers,
      maxHeaderSize: headerBytes,
    });
    this.#request = request;
    // 0: as many as fit into the bound of bytes. Otherwise Node drops what is above 2,000, without a word.
    request.maxHeadersCount = 0;
    request.on('response', (response) => this.#onResponse(response));
    request.on('error', (error) => this.#fail(error));
    request.on('drain', () => {
      if (!this.#isOver) events.onDrain();
    });
    request.on('information', ({ statusCode, rawHeaders }) => {
      if (!this.#isOver) events.onInform(statusCode, rawHeaders);
    });
    if (head.isUpgrade)
      request.on('upgrade', (response, socket, first) => this.#onUpgrade(response, socket, first));
  }

  get server(): Endpoint | undefined {
    const { socket } = this.#request;
    if (this.#socketPath !== undefined)
      return socket?.connecting === false ? { address: this.#socketPath, port: 0 } : undefined;
    return socket?.remoteAddress === undefined
      ? undefined
      : { address: socket.remoteAddress, port: socket.remotePort ?? 0 };
  }

  get isReused(): boolean {
    return this.#request.reusedSocket;
  }

  write(chunk: Uint8Array): boolean {
    return this.#request.write(chunk);
  }

  end(trailers: RawHeaders, chunk?: Uint8Array): void {
    if (trailers.length > 0) {
      const pairs: [string, string][] = [];
      for (let i = 0; i + 1 < trailers.length; i += 2)
        pairs.push([trailers[i] ?? '', trailers[i + 1] ?? '']);
      this.#request.addTrailers(pairs);
    }
    if (chunk === undefined) this.#request.end();
    else this.#request.end(chunk);
  }

  resume(): void {
    const response = this.#response;
    // One that is over has given its socket back.
    if (response === undefined || this.#isOver) return;
    response.resume();
    response.socket.resume();
  }

  abort(): void {
    this.#isOver = true;
    // Also behind a whole answer, where the request is not. One that is done with has no socket any more.
    this.#request.destroy();
  }

  #onResponse(response: IncomingMessage): void {
    if (this.#isOver) return;
    this.#response = response;
    const head = headOf(response);
    if (head.keptFor !== undefined) this.#pool.keepFor(response.socket, head.keptFor);
    this.#events.onHead(head);
    response.on('data', (chunk: Buffer) => {
      if (this.#isOver || this.#events.onData(chunk)) return;
      response.pause();
      whenSettled(() => {
        if (response.isPaused() && !this.#isOver) response.socket.pause();
      });
    });
    response.on('end', () => {
      if (this.#isOver) return;
      this.#isOver = true;
      this.#events.onEnd(response.rawTrailers);
    });
    response.on('error', (error) => this.#fail(error));
  }

  #onUpgrade(response: IncomingMessage, socket: Duplex, first: Buffer): void {
    if (this.#isOver) {
      socket.destroy();
      return;
    }
    this.#isOver = true;
    this.#events.onSwitch(headOf(response), socket, first);
  }

  #fail(error: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#events.onFailure(error);
  }
}

function headOf({
  statusCode = 0,
  statusMessage = '',
  rawHeaders,
  httpVersion,
}: IncomingMessage): AnswerHead & { readonly keptFor: number | undefined } {
  let length: number | undefined;
  let keptFor: number | undefined;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    // By its length first: most headers are neither.
    if (name.length === 14 && name.toLowerCase() === 'content-length')
      length = Number(rawHeaders[i + 1]);
    else if (name.length === 10 && name.toLowerCase() === 'keep-alive') {
      const seconds = /timeout=(\d+)/.exec(rawHeaders[i + 1] ?? '')?.[1];
      if (seconds !== undefined) keptFor = Number(seconds) * 1000;
    }
  }
  return { status: statusCode, reason: statusMessage, rawHeaders, length, httpVersion, keptFor };
}
