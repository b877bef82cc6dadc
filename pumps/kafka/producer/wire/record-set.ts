import type { Codec } from './codecs.ts';
import { crc32c } from './crc32c.ts';
import { batchFrame, idHeader, type Message, type MessageSet } from './message.ts';
import type { ProducerNumber } from './requests.ts';
import { sizeOfVarint, writeVarint } from './varint.ts';

/** Messages of one partition in the form in which brokers store them: a record batch of format 2. */
export interface RecordSet {
  readonly partition: number;
  readonly count: number;
  /** Of all of its messages, milliseconds since the epoch. */
  readonly time: number;
  /** Room for the head, then the messages. */
  readonly bytes: Buffer;
  /** That they lie in. */
  readonly buffer: Buffer;
}

/** What only the producer knows of a batch. */
export interface Sealing {
  /** Undefined: the broker gave none. */
  readonly number: ProducerNumber | undefined;
  /** How many messages were stored in the partition under this number before. */
  readonly sequence: number;
  readonly isTransactional: boolean;
}

const headerName = Buffer.from(idHeader);
const noKey = Buffer.alloc(0);

/** Writes messages behind each other, without anything for each of them but its bytes. */
export function writeRecords(
  { partition, messages }: MessageSet,
  time: number,
  bufferOf: (size: number) => Buffer,
): RecordSet {
  let room = batchFrame;
  for (const { size } of messages) room += size;
  const buffer = bufferOf(room);
  let at = batchFrame;
  let offset = 0;
  for (const message of messages) {
    at = writeRecord(buffer, at, message, offset);
    offset += 1;
  }
  return { partition, count: offset, time, buffer, bytes: buffer.subarray(0, at) };
}

function writeRecord(bytes: Buffer, start: number, message: Message, offset: number): number {
  const { id, values, from, to, key } = message;
  const valueSize = to - from;
  // An id is ASCII. Its header: a count of one, the name, the id.
  const headerSize = 2 + headerName.length + sizeOfVarint(id.length) + id.length;
  const keySize = key === null ? 1 : sizeOfVarint(key.length) + key.length;
  const size =
    2 + sizeOfVarint(offset) + keySize + sizeOfVarint(valueSize) + valueSize + headerSize;
  let at = writeVarint(bytes, start, size);
  // No attributes; the time is that of the batch.
  bytes[at++] = 0;
  bytes[at++] = 0;
  at = writeVarint(bytes, at, offset);
  at = writeVarint(bytes, at, key === null ? -1 : key.length);
  bytes.set(key ?? noKey, at);
  at += key?.length ?? 0;
  at = writeVarint(bytes, at, valueSize);
  values.copy(bytes, at, from, to);
  at = writeVarint(bytes, at + valueSize, 1);
  at = writeVarint(bytes, at, headerName.length);
  bytes.set(headerName, at);
  at = writeVarint(bytes, at + headerName.length, id.length);
  return at + bytes.write(id, at, 'latin1');
}

/** A batch whose messages are compressed as the topic's readers expect; it still needs its seal. */
export interface PackedSet extends RecordSet {
  /** Kafka's number of the compression. */
  readonly codec: number;
}

/** Compresses the messages; the head stays as it is. */
export async function pack(set: RecordSet, { number: codec, compress }: Codec): Promise<PackedSet> {
  if (compress === undefined) return { ...set, codec };
  const packed = await compress(set.bytes.subarray(batchFrame));
  const bytes = Buffer.allocUnsafe(batchFrame + packed.length);
  bytes.set(packed, batchFrame);
  return { ...set, codec, bytes };
}

const format = 2;
const transactionalBit = 0x10;
/** Where what the checksum covers begins. */
const attributesAt = 21;

/** Writes the head and the checksum. Gives the bytes that go over the wire. */
export function seal(
  { bytes, count, time, codec }: PackedSet,
  { number, sequence, isTransactional }: Sealing,
): Buffer {
  bytes.writeBigInt64BE(0n, 0);
  bytes.writeInt32BE(bytes.length - 12, 8);
  bytes.writeInt32BE(0, 12);
  bytes.writeInt8(format, 16);
  bytes.writeInt16BE(codec | (isTransactional ? transactionalBit : 0), attributesAt);
  bytes.writeInt32BE(count - 1, 23);
  bytes.writeBigInt64BE(BigInt(time), 27);
  bytes.writeBigInt64BE(BigInt(time), 35);
  bytes.writeBigInt64BE(number?.id ?? -1n, 43);
  bytes.writeInt16BE(number?.epoch ?? 0, 51);
  bytes.writeInt32BE(sequence, 53);
  bytes.writeInt32BE(count, 57);
  bytes.writeUInt32BE(crc32c(bytes, attributesAt), 17);
  return bytes;
}
