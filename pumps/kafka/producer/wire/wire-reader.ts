/** Reads the primitive types of Kafka's protocol. Throws a RangeError where the bytes end too early. */
export class WireReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int8(): number {
    return this.#bytes.readInt8(this.#skip(1));
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#skip(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#skip(4));
  }

  int64(): bigint {
    return this.#bytes.readBigInt64BE(this.#skip(8));
  }

  /** A text; null is read as empty. */
  string(): string {
    return this.#take(this.int16()).toString();
  }

  /** Bytes; null is read as none. */
  bytes(): Buffer {
    return this.#take(this.int32());
  }

  list<T>(item: () => T): readonly T[] {
    const count = this.int32();
    const items: T[] = [];
    for (let index = 0; index < count; index++) items.push(item());
    return items;
  }

  /** All that was not read yet. */
  rest(): Buffer {
    return this.#take(this.#bytes.length - this.#at);
  }

  #take(length: number): Buffer {
    const size = Math.max(0, length);
    const start = this.#skip(size);
    if (this.#at > this.#bytes.length) throw new RangeError('The answer ends too early.');
    return this.#bytes.subarray(start, this.#at);
  }

  #skip(size: number): number {
    const start = this.#at;
    this.#at += size;
    return start;
  }
}
