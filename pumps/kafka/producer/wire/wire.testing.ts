import { gunzipSync } from 'node:zlib';

export interface StoredMessage {
  readonly partition: number;
  readonly key: string | null;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of the producer that sent it; −1: it has no number. */
  readonly producer: bigint;
  /** Its place among all that the producer sent to the partition. */
  readonly sequence: number;
}

/** Reads the primitive types of Kafka's protocol. */
export class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isDone(): boolean {
    return this.#at >= this.#bytes.length;
  }

  take(size: number): Buffer {
    this.#at += size;
    return this.#bytes.subarray(this.#at - size, this.#at);
  }

  rest(): Buffer {
    return this.take(this.#bytes.length - this.#at);
  }

  int8 = (): number => this.take(1).readInt8();
  int16 = (): number => this.take(2).readInt16BE();
  int32 = (): number => this.take(4).readInt32BE();
  int64 = (): bigint => this.take(8).readBigInt64BE();
  string = (): string => this.take(Math.max(0, this.int16())).toString();
  bytes = (): Buffer => this.take(Math.max(0, this.int32()));

  list<T>(item: () => T): readonly T[] {
    return Array.from({ length: Math.max(0, this.int32()) }, item);
  }

  /** Zigzag, seven bits at a time. */
  varint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.take(1).readUInt8();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
  }

  varbytes(): Buffer | null {
    const size = this.varint();
    return size < 0 ? null : this.take(size);
  }
}

/** Writes them. */
export class Writer {
  readonly #parts: Buffer[] = [];

  #put(size: number, write: (part: Buffer) => void): this {
    const part = Buffer.alloc(size);
    write(part);
    this.#parts.push(part);
    return this;
  }

  int8 = (value: number): this => this.#put(1, (part) => part.writeInt8(value));
  int16 = (value: number): this => this.#put(2, (part) => part.writeInt16BE(value));
  int32 = (value: number): this => this.#put(4, (part) => part.writeInt32BE(value));
  int64 = (value: bigint): this => this.#put(8, (part) => part.writeBigInt64BE(value));

  string(value: string): this {
    this.int16(Buffer.byteLength(value)).#parts.push(Buffer.from(value));
    return this;
  }

  bytes(value: Buffer): this {
    this.int32(value.length).#parts.push(value);
    return this;
  }

  list<T>(items: readonly T[], write: (item: T) => void): this {
    this.int32(items.length);
    for (const item of items) write(item);
    return this;
  }

  frame(): Buffer {
    const body = Buffer.concat(this.#parts);
    const size = Buffer.alloc(4);
    size.writeInt32BE(body.length);
    return Buffer.concat([size, body]);
  }
}

/** The messages of record batches of format 2, uncompressed or with gzip. */
export function readMessages(bytes: Buffer, partition: number): readonly StoredMessage[] {
  const messages: StoredMessage[] = [];
  const batches = new Reader(bytes);
  while (!batches.isDone) {
    batches.int64();
    const batch = new Reader(batches.bytes());
    batch.take(9);
    const isZipped = (batch.int16() & 7) === 1;
    batch.take(20);
    const producer = batch.int64();
    batch.take(2);
    const first = batch.int32();
    const count = batch.int32();
    const body = batch.rest();
    const records = new Reader(isZipped ? gunzipSync(body) : body);
    for (let index = 0; index < count; index++)
      messages.push({
        ...readMessage(new Reader(records.take(records.varint()))),
        partition,
        producer,
        sequence: first + index,
      });
  }
  return messages;
}

function readMessage(record: Reader): Pick<StoredMessage, 'key' | 'value' | 'headers'> {
  record.int8();
  record.varint();
  record.varint();
  const key = record.varbytes()?.toString() ?? null;
  const value = record.varbytes()?.toString() ?? '';
  const headers = Array.from({ length: record.varint() }, () => [
    record.varbytes()?.toString() ?? '',
    record.varbytes()?.toString() ?? '',
  ]);
  return { key, value, headers: Object.fromEntries(headers) as Record<string, string> };
}
