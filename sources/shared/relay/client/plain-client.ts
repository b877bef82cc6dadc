import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Connection } from '../connection.ts';
import type { Head } from '../head.ts';
import { headerOf, type RawHeaders } from '../headers.ts';
import type { AnswerHead, BodySink, ClientSide } from '../sides.ts';
import { fieldLines } from '../wire/fields.ts';
import { writeMessage } from '../wire/write-message.ts';

/** What a client asks of its connection. */
export interface Lane {
  /** The body may come. */
  readBody(sink: BodySink): void;
  pauseBody(): void;
  resumeBody(): void;
  /** All of the answer is with the kernel, or nobody is there to take it. */
  answered(): void;
}

/** A request that was read by plain-head.ts, and its answer. */
export class PlainClient implements ClientSide {
  readonly connection: Connection;
  readonly head: Head;
  readonly hasBody: boolean;
  readonly contentLength: number | undefined;
  readonly expectsContinue = false;
  readonly upgrade = undefined;
  /** The connection ends with the answer. */
  isLast: boolean;
  readonly #lane: Lane;
  readonly #keepAlive: string;
  /** Of the answer, until something is written behind it. */
  #headText = '';
  #hasHead = false;
  #framing: 'none' | 'length' | 'chunked' = 'none';
  #left = 0;
  #onDrain: (() => void) | undefined;
  #onDone: ((isWhole: boolean) => void) | undefined;

  constructor(
    connection: Connection,
    head: Head,
    request: { readonly contentLength: number | undefined; readonly isLast: boolean },
    lane: Lane,
    keepAlive: string,
  ) {
    this.connection = connection;
    this.head = head;
    this.contentLength = request.contentLength;
    this.hasBody = (request.contentLength ?? 0) > 0;
    this.isLast = request.isLast;
    this.#lane = lane;
    this.#keepAlive = keepAlive;
  }

  /** In the middle of an answer one cannot begin another. */
  get hasAnswer(): boolean {
    return this.#hasHead;
  }

  readBody(sink: BodySink): void {
    this.#lane.readBody(sink);
  }

  pauseBody(): void {
    this.#lane.pauseBody();
  }

  resumeBody(): void {
    this.#lane.resumeBody();
  }

  /** There are none without chunks. */
  trailers(): RawHeaders {
    return [];
  }

  inform(status: number, rawHeaders: RawHeaders): void {
    const { socket } = this.connection;
    if (this.#hasHead || !socket.writable) return;
    const line = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
    socket.write(`${line}${fieldLines(rawHeaders)}\r\n`, 'latin1');
  }

  respond({ status, reason, rawHeaders }: AnswerHead, isLast: boolean): void {
    this.#hasHead = true;
    if (isLast) this.isLast = true;
    let text = `HTTP/1.1 ${status} ${reason === '' ? (STATUS_CODES[status] ?? '') : reason}\r\n`;
    text += fieldLines(rawHeaders);
    text += this.isLast ? 'Connection: close\r\n' : this.#keepAlive;
    if (this.head.method === 'HEAD' || status === 204 || status === 304) this.#framing = 'none';
    else {
      // What the head says, whoever has written it: the client goes by that.
      const length = headerOf(rawHeaders, 'content-length');
      this.#framing = length === undefined ? 'chunked' : 'length';
      if (length === undefined) text += 'Transfer-Encoding: chunked\r\n';
      else this.#left = Number(length);
    }
    this.#headText = `${text}\r\n`;
  }

  write(chunk: Uint8Array): boolean {
    const isChunked = this.#framing === 'chunked';
    // An empty chunk would be the last one.
    if (this.#framing === 'none' || chunk.length === 0) return true;
    if (!isChunked && !this.#count(chunk.length)) return true;
    const lead = this.#takeHead() + (isChunked ? sizeLine(chunk) : '');
    return writeMessage(this.connection.socket, lead, chunk, isChunked ? '\r\n' : '');
  }

  end(chunk: Uint8Array | undefined, trailers: RawHeaders): void {
    const { socket } = this.connection;
    const body = this.#framing === 'none' || chunk?.length === 0 ? undefined : chunk;
    let lead = this.#takeHead();
    let tail = '';
    if (this.#framing === 'chunked') {
      if (body !== undefined) lead += sizeLine(body);
      tail = `${body === undefined ? '' : '\r\n'}0\r\n${fieldLines(trailers)}\r\n`;
    } else if (this.#framing === 'length') {
      if (!this.#count(body?.length ?? 0)) return;
      // Shorter than it says: a client must not take the next answer for the rest of it.
      if (this.#left > 0) {
        this.cut();
        return;
      }
    }
    if (lead === '' && tail === '' && body === undefined) this.#written();
    else writeMessage(socket, lead, body, tail, this.#written);
  }

  onDrain(act: () => void): void {
    this.#onDrain = act;
  }

  onDone(act: (isWhole: boolean) => void): void {
    this.#onDone = act;
  }

  switchProtocol(): { readonly socket: Duplex; readonly first: Buffer } {
    throw new Error('nobody who asks for another protocol is served here');
  }

  cut(): void {
    this.connection.socket.destroy();
  }

  /** The socket takes more. */
  drained(): void {
    const act = this.#onDrain;
    this.#onDrain = undefined;
    act?.();
  }

  readonly #written = (error?: Error | null): void => {
    // Whoever is gone is heard of by the end of the connection.
    if (error !== undefined && error !== null) return;
    this.#onDone?.(true);
    this.#lane.answered();
  };

  #takeHead(): string {
    const text = this.#headText;
    this.#headText = '';
    return text;
  }

  /** False: more than the head says, which no reader of ours hands on; the answer is cut. */
  #count(bytes: number): boolean {
    this.#left -= bytes;
    if (this.#left >= 0) return true;
    this.cut();
    return false;
  }
}

const sizeLine = (chunk: Uint8Array): string => `${chunk.length.toString(16)}\r\n`;
