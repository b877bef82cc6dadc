import { manyDigits, putDigits } from './digits.ts';
import { type Literal, literalOverhang, putLiteral } from './literal.ts';

/** Below this size a loop beats the call into native code. */
const shortSize = 64;

/** Of nine digits, and a byte more. */
const integerRoom = 10;

/**
 * Grows a buffer while texts and bytes are appended to it. One owner; `take` hands the bytes over and starts anew.
 *
 * Who writes very much asks once for room (`ensure`), writes into `buffer` or `data` from `length` on, and says how far
 * it came (`advance`); every other call may replace both.
 */
export class ByteWriter {
  #buffer: Buffer;
  #data: DataView | undefined;
  #length = 0;

  constructor(capacity = 16_384) {
    this.#buffer = Buffer.allocUnsafe(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** The bytes written and the room behind them. */
  get buffer(): Buffer {
    return this.#buffer;
  }

  /** The same for words. */
  get data(): DataView {
    return (this.#data ??= viewOf(this.#buffer));
  }

  /** Makes room for that many bytes more. */
  ensure(size: number): void {
    const needed = this.#length + size;
    if (needed > this.#buffer.length) this.#grow(needed);
  }

  /** All bytes up to `length` have been written; there must be room for them. */
  advance(length: number): void {
    this.#length = length;
  }

  /** Cuts back to an earlier length: takes back what a failed part wrote. */
  truncate(length: number): void {
    if (length < this.#length) this.#length = length;
  }

  byte(value: number): void {
    this.ensure(1);
    this.#buffer[this.#length++] = value;
  }

  /** ASCII only: one byte per character. */
  ascii(text: string): void {
    const size = text.length;
    this.ensure(size);
    if (size >= shortSize) {
      this.#length += this.#buffer.write(text, this.#length, 'latin1');
      return;
    }
    const buffer = this.#buffer;
    let to = this.#length;
    for (let at = 0; at < size; at++) buffer[to++] = text.charCodeAt(at);
    this.#length = to;
  }

  /** The digits of a number that is whole. */
  integer(value: number): void {
    if (value >= 0 && value < manyDigits) {
      this.ensure(integerRoom);
      this.#length = putDigits(value, this.data, this.#length);
    } else this.ascii(String(value));
  }

  literal(literal: Literal): void {
    this.ensure(literal.size + literalOverhang);
    this.#length = putLiteral(literal, this.data, this.#length);
  }

  utf8(text: string): void {
    this.ensure(text.length * 3);
    this.#length += this.#buffer.write(text, this.#length, 'utf8');
  }

  /** Appends source[start … end). */
  bytes(source: Uint8Array, start = 0, end = source.length): void {
    const size = end - start;
    this.ensure(size);
    if (size < shortSize) {
      const buffer = this.#buffer;
      let to = this.#length;
      for (let at = start; at < end; at++) buffer[to++] = source[at] as number;
      this.#length = to;
      return;
    }
    this.#buffer.set(
      start === 0 && end === source.length ? source : source.subarray(start, end),
      this.#length,
    );
    this.#length += size;
  }

  /** Appends source[start … end) up to the first byte that `table` does not mark with 1; gives where it stopped. */
  copyWhile(table: Uint8Array, source: Uint8Array, start: number, end: number): number {
    this.ensure(end - start);
    const buffer = this.#buffer;
    let to = this.#length;
    let at = start;
    for (; at < end; at++) {
      const byte = source[at] as number;
      if (table[byte] !== 1) break;
      buffer[to++] = byte;
    }
    this.#length = to;
    return at;
  }

  /** A view of what was written so far; valid until the next write. */
  view(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** The bytes written; the writer starts again with a fresh buffer. */
  take(): Buffer {
    const taken = this.view();
    this.#use(Buffer.allocUnsafe(this.#buffer.length));
    this.#length = 0;
    return taken;
  }

  /** Forgets what was written and keeps the buffer. */
  clear(): void {
    this.#length = 0;
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#use(grown);
  }

  #use(buffer: Buffer): void {
    this.#buffer = buffer;
    this.#data = undefined;
  }
}

const viewOf = ({ buffer, byteOffset, length }: Buffer): DataView =>
  new DataView(buffer, byteOffset, length);
