/*
 * A connection of a client that speaks plain HTTP/1.1: requests one after the other, each with a length or without a body.
 * The first head that is not plain is left to Node's server, with all that comes behind it, and the connection stays there.
 *
 * What is read beyond a request is kept until its answer is over, and nothing more is read meanwhile.
 */
import type { Duplex } from 'node:stream';
import { Call } from '../call.ts';
import type { Connection } from '../connection.ts';
import { Head } from '../head.ts';
import type { RelayParts } from '../parts.ts';
import type { BodySink } from '../sides.ts';
import { type Lane, PlainClient } from './plain-client.ts';
import { type PlainHead, readPlainHead } from './plain-head.ts';
import { goOnReading, stopReading } from './reading.ts';
import { refuseOn } from './refuse.ts';

interface Terms {
  readonly parts: RelayParts;
  /** The lines of an answer after which the connection is kept. */
  readonly keepAlive: string;
  /** Takes the connection, for what is not plain; the bytes are put back. */
  readonly handOver: (connection: Connection) => void;
}

export class PlainConnection implements Lane {
  readonly #terms: Terms;
  readonly #connection: Connection;
  readonly #socket: Duplex;
  #client: PlainClient | undefined;
  #isAnswered = false;
  /** Bytes of the body that are still to come. */
  #bodyLeft = 0;
  #sink: BodySink | undefined;
  /** Read, and not looked at. */
  #ahead: Buffer | undefined;
  #isHeld = false;
  #isRunning = false;
  /** By the clock's monotonic time: since when nothing is asked. */
  #idleSince: number;

  constructor(connection: Connection, terms: Terms) {
    this.#connection = connection;
    this.#socket = connection.socket;
    this.#terms = terms;
    this.#idleSince = terms.parts.context.clock.elapsed();
    const socket = this.#socket;
    socket.on('data', this.#onData).on('end', this.#onEnd).on('drain', this.#onDrain);
  }

  /** Milliseconds without a request; undefined: there is one. */
  idleFor(now: number): number | undefined {
    return this.#client === undefined ? now - this.#idleSince : undefined;
  }

  close(): void {
    this.#socket.destroy();
  }

  readBody(sink: BodySink): void {
    this.#sink = sink;
    this.#goOn();
  }

  pauseBody(): void {
    this.#isHeld = true;
    stopReading(this.#socket);
  }

  resumeBody(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#goOn();
  }

  answered(): void {
    this.#isAnswered = true;
    this.#endRequest();
    this.#goOn();
  }

  readonly #onData = (chunk: Buffer): void => {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    this.#run(ahead === undefined ? chunk : Buffer.concat([ahead, chunk]));
  };

  readonly #onDrain = (): void => this.#client?.drained();

  /** The client has said its last word: as everywhere here, nobody waits for an answer who has closed. */
  readonly #onEnd = (): void => {
    if (this.#bodyLeft === 0) this.#socket.end();
    else if (this.#client?.hasAnswer === true) this.#socket.destroy();
    else {
      const words = 'The request ended before its body was complete.';
      refuseOn(this.#connection, { reason: 'malformed', status: 400, words }, this.#terms.parts);
    }
  };

  /** With what was read already, and then with what comes. */
  #goOn(): void {
    if (this.#isRunning || this.#socket.destroyed) return;
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead !== undefined) this.#run(ahead);
    // What ran may have left something for later.
    if (!this.#hasMore() && !this.#isHeld && this.#socket.isPaused()) goOnReading(this.#socket);
  }

  #hasMore(): boolean {
    return this.#ahead !== undefined;
  }

  #run(bytes: Buffer): void {
    this.#isRunning = true;
    let rest: Buffer | undefined = bytes;
    while (rest !== undefined && rest.length > 0)
      rest = this.#client === undefined ? this.#readHead(rest) : this.#readBody(rest);
    this.#isRunning = false;
  }

  /** Gives what is left to be looked at; undefined: nothing now. */
  #readHead(bytes: Buffer): Buffer | undefined {
    const { parts } = this.#terms;
    if (this.#connection.isRefused || this.#socket.writableEnded) return undefined;
    const head = readPlainHead(bytes, parts.limits.headerBytes);
    if (head === undefined) {
      this.#leave(bytes);
      return undefined;
    }
    this.#begin(head);
    return bytes.subarray(head.size);
  }

  #begin(head: PlainHead): void {
    const { parts, keepAlive } = this.#terms;
    const connection = this.#connection;
    connection.requests += 1;
    const { method, target, host, rawHeaders } = head;
    const client = new PlainClient(
      connection,
      new Head(
        { method, target, host, rawHeaders, httpVersion: '1.1' },
        connection,
        parts.direction,
      ),
      ...([head, this, keepAlive] as const),
    );
    this.#client = client;
    this.#isAnswered = false;
    this.#bodyLeft = head.bodyLength;
    this.#sink = undefined;
    this.#isHeld = false;
    new Call(client, parts).begin();
  }

  #readBody(bytes: Buffer): Buffer | undefined {
    const sink = this.#sink;
    if (this.#bodyLeft === 0 || sink === undefined || this.#isHeld) {
      this.#ahead = bytes;
      stopReading(this.#socket);
      return undefined;
    }
    const end = Math.min(bytes.length, this.#bodyLeft);
    this.#bodyLeft -= end;
    sink.onBody(end === bytes.length ? bytes : bytes.subarray(0, end));
    if (this.#bodyLeft === 0) {
      sink.onBodyEnd();
      this.#endRequest();
    }
    return bytes.subarray(end);
  }

  /** Both the request and its answer must be over. */
  #endRequest(): void {
    if (!this.#isAnswered || this.#bodyLeft > 0 || this.#client === undefined) return;
    if (this.#client.isLast) {
      (this.#socket as Duplex & { destroySoon(): void }).destroySoon();
      return;
    }
    this.#client = undefined;
    this.#idleSince = this.#terms.parts.context.clock.elapsed();
  }

  #leave(bytes: Buffer): void {
    const socket = this.#socket;
    socket.off('data', this.#onData).off('end', this.#onEnd).off('drain', this.#onDrain);
    // As if nobody had read of it: or what is put back would be lost before anybody listens.
    (socket as { readableFlowing: boolean | null }).readableFlowing = null;
    socket.unshift(bytes);
    this.#terms.handOver(this.#connection);
  }
}
