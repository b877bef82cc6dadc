/*
 * Messages of one side of a connection, one behind the other. The parsers on the registry were looked at: docs/dependencies.md
 * says why none of them reads here.
 */
import type { Side, Stretch, Tally } from '../conversation.ts';
import { type Head, inChunks, parseHead, untilClose } from './head.ts';

/** The connection is no longer HTTP/1 behind this head. */
export const otherwise = -3;
/** The head makes no sense here. */
export const malformed = -4;

/** What is seen of the messages of either side. */
export interface MessageEvents {
  /** A head was there, of so many bytes. Gives how long the body is: bytes, `untilClose`, `inChunks`, `otherwise` or `malformed`. */
  head(from: Side, head: Head, length: number, startedAt: number, time: number): number;
  body(from: Side, bytes: Buffer, start: number, end: number): void;
  /** Bytes of the body that were sent and not seen. */
  hole(from: Side, length: number): void;
  /** The message is whole. */
  end(from: Side, time: number): void;
}

/** Servers stop at 8 to 64 KiB. */
const longestHead = 128 * 1024;
/** A line in front of a chunk, with its extensions. */
const longestLine = 4096;

type State = 'head' | 'sized' | 'until-close' | 'chunk-line' | 'chunk' | 'chunk-end' | 'trailers';

const nothing = Buffer.alloc(0);
const emptyLine = Buffer.from('\r\n\r\n');
const bareEmptyLine = Buffer.from('\n\n');

export class MessageReader {
  readonly #side: Side;
  readonly #events: MessageEvents;
  readonly #tally: Tally;
  #state: State = 'head';
  /** Of the head or line that is not whole yet; the first `#held` bytes count. */
  #parts = nothing;
  #held = 0;
  #startedAt = 0;
  /** Of the body or chunk. */
  #left = 0;
  /** The connection is something else behind the last head. */
  #isOver = false;

  /** What is kept of heads that are not whole counts in the tally until `close`. */
  constructor(side: Side, events: MessageEvents, tally: Tally) {
    this.#side = side;
    this.#events = events;
    this.#tally = tally;
  }

  /** Between two messages. */
  get isIdle(): boolean {
    return this.#state === 'head' && this.#held === 0;
  }

  /** Gives how far it came: to `end`; less where the head's answer was `otherwise`; -1: this is no HTTP/1. */
  read({ bytes, start, end, time }: Stretch): number {
    let at = start;
    while (at < end) {
      const next = this.#step(bytes, at, end, time);
      if (next < 0) return -1;
      at = next;
      if (this.#isOver) return at;
    }
    return at;
  }

  /** Forgets what is not whole. */
  close(): void {
    this.#drop();
  }

  /** The side is done. False: in the middle of a message. */
  finish(time: number): boolean {
    if (this.#state !== 'until-close') return this.isIdle;
    this.#state = 'head';
    this.#events.end(this.#side, time);
    return true;
  }

  /** So many bytes are missing. True: they were of a body, which goes on. */
  skip(length: number, time: number): boolean {
    const isInside =
      this.#state === 'until-close' ||
      (this.#state === 'sized' && length <= this.#left) ||
      (this.#state === 'chunk' && length < this.#left);
    if (!isInside) return false;
    this.#events.hole(this.#side, length);
    if (this.#state !== 'until-close') this.#left -= length;
    if (this.#state === 'sized' && this.#left === 0) this.#finishMessage(time);
    return true;
  }

  #step(bytes: Buffer, at: number, end: number, time: number): number {
    switch (this.#state) {
      case 'head':
        return this.#readHead(bytes, at, end, time);
      case 'until-close':
        this.#events.body(this.#side, bytes, at, end);
        return end;
      case 'sized':
      case 'chunk': {
        const until = Math.min(end, at + this.#left);
        this.#events.body(this.#side, bytes, at, until);
        this.#left -= until - at;
        if (this.#left > 0) return until;
        if (this.#state === 'sized') this.#finishMessage(time);
        else this.#state = 'chunk-end';
        return until;
      }
      case 'chunk-line':
      case 'chunk-end':
      case 'trailers':
        return this.#readLine(bytes, at, end, time);
    }
  }

  #readHead(bytes: Buffer, from: number, end: number, time: number): number {
    let at = from;
    if (this.#held === 0) {
      // Some clients send an empty line behind a body.
      while (at < end && (bytes[at] === 0x0d || bytes[at] === 0x0a)) at++;
      if (at === end) return end;
      this.#startedAt = time;
    }
    const before = this.#held;
    const fresh = bytes.subarray(at, end);
    if (before > 0) this.#keep(fresh);
    const held = before === 0 ? fresh : this.#parts.subarray(0, this.#held);
    const length = headLength(held, Math.max(0, before - 3));
    if (length < 0) {
      if (before === 0) this.#keep(fresh);
      return this.#held > longestHead ? -1 : end;
    }
    const next = at + length - before;
    const text = held.toString('latin1', 0, length);
    this.#drop();
    const head = length > longestHead ? undefined : parseHead(text);
    if (head === undefined) return -1;
    return this.#begin(
      this.#events.head(this.#side, head, length, this.#startedAt, time),
      next,
      time,
    );
  }

  #begin(body: number, next: number, time: number): number {
    if (body === malformed) return -1;
    if (body === otherwise) this.#isOver = true;
    else if (body === inChunks) this.#state = 'chunk-line';
    else if (body === untilClose) this.#state = 'until-close';
    else if (body === 0) this.#finishMessage(time);
    else {
      this.#left = body;
      this.#state = 'sized';
    }
    return next;
  }

  /** A line of the chunked coding. Its bytes are few, and bounded. */
  #readLine(bytes: Buffer, at: number, end: number, time: number): number {
    let until = at;
    while (until < end && bytes[until] !== 0x0a) until++;
    const isWhole = until < end;
    if (this.#held + until - at > longestLine) return -1;
    if (!isWhole) {
      this.#keep(bytes.subarray(at, end));
      return end;
    }
    const tail = bytes.toString('latin1', at, until);
    const line = this.#held === 0 ? tail : this.#parts.toString('latin1', 0, this.#held) + tail;
    this.#drop();
    const bare = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (this.#state === 'chunk-end') {
      if (bare !== '') return -1;
      this.#state = 'chunk-line';
    } else if (this.#state === 'trailers') {
      if (bare === '') this.#finishMessage(time);
    } else {
      const [, size] = /^([\da-f]{1,12})[ \t]*(?:;.*)?$/i.exec(bare) ?? [];
      if (size === undefined) return -1;
      this.#left = Number.parseInt(size, 16);
      this.#state = this.#left === 0 ? 'trailers' : 'chunk';
    }
    return until + 1;
  }

  #finishMessage(time: number): void {
    this.#state = 'head';
    this.#events.end(this.#side, time);
  }

  #keep(bytes: Buffer): void {
    const length = this.#held + bytes.length;
    if (length > this.#parts.length) {
      // Twice as much as is needed: many small packets must not mean many copies.
      const grown = Buffer.allocUnsafeSlow(Math.max(256, 2 * length));
      this.#parts.copy(grown, 0, 0, this.#held);
      this.#tally.held += grown.length - this.#parts.length;
      this.#parts = grown;
    }
    bytes.copy(this.#parts, this.#held);
    this.#held = length;
  }

  #drop(): void {
    if (this.#held === 0) return;
    this.#tally.held -= this.#parts.length;
    this.#parts = nothing;
    this.#held = 0;
  }
}

/** With the empty line behind it; less than 0: it is not there yet. */
function headLength(bytes: Buffer, from: number): number {
  const at = bytes.indexOf(emptyLine, from);
  const bare = bytes.indexOf(bareEmptyLine, from);
  if (at >= 0 && (bare < 0 || at < bare)) return at + 4;
  return bare < 0 ? -1 : bare + 2;
}
