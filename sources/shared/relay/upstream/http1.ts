import type { Endpoint } from '#source';
import { headerOf, type RawHeaders } from '../headers.ts';
import type { UpstreamEvents, UpstreamSide } from '../sides.ts';
import { fieldLines } from '../wire/fields.ts';
import type { ReadHead } from './answer-head.ts';
import type { ConnectionUser, Http1Connection } from './http1-connection.ts';
import type { Pool, PoolUser } from './pool.ts';

/** A request as it is sent: all of its head, but whether the connection is kept. */
export interface OutgoingHead {
  readonly method: string;
  readonly target: string;
  readonly headers: RawHeaders;
  /** Bytes of its body, where the head says so; undefined: it has none, or it is in chunks. */
  readonly length: number | undefined;
  readonly isChunked: boolean;
  /** It asks for another protocol. */
  readonly isUpgrade: boolean;
  /** The head goes before there is anything of the body. */
  readonly isEager: boolean;
}

/** What is written at once: texts around bytes. */
interface Piece {
  readonly lead: string;
  readonly chunk: Uint8Array | undefined;
  readonly tail: string;
}

/** A call over HTTP/1.1. Nothing goes before there is something of the body, or none of it: so head and body are one write. */
export class Http1Upstream implements UpstreamSide, ConnectionUser, PoolUser {
  readonly method: string;
  readonly isUpgrade: boolean;
  isReused = false;
  server: Endpoint | undefined;
  /** Nothing is heard of it any more. */
  isOver = false;
  readonly #events: UpstreamEvents;
  readonly #pool: Pool;
  readonly #isChunked: boolean;
  #connection: Http1Connection | undefined;
  /** Until something is written. */
  #head: string;
  /** While there is no connection. */
  #held: Piece[] | undefined;
  /** Bytes of the body that are still to come. */
  #left: number;
  #isSent = false;

  /** Throws where the head cannot be written: a character that none may have. */
  constructor(head: OutgoingHead, pool: Pool, isFresh: boolean, events: UpstreamEvents) {
    this.method = head.method;
    this.isUpgrade = head.isUpgrade;
    this.#events = events;
    this.#pool = pool;
    this.#isChunked = head.isChunked;
    this.#left = head.length ?? 0;
    this.#head = requestHead(head);
    pool.acquire(this, isFresh);
    if (head.isEager) this.#put('', undefined, '');
  }

  write(chunk: Uint8Array): boolean {
    // An empty chunk would be the last one.
    if (chunk.length === 0) return true;
    if (this.#isChunked) return this.#put(sizeLine(chunk), chunk, '\r\n');
    this.#count(chunk.length);
    return this.#put('', chunk, '');
  }

  end(trailers: RawHeaders, chunk?: Uint8Array): void {
    this.#isSent = true;
    if (this.#isChunked) {
      const last = `0\r\n${fieldLines(trailers)}\r\n`;
      if (chunk === undefined || chunk.length === 0) this.#put('', undefined, last);
      else this.#put(sizeLine(chunk), chunk, `\r\n${last}`);
      return;
    }
    this.#count(chunk?.length ?? 0);
    // Shorter than it says: what came next would be taken for the rest of it.
    if (this.#left > 0) this.#breakOff();
    else this.#put('', chunk, '');
  }

  resume(): void {
    if (!this.isOver) this.#connection?.socket.resume();
  }

  abort(): void {
    this.isOver = true;
    this.#connection?.destroy();
    this.#connection = undefined;
  }

  // What the pool says.

  onConnection(connection: Http1Connection, isReused: boolean): void {
    this.#connection = connection;
    this.server = connection.server;
    this.isReused = isReused;
    connection.use(this);
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    const { socket } = connection;
    socket.cork();
    let isWelcome = true;
    for (const { lead, chunk, tail } of held) isWelcome = connection.write(lead, chunk, tail);
    socket.uncork();
    if (!this.#isSent && isWelcome) this.#events.onDrain();
  }

  onNoConnection(error: Error): void {
    this.onBroken(error);
  }

  // What the connection says.

  onInform(status: number, rawHeaders: RawHeaders): void {
    this.#events.onInform(status, rawHeaders);
  }

  onHead(head: ReadHead): void {
    if (head.keptFor !== undefined && this.#connection !== undefined)
      this.#connection.keptFor = head.keptFor;
    this.#events.onHead(head);
  }

  onData(chunk: Buffer): void {
    if (!this.#events.onData(chunk)) this.#connection?.pause();
  }

  onEnd(trailers: RawHeaders, isKept: boolean): void {
    const connection = this.#connection;
    this.isOver = true;
    this.#connection = undefined;
    // Early, with the rest of the request still to come: no other request may follow on this connection.
    if (!this.#isSent) connection?.destroy();
    else if (connection !== undefined) {
      if (isKept) this.#pool.release(connection);
      else connection.retire();
    }
    this.#events.onEnd(trailers);
  }

  onDrain(): void {
    this.#events.onDrain();
  }

  onSwitch(head: ReadHead, first: Buffer): void {
    const connection = this.#connection;
    this.isOver = true;
    this.#connection = undefined;
    if (connection === undefined) return;
    this.#pool.forget(connection);
    this.#events.onSwitch(head, connection.detach(), first);
  }

  onBroken(error: Error): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#connection = undefined;
    this.#events.onFailure(error);
  }

  #put(lead: string, chunk: Uint8Array | undefined, tail: string): boolean {
    const start = this.#head + lead;
    this.#head = '';
    if (this.#connection !== undefined) return this.#connection.write(start, chunk, tail);
    if (!this.isOver) (this.#held ??= []).push({ lead: start, chunk, tail });
    return false;
  }

  #count(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) this.#breakOff();
  }

  /** Lengths of HTTP/1.1 and HTTP/2 are what their readers have counted; this is for the day on which one is not. */
  #breakOff(): void {
    this.#connection?.socket.destroy(new Error('the body is not as long as its head says'));
  }
}

const sizeLine = (chunk: Uint8Array): string => `${chunk.length.toString(16)}\r\n`;

function requestHead({ method, target, headers }: OutgoingHead): string {
  if (!/^[!#$%&'*+.^_`|~\dA-Za-z-]+$/.test(method))
    throw new TypeError('the method has characters that none may have');
  if (target === '' || /[^\u0021-\u00ff]/.test(target))
    throw new TypeError('the target has characters that none may have');
  const lines = fieldLines(headers);
  const isKept = headerOf(headers, 'connection') !== undefined;
  return `${method} ${target} HTTP/1.1\r\n${lines}${isKept ? '' : 'Connection: keep-alive\r\n'}\r\n`;
}
