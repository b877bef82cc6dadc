import type { Codec } from './codecs.ts';
import { crc32c } from './crc32c.ts';
import { batchFrame } from './message.ts';
import type { ProducerNumber } from './requests.ts';

/** Messages of one partition in the form in which brokers store them: a record batch of format 2 (record-set-writer.ts). */
export interface RecordSet {
  readonly partition: number;
  /** Of its messages. */
  readonly count: number;
  /** Room for the head, then the messages. Lent: nobody else writes to it until the outcome is there. */
  readonly bytes: Buffer;
}

/** What only the producer knows of a batch. */
export interface Sealing {
  /** Of all of its messages, milliseconds since the epoch. */
  readonly time: number;
  /** Undefined: the broker gave none. */
  readonly number: ProducerNumber | undefined;
  /** How many messages were stored in the partition under this number before. */
  readonly sequence: number;
  readonly isTransactional: boolean;
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
  { bytes, count, codec }: PackedSet,
  { time, number, sequence, isTransactional }: Sealing,
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
