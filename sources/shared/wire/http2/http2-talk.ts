/*
 * HTTP/2 in the clear: streams, each a call. Its headers are written with what came before on the connection, so it can be read
 * from its beginning only, and not beyond a hole that is not within a body.
 */
import { Call } from '../call.ts';
import { http2Preface } from '../sniff.ts';
import {
  type Ending,
  errorOf,
  type Scene,
  type Side,
  type Stretch,
  type Talk,
  unread,
} from '../talk.ts';
import { FrameReader, frame } from './frame-reader.ts';
import { HpackReader } from './hpack.ts';

/** Calls under way on one connection. */
const mostStreams = 1000;
/** A block of headers out of as many frames as it takes. */
const longestBlock = 256 * 1024;

const flagOf = { endStream: 1, endHeaders: 4, padded: 8, priority: 32 };

interface Block {
  readonly stream: number;
  readonly isLast: boolean;
  /** A promise of an answer without a request: read for the table alone. */
  readonly isPromise: boolean;
  readonly parts: Buffer[];
  length: number;
}

export class Http2Talk implements Talk {
  readonly #scene: Scene;
  readonly #readers: readonly [FrameReader, FrameReader];
  readonly #tables: readonly [HpackReader, HpackReader] = [new HpackReader(), new HpackReader()];
  readonly #calls = new Map<number, Call>();
  /** By side, a block that goes on. */
  readonly #blocks: [Block | undefined, Block | undefined] = [undefined, undefined];
  /** Of the tables, as the tally has it. */
  #counted = 0;
  #isGrpc = false;

  /** `first`: the call whose connection was upgraded. */
  constructor(scene: Scene, first?: Call) {
    this.#scene = scene;
    this.#readers = [this.#reader(0, http2Preface.length), this.#reader(1, 0)];
    if (first !== undefined) this.#calls.set(1, first);
    scene.counts.http2();
  }

  data(from: Side, { bytes, start, end, time }: Stretch): void {
    if (!this.#readers[from].read(bytes, start, end, time)) this.#lose();
  }

  gap(from: Side, length: number, time: number): void {
    if (!this.#readers[from].skip(length, time)) this.#lose();
  }

  finish(): void {
    // Streams end by themselves.
  }

  close(ending: Ending): void {
    for (const reader of this.#readers) reader.close();
    for (const call of this.#calls.values()) call.emit(errorOf(ending));
    this.#calls.clear();
    for (const block of this.#blocks)
      if (block !== undefined) this.#scene.tally.held -= block.length;
    this.#blocks.fill(undefined);
    this.#scene.tally.held -= this.#counted;
    this.#counted = 0;
  }

  #lose(): void {
    this.close('lost');
    this.#scene.counts.unparsed();
    this.#scene.become(unread(this.#scene));
  }

  #reader(side: Side, skipped: number): FrameReader {
    return new FrameReader(
      {
        frame: (type, flags, stream, payload, time) =>
          this.#frame(side, type, flags, stream, payload, time),
        data: (stream, bytes, start, end) => this.#body(side, stream)?.take(bytes, start, end),
        hole: (stream, length) => this.#body(side, stream)?.hole(length),
        end: (stream, time) => this.#end(side, stream, time),
      },
      this.#scene.tally,
      skipped,
    );
  }

  #body(side: Side, stream: number) {
    const call = this.#calls.get(stream);
    return side === 0 ? call?.requestBody : call?.responseBody;
  }

  /** False: it makes no sense. */
  #frame(
    side: Side,
    type: number,
    flags: number,
    stream: number,
    payload: Buffer,
    time: number,
  ): boolean {
    // A block of headers is not interrupted.
    if ((this.#blocks[side] !== undefined) !== (type === frame.continuation)) return false;
    switch (type) {
      case frame.headers: {
        const block = unpadded(payload, flags, (flags & flagOf.priority) === 0 ? 0 : 5);
        return (
          block !== undefined && stream !== 0 && this.#beginBlock(side, block, flags, stream, time)
        );
      }
      case frame.pushPromise: {
        const block = unpadded(payload, flags, 4);
        return (
          block !== undefined && this.#beginBlock(side, block, flags & ~flagOf.endStream, 0, time)
        );
      }
      case frame.continuation:
        return this.#continueBlock(side, payload, flags, time);
      case frame.settings:
        if ((flags & 1) === 0) this.#settings(side, payload);
        return true;
      case frame.reset: {
        const call = this.#calls.get(stream);
        this.#calls.delete(stream);
        call?.emit({ kind: 'reset', words: 'One side gave the call up.' });
        return true;
      }
      default:
        return true;
    }
  }

  /** How one side reads headers says how the other may write them. */
  #settings(side: Side, payload: Buffer): void {
    for (let at = 0; at + 6 <= payload.length; at += 6)
      if (payload.readUInt16BE(at) === 1)
        this.#tables[side === 0 ? 1 : 0].permit(payload.readUInt32BE(at + 2));
  }

  #beginBlock(side: Side, bytes: Buffer, flags: number, stream: number, time: number): boolean {
    const isLast = (flags & flagOf.endStream) !== 0;
    if ((flags & flagOf.endHeaders) !== 0)
      return this.#headers(side, bytes, { stream, isLast, isPromise: stream === 0 }, time);
    this.#blocks[side] = { stream, isLast, isPromise: stream === 0, parts: [], length: 0 };
    return this.#continueBlock(side, bytes, flags, time);
  }

  #continueBlock(side: Side, bytes: Buffer, flags: number, time: number): boolean {
    const block = this.#blocks[side];
    if (
      block === undefined ||
      block.length + bytes.length > longestBlock ||
      block.parts.length > 64
    )
      return false;
    block.parts.push(Buffer.from(bytes));
    block.length += bytes.length;
    this.#scene.tally.held += bytes.length;
    if ((flags & flagOf.endHeaders) === 0) return true;
    this.#blocks[side] = undefined;
    this.#scene.tally.held -= block.length;
    return this.#headers(side, Buffer.concat(block.parts), block, time);
  }

  #headers(
    side: Side,
    bytes: Buffer,
    { stream, isLast, isPromise }: Omit<Block, 'parts' | 'length'>,
    time: number,
  ): boolean {
    const read = this.#tables[side].read(bytes);
    const size = this.#tables[0].size + this.#tables[1].size;
    this.#scene.tally.held += size - this.#counted;
    this.#counted = size;
    if (read === undefined) return false;
    if (isPromise) return true;
    const call = this.#calls.get(stream);
    if (side === 0 && call === undefined) this.#request(stream, read.fields, read.length, time);
    else if (side === 1) this.#response(call, read.fields, read.length, time);
    if (isLast) this.#end(side, stream, time);
    return true;
  }

  #request(stream: number, fields: readonly string[], headBytes: number, time: number): void {
    const { pseudo, rawHeaders } = parted(fields);
    const method = pseudo.get(':method');
    // Of a call that was given up.
    if (method === undefined) return;
    const isConnect = method === 'CONNECT';
    const host = pseudo.get(':authority') ?? headerOf(rawHeaders, 'host') ?? '';
    if (this.#calls.size >= mostStreams) this.#forgetOldest();
    const request = {
      ...{ method, host, rawHeaders, httpVersion: '2.0' },
      target: isConnect ? host : (pseudo.get(':path') ?? '/'),
    };
    this.#calls.set(stream, new Call(this.#scene, request, { startedAt: time, time, headBytes }));
    if (
      this.#isGrpc ||
      headerOf(rawHeaders, 'content-type')?.startsWith('application/grpc') !== true
    )
      return;
    this.#isGrpc = true;
    this.#scene.counts.recognise('grpc');
  }

  #response(
    call: Call | undefined,
    fields: readonly string[],
    headBytes: number,
    time: number,
  ): void {
    const { pseudo, rawHeaders } = parted(fields);
    const status = Number(pseudo.get(':status') ?? 0);
    if (call === undefined) {
      if (status >= 200) this.#scene.counts.responseWithoutRequest();
    } else if (call.response === undefined) {
      // The answer is still to come behind those below 200.
      if (status >= 200 && status < 1000)
        call.answer(
          { status, reason: '', httpVersion: '2.0', rawHeaders },
          { startedAt: time, headBytes },
        );
    } else call.trailers(rawHeaders);
  }

  #end(side: Side, stream: number, time: number): void {
    const call = this.#calls.get(stream);
    if (call === undefined) return;
    if (side === 0) call.requestDone(time);
    else if (call.response !== undefined) call.responseDone(time);
    if (!call.isRequestDone || !call.isResponseDone) return;
    this.#calls.delete(stream);
    call.emit();
  }

  #forgetOldest(): void {
    for (const [stream, call] of this.#calls) {
      this.#calls.delete(stream);
      this.#scene.tally.lost.calls++;
      call.emit(errorOf('lost'));
      return;
    }
  }
}

/** The payload without its padding, and without so many bytes at its beginning. Undefined: it is too short for that. */
function unpadded(payload: Buffer, flags: number, fixed: number): Buffer | undefined {
  const isPadded = (flags & flagOf.padded) !== 0;
  const start = fixed + (isPadded ? 1 : 0);
  const end = payload.length - (isPadded ? (payload[0] ?? 0) : 0);
  return start > end ? undefined : payload.subarray(start, end);
}

function parted(fields: readonly string[]) {
  const pseudo = new Map<string, string>();
  const rawHeaders: string[] = [];
  for (let at = 0; at < fields.length; at += 2) {
    const [name, value] = [fields[at] as string, fields[at + 1] as string];
    if (!name.startsWith(':')) rawHeaders.push(name, value);
    else if (!pseudo.has(name)) pseudo.set(name, value);
  }
  return { pseudo, rawHeaders };
}

function headerOf(rawHeaders: readonly string[], name: string): string | undefined {
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (rawHeaders[at] === name) return rawHeaders[at + 1];
  return undefined;
}
