import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { readCompressed } from '../decompress.testing.ts';
import { recordSetOf, type SomeMessage } from '../record-sets.testing.ts';
import { type ReferenceMessage, readBatch, referenceBatch } from '../reference.testing.ts';
import { canCompress, codecOf } from './codecs.ts';
import { readMessages } from './read-messages.ts';
import { pack, seal } from './record-set.ts';

/** Around the sizes at which a length takes one byte more. */
const sizes = fc.oneof(
  fc.constantFrom(0, 1, 63, 64, 8_191, 8_192),
  fc.integer({ min: 0, max: 2_000 }),
);
const bytesOf = (size: number, byte: number): Buffer =>
  Buffer.from(Array.from({ length: size }, (_, at) => (at * byte + byte) & 0xff));
const someBytes = fc.tuple(sizes, fc.nat(255)).map(([size, byte]) => bytesOf(size, byte));
const someMessage = fc.record({
  key: fc.option(someBytes, { nil: null }),
  value: someBytes,
  segment: fc.oneof(fc.stringMatching(/^[a-z\d-]{1,40}$/), fc.constant('1'.repeat(200))),
  index: fc.oneof(fc.nat(120), fc.nat(), fc.constantFrom(999, 1_000, 1e9, 1e14)),
});
const someHead = fc.record({
  time: fc.integer({ min: 0, max: 2 ** 48 }),
  producerId: fc.bigInt({ min: 0n, max: 2n ** 53n - 1n }),
  producerEpoch: fc.integer({ min: 0, max: 32_767 }),
  firstSequence: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  transactional: fc.boolean(),
});
const someMessages = fc.oneof(
  fc.array(someMessage, { minLength: 1, maxLength: 12 }),
  // So many that their places take two bytes.
  someMessage.map((message) => Array.from({ length: 150 }, () => message)),
);

type SomeHead = typeof someHead extends fc.Arbitrary<infer T> ? T : never;

const idOf = ({ segment, index }: SomeMessage): string => `${segment}:${index}`;
const referenceOf = (message: SomeMessage): ReferenceMessage => ({
  ...{ key: message.key, value: message.value, headers: { 'sluice-id': idOf(message) } },
});

async function ourBatch(
  compression: Parameters<typeof codecOf>[0],
  messages: readonly SomeMessage[],
  { time, producerId, producerEpoch, firstSequence, transactional }: SomeHead,
): Promise<Buffer> {
  const packed = await pack(recordSetOf(messages), await codecOf(compression));
  return seal(packed, {
    number: { id: producerId, epoch: producerEpoch },
    ...{ time, sequence: firstSequence, isTransactional: transactional },
  });
}

beforeAll(readCompressed);

it.each([
  ['none', 0],
  ['gzip', 1],
] as const)('writes with %s, byte for byte, what kafkajs writes', async (compression, number) => {
  await fc.assert(
    fc.asyncProperty(someMessages, someHead, async (messages, head) => {
      const expected = await referenceBatch(messages.map(referenceOf), {
        ...{ compression: number, ...head },
        // The library takes texts for what a JavaScript number cannot say.
        producerId: head.producerId,
      });

      const batch = await ourBatch(compression, messages, head);

      expect(batch.equals(expected)).toBe(true);
    }),
    { numRuns: 100 },
  );
});

it('writes a batch without a producer’s number as kafkajs does', async () => {
  const messages = [{ key: null, value: Buffer.from('a'), segment: 's', index: 0 }];
  const head = { time: 5, producerEpoch: 0, firstSequence: 0, transactional: false };
  const expected = await referenceBatch(messages.map(referenceOf), {
    ...{ compression: 0, producerId: -1n, ...head },
  });

  const batch = seal(
    { ...recordSetOf(messages), codec: 0 },
    { time: 5, number: undefined, sequence: 0, isTransactional: false },
  );

  expect(batch.equals(expected)).toBe(true);
});

it('reads again what it has written', () => {
  const textOf = (bytes: Buffer | null | undefined): string | undefined => bytes?.toString('hex');
  fc.assert(
    fc.property(someMessages, (messages) => {
      const read = readMessages(recordSetOf(messages));

      expect(read.map(({ key, value, id }) => [textOf(key), textOf(value), id])).toEqual(
        messages.map((message) => [textOf(message.key), textOf(message.value), idOf(message)]),
      );
    }),
    { numRuns: 100 },
  );
});

describe.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)('with %s', (compression) => {
  it('kafkajs reads what was written', async ({ skip }) => {
    if (!canCompress(compression)) skip(`Node ${process.version} has no ${compression}`);
    await fc.assert(
      fc.asyncProperty(someMessages, someHead, async (messages, head) => {
        const batch = await ourBatch(compression, messages, head);

        const read = await readBatch(batch);

        expect(read).toMatchObject({
          firstTimestamp: String(head.time),
          producerId: String(head.producerId),
          producerEpoch: head.producerEpoch,
          firstSequence: head.firstSequence,
          inTransaction: head.transactional,
          lastOffsetDelta: messages.length - 1,
        });
        expect(
          read.records.map(({ offset, timestamp, key, value, headers }) => ({
            ...{ offset, timestamp, key: key?.toString('hex'), value: value.toString('hex') },
            headers: Object.entries(headers).map(([name, id]) => [name, id.toString()]),
          })),
        ).toEqual(
          messages.map((message, at) => ({
            ...{ offset: String(at), timestamp: String(head.time) },
            ...{ key: message.key?.toString('hex'), value: message.value.toString('hex') },
            headers: [['sluice-id', idOf(message)]],
          })),
        );
      }),
      { numRuns: 30 },
    );
  });
});
