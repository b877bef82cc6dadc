import type { RawHeaders } from '../headers.ts';
import { ChunkReader } from '../wire/chunks.ts';
import { Malformed } from '../wire/malformed.ts';
import { type ReadHead, readAnswerHead } from './answer-head.ts';

/** What is read of the answer to one request. */
export interface AnswerSink {
  readonly method: string;
  /** It has asked for another protocol. */
  readonly isUpgrade: boolean;
  onInform(status: number, rawHeaders: RawHeaders): void;
  onHead(head: ReadHead): void;
  onData(chunk: Buffer): void;
  /** `isKept`: the connection may be asked again, and nothing came behind the answer. */
  onEnd(trailers: RawHeaders, isKept: boolean): void;
  /** The upstream has agreed to another protocol; `first`: what it has said of it. Nothing else is read. */
  onSwitch(head: ReadHead, first: Buffer): void;
}

const endOfHead = Buffer.from('\r\n\r\n');
const beginning = Buffer.from('HTTP/1.');
const [lineFeed, carriageReturn] = [10, 13];

/** Reads answers of HTTP/1.1 as bytes come, whatever they are cut into. Throws `Malformed`, and is of no use afterwards. */
export class AnswerReader {
  readonly #headBytes: number;
  #sink: AnswerSink | undefined;
  #head: ReadHead | undefined;
  /** Of a head that is not whole. */
  #held: Buffer | undefined;
  #left = 0;
  #chunks: ChunkReader | undefined;
  /** They are there when the last chunk is. */
  #trailers: RawHeaders | undefined;

  constructor(headBytes: number) {
    this.#headBytes = headBytes;
  }

  /** The next answer is for this request. */
  expect(sink: AnswerSink): void {
    this.#sink = sink;
  }

  /** Nobody wants the rest. */
  forget(): void {
    this.#sink = undefined;
  }

  /** Gives how many bytes belonged to the answer. */
  read(bytes: Buffer): number {
    let at = 0;
    // With each thing that the sink is told it may call the whole off.
    while (this.#sink !== undefined && at < bytes.length) {
      if (this.#head === undefined) at = this.#readHead(this.#sink, bytes, at);
      else if (this.#chunks !== undefined) at = this.#readChunks(this.#sink, bytes, at);
      else at = this.#readBody(this.#sink, bytes, at);
    }
    return at;
  }

  /** The connection has ended. False: in the middle of an answer. */
  end(): boolean {
    const sink = this.#sink;
    if (sink === undefined || this.#head?.framing !== 'connection') return false;
    this.#ended(sink, [], false);
    return true;
  }

  #readHead(sink: AnswerSink, bytes: Buffer, from: number): number {
    const before = this.#held?.length ?? 0;
    const rest = from === 0 ? bytes : bytes.subarray(from);
    const all = this.#held === undefined ? rest : Buffer.concat([this.#held, rest]);
    const end = all.indexOf(endOfHead, Math.max(0, before - 3));
    if ((end < 0 ? all.length : end) > this.#headBytes)
      throw new Malformed('its head is too large', true);
    if (end < 0) {
      if (!mayBegin(all)) throw new Malformed('it does not begin with a status line');
      // A copy: what was read may be a part of something large.
      this.#held = Buffer.from(all);
      return bytes.length;
    }
    this.#held = undefined;
    const head = readAnswerHead(all, end + 2, sink.method === 'HEAD');
    const at = from + end + 4 - before;
    this.#take(sink, head, bytes, at);
    return head.status === 101 ? bytes.length : at;
  }

  #take(sink: AnswerSink, head: ReadHead, bytes: Buffer, at: number): void {
    if (head.status === 101) {
      if (!sink.isUpgrade)
        throw new Malformed('it changes to a protocol that nobody has asked for');
      this.#sink = undefined;
      sink.onSwitch(head, bytes.subarray(at));
      return;
    }
    if (head.status < 200) {
      // Another answer has to follow.
      if (!head.isKept || head.httpVersion === '1.0')
        throw new Malformed('it announces another answer, and that it is the last one');
      sink.onInform(head.status, head.rawHeaders);
      return;
    }
    this.#head = head;
    this.#left = typeof head.framing === 'number' ? head.framing : 0;
    if (head.framing === 'chunked') this.#chunks = this.#newChunks(sink);
    sink.onHead(head);
    if (head.framing === 0 && this.#sink === sink) this.#ended(sink, [], at === bytes.length);
  }

  #readBody(sink: AnswerSink, bytes: Buffer, from: number): number {
    if (this.#head?.framing === 'connection') {
      sink.onData(from === 0 ? bytes : bytes.subarray(from));
      return bytes.length;
    }
    const end = Math.min(bytes.length, from + this.#left);
    this.#left -= end - from;
    sink.onData(from === 0 && end === bytes.length ? bytes : bytes.subarray(from, end));
    if (this.#left === 0 && this.#sink === sink) this.#ended(sink, [], end === bytes.length);
    return end;
  }

  #readChunks(sink: AnswerSink, bytes: Buffer, from: number): number {
    const chunks = this.#chunks;
    const at = chunks?.read(bytes, from) ?? bytes.length;
    const trailers = this.#trailers;
    if (trailers !== undefined && this.#sink === sink)
      this.#ended(sink, trailers, at === bytes.length);
    return at;
  }

  #newChunks(sink: AnswerSink): ChunkReader {
    this.#trailers = undefined;
    return new ChunkReader(
      {
        onData: (chunk) => {
          if (this.#sink === sink) sink.onData(chunk);
        },
        onTrailers: (trailers) => {
          this.#trailers = trailers;
        },
      },
      this.#headBytes,
    );
  }

  #ended(sink: AnswerSink, trailers: RawHeaders, isAll: boolean): void {
    const isKept = isAll && this.#head?.isKept === true;
    this.#head = undefined;
    this.#chunks = undefined;
    this.#sink = undefined;
    sink.onEnd(trailers, isKept);
  }
}

/** Whether an answer may begin so: what is none is refused at its first line, for its end may never come. */
function mayBegin(bytes: Buffer): boolean {
  const length = Math.min(bytes.length, beginning.length);
  if (bytes.compare(beginning, 0, length, 0, length) !== 0) return false;
  const line = bytes.indexOf(lineFeed);
  return line < 0 || bytes[line - 1] === carriageReturn;
}
