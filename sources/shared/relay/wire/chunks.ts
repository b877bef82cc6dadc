import { isNameByte, readFields } from './fields.ts';
import { Malformed } from './malformed.ts';

export interface ChunkSink {
  onData(chunk: Buffer): void;
  /** All of the body was there. */
  onTrailers(trailers: readonly string[]): void;
}

/** More digits than any body needs, and fewer than a number holds exactly. */
const mostDigits = 12;
/** Of one chunk. Nobody uses them; whoever sends many means no good. */
const mostExtension = 4096;

const [lineFeed, carriageReturn, semicolon, equals] = [10, 13, 59, 61];

type State = 'size' | 'extension' | 'size-end' | 'data' | 'data-cr' | 'data-lf' | 'trailers';

/** A body in chunks (RFC 9112, 7.1): lines end with CR LF, a size is hexadecimal digits alone, extensions are plain words (`;name=value`), and nothing is mended. */
export class ChunkReader {
  readonly #sink: ChunkSink;
  readonly #trailerBytes: number;
  #state: State = 'size';
  #size = 0;
  #digits = 0;
  #extension = 0;
  /** Of an extension: its name, or its value. */
  #isWord = false;
  #left = 0;
  #trailers: Buffer | undefined;
  isOver = false;

  constructor(sink: ChunkSink, trailerBytes: number) {
    this.#sink = sink;
    this.#trailerBytes = trailerBytes;
  }

  /** Reads on from `at`; gives where it stopped: behind the chunk, or behind the body. Throws `Malformed`. */
  read(bytes: Buffer, from: number): number {
    let at = from;
    while (at < bytes.length && !this.isOver) {
      if (this.#state === 'data') {
        const end = Math.min(bytes.length, at + this.#left);
        this.#left -= end - at;
        if (this.#left === 0) this.#state = 'data-cr';
        this.#sink.onData(bytes.subarray(at, end));
        at = end;
      } else if (this.#state === 'trailers') at = this.#readTrailers(bytes, at);
      else this.#step(bytes[at++] ?? 0);
    }
    return at;
  }

  #step(byte: number): void {
    switch (this.#state) {
      case 'size': {
        const digit = digitOf(byte);
        if (digit >= 0) {
          if (++this.#digits > mostDigits) throw new Malformed('the size of a chunk is too large');
          this.#size = this.#size * 16 + digit;
        } else if (this.#digits === 0) throw new Malformed('the size of a chunk is no number');
        else if (byte === carriageReturn) this.#state = 'size-end';
        else if (byte === semicolon) this.#state = 'extension';
        else throw new Malformed('the size of a chunk is no number');
        return;
      }
      case 'extension':
        if (++this.#extension > mostExtension)
          throw new Malformed('a chunk has extensions that are too long');
        if (isNameByte(byte)) this.#isWord = true;
        else if (
          !this.#isWord ||
          (byte !== semicolon && byte !== equals && byte !== carriageReturn)
        )
          throw new Malformed('a chunk has an extension that is none');
        else {
          this.#isWord = false;
          if (byte === carriageReturn) this.#state = 'size-end';
        }
        return;
      case 'size-end':
        expected(byte, lineFeed);
        this.#left = this.#size;
        this.#state = this.#size === 0 ? 'trailers' : 'data';
        [this.#size, this.#digits, this.#extension] = [0, 0, 0];
        return;
      case 'data-cr':
        expected(byte, carriageReturn);
        this.#state = 'data-lf';
        return;
      case 'data-lf':
        expected(byte, lineFeed);
        this.#state = 'size';
        return;
      default:
    }
  }

  /** Header lines up to an empty one. */
  #readTrailers(bytes: Buffer, at: number): number {
    const before = this.#trailers?.length ?? 0;
    const rest = at === 0 ? bytes : bytes.subarray(at);
    const all = this.#trailers === undefined ? rest : Buffer.concat([this.#trailers, rest]);
    if (all[0] === carriageReturn) {
      if (all.length < 2) return this.#hold(all, bytes);
      expected(all[1] ?? 0, lineFeed);
      return this.#ended([], at + 2 - before);
    }
    const end = all.indexOf('\r\n\r\n', Math.max(0, before - 3));
    if ((end < 0 ? all.length : end) > this.#trailerBytes)
      throw new Malformed('the trailers are too large', true);
    if (end < 0) return this.#hold(all, bytes);
    const trailers = readFields(all, all.toString('latin1', 0, end + 2), 0);
    if (trailers === undefined || trailers.some(isFraming))
      throw new Malformed('a trailer has characters that none may have, or a name that none may');
    return this.#ended(trailers, at + end + 4 - before);
  }

  #hold(all: Buffer, bytes: Buffer): number {
    this.#trailers = Buffer.from(all);
    return bytes.length;
  }

  #ended(trailers: readonly string[], at: number): number {
    this.isOver = true;
    this.#sink.onTrailers(trailers);
    return at;
  }
}

/** A name that would say anew where the body ends. */
const isFraming = (text: string, index: number): boolean =>
  index % 2 === 0 && /^(?:content-length|transfer-encoding)$/i.test(text);

function expected(byte: number, wanted: number): void {
  if (byte !== wanted) throw new Malformed('a chunk does not end with CR and LF');
}

/** Below 0: it is none. */
function digitOf(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
