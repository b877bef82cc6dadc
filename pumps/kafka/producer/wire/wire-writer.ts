/** Writes the primitive types of Kafka's protocol. For the few bytes around a record set, not for records. */
export class WireWriter {
  #bytes = Buffer.allocUnsafe(256);
  #length = 0;

  int8(value: number): this {
    const at = this.#room(1);
    this.#bytes.writeInt8(value, at);
    return this;
  }

  int16(value: number): this {
    const at = this.#room(2);
    this.#bytes.writeInt16BE(value, at);
    return this;
  }

  int32(value: number): this {
    const at = this.#room(4);
    this.#bytes.writeInt32BE(value, at);
    return this;
  }

  int64(value: bigint): this {
    const at = this.#room(8);
    this.#bytes.writeBigInt64BE(value, at);
    return this;
  }

  string(value: string | null): this {
    if (value === null) return this.int16(-1);
    const size = Buffer.byteLength(value);
    const at = this.int16(size).#room(size);
    this.#bytes.write(value, at);
    return this;
  }

  bytes(value: Uint8Array): this {
    const at = this.int32(value.length).#room(value.length);
    this.#bytes.set(value, at);
    return this;
  }

  list<T>(items: readonly T[], write: (item: T) => void): this {
    this.int32(items.length);
    for (const item of items) write(item);
    return this;
  }

  /** What was written, after its own length and that of what will follow it. */
  frame(following: number): Buffer {
    const frame = Buffer.allocUnsafe(4 + this.#length);
    frame.writeInt32BE(this.#length + following);
    this.#bytes.copy(frame, 4, 0, this.#length);
    return frame;
  }

  #room(size: number): number {
    const at = this.#length;
    this.#length += size;
    if (this.#length > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(this.#length * 2);
      this.#bytes.copy(grown, 0, 0, at);
      this.#bytes = grown;
    }
    return at;
  }
}
