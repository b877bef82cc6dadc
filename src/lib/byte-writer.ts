/** Below this size a loop beats the call into native code. */
const shortSize = 64;

/** Grows a buffer while texts and bytes are appended to it. One owner; `take` hands the bytes over and starts anew. */
export class ByteWriter {
  #buffer: Buffer;
  #length = 0;

  constructor(capacity = 16_384) {
    this.#buffer = Buffer.allocUnsafe(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Cuts back to an earlier length: takes back what a failed part wrote. */
  truncate(length: number): void {
    if (length < this.#length) this.#length = length;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  }

  /** ASCII only: one byte per character. */
  ascii(text: string): void {
    const size = text.length;
    this.#reserve(size);
    if (size >= shortSize) {
      this.#length += this.#buffer.write(text, this.#length, 'latin1');
      return;
    }
    const buffer = this.#buffer;
    let to = this.#length;
    for (let at = 0; at < size; at++) buffer[to++] = text.charCodeAt(at);
    this.#length = to;
  }

  utf8(text: string): void {
    this.#reserve(text.length * 3);
    this.#length += this.#buffer.write(text, this.#length, 'utf8');
  }

  /** Appends source[start … end). */
  bytes(source: Uint8Array, start = 0, end = source.length): void {
    const size = end - start;
    this.#reserve(size);
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
    this.#reserve(end - start);
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
    this.#buffer = Buffer.allocUnsafe(this.#buffer.length);
    this.#length = 0;
    return taken;
  }

  /** Forgets what was written and keeps the buffer. */
  clear(): void {
    this.#length = 0;
  }

  #reserve(size: number): void {
    const needed = this.#length + size;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}
