import { createRequire } from 'node:module';

/** A message as kafkajs's encoder takes it. */
export interface ReferenceMessage {
  readonly key: Buffer | null;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

export interface ReferenceHead {
  readonly compression: number;
  readonly time: number;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly transactional: boolean;
}

interface Encoder {
  readonly buffer: Buffer;
}

interface Decoded {
  readonly firstTimestamp: string;
  readonly producerId: string;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly inTransaction: boolean;
  readonly lastOffsetDelta: number;
  readonly records: readonly {
    readonly offset: string;
    readonly timestamp: string;
    readonly key: Buffer | null;
    readonly value: Buffer;
    readonly headers: Readonly<Record<string, Buffer>>;
  }[];
}

/** The library's inner parts have no types. */
const load = createRequire(import.meta.url);

export const referenceCrc = load('kafkajs/src/protocol/recordBatch/crc32C') as (
  bytes: Buffer,
) => number;

const encodeRecord = load('kafkajs/src/protocol/recordBatch/record/v0') as (
  message: ReferenceMessage & { readonly offsetDelta: number; readonly timestampDelta: number },
) => Encoder;

const { RecordBatch: encodeBatch } = load('kafkajs/src/protocol/recordBatch/v0') as {
  readonly RecordBatch: (batch: object) => Promise<Encoder>;
};

const Decoder = load('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => object;
const decode = load('kafkajs/src/protocol/recordBatch/v0/decoder') as (
  decoder: object,
) => Promise<Decoded>;

/** The batch that kafkajs would send. */
export async function referenceBatch(
  messages: readonly ReferenceMessage[],
  { time, ...head }: ReferenceHead,
): Promise<Buffer> {
  const records = messages.map((message, offsetDelta) =>
    encodeRecord({ ...message, offsetDelta, timestampDelta: 0 }),
  );
  const { buffer } = await encodeBatch({
    ...head,
    ...{ records, firstTimestamp: time, maxTimestamp: time, lastOffsetDelta: records.length - 1 },
  });
  return buffer;
}

/** What kafkajs reads in a batch. */
export const readBatch = (bytes: Buffer): Promise<Decoded> => decode(new Decoder(bytes));
