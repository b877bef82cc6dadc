import kafkajs from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { murmur2, type Partition, partitionOf, takeTurns } from './partition.ts';

const partitions = (count: number, withoutLeader: readonly number[] = []): readonly Partition[] =>
  Array.from({ length: count }, (_, id) => ({ id, hasLeader: !withoutLeader.includes(id) }));

// From the tests of Kafka's own clients.
it.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
])('hashes %s as Java does', (key, expected) => {
  expect(murmur2(Buffer.from(key))).toBe(expected);
});

it('chooses the partition that the client library would choose', () => {
  const choose = kafkajs.Partitioners.DefaultPartitioner();
  const partitionMetadata = partitions(7).map(({ id }) => ({
    ...{ partitionErrorCode: 0, partitionId: id, leader: 1, replicas: [1], isr: [1] },
  }));
  const keys = Array.from({ length: 200 }, (_, at) => 'é'.repeat(at % 9) + String(at * 7919));

  const ours = keys.map((key) => partitionOf(Buffer.from(key), partitions(7)));

  expect(ours).toEqual(
    keys.map((key) => choose({ topic: 't', partitionMetadata, message: { key, value: null } })),
  );
});

describe('without a key', () => {
  const key = Buffer.from('1700000000000000-1:0');

  it('takes one partition after the other, the same ones for the same key', () => {
    const next = takeTurns(key, partitions(3));
    const turns = [next(), next(), next(), next()];
    const again = takeTurns(key, partitions(3));

    expect(new Set(turns).size).toBe(3);
    expect(turns[3]).toBe(turns[0]);
    expect([again(), again(), again(), again()]).toEqual(turns);
  });

  it('leaves out partitions without a leader while others have one', () => {
    const next = takeTurns(key, partitions(3, [0, 2]));
    const none = takeTurns(key, partitions(2, [0, 1]));

    expect([next(), next()]).toEqual([1, 1]);
    expect(new Set([none(), none()])).toEqual(new Set([0, 1]));
  });
});
