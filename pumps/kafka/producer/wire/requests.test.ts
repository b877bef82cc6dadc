import { describe, expect, it } from 'vitest';
import { metadata, produce } from './requests.ts';
import { addPartitions } from './transaction-requests.ts';
import { Writer } from './wire.testing.ts';
import { WireReader } from './wire-reader.ts';

const answer = (fill: (out: Writer) => void): WireReader => {
  const out = new Writer();
  fill(out);
  return new WireReader(out.frame().subarray(4));
};

describe('what a broker says of produced messages', () => {
  const request = produce({
    ...{ topic: 't', partition: 3, transactionalId: null, timeout: 1_000 },
    batch: Buffer.alloc(0),
  });
  const said = (topic: string, partitions: readonly number[]) =>
    answer((out) => {
      out.list([topic], () => {
        out.string(topic).list(partitions, (partition) => {
          out.int32(partition).int16(0).int64(0n).int64(-1n);
        });
      });
      out.int32(0);
    });

  it('counts where it is about what was sent', () => {
    expect(request.read(said('t', [3]), 3)).toEqual({ code: 0, throttle: 0 });
  });

  it.each([
    ['another topic', 'u', [3]],
    ['another partition', 't', [2]],
    ['more than one', 't', [3, 3]],
    ['none', 't', []],
  ])('does not count where it is about %s', (_, topic, partitions) => {
    expect(() => request.read(said(topic, partitions), 3)).toThrow(RangeError);
  });
});

it('what a broker says of another topic is no news of ours', () => {
  const said = answer((out) => {
    out.int32(0).list([], () => undefined);
    out.string('').int32(1);
    out.list(['u'], (topic) => {
      out.int16(0).string(topic).int8(0);
      out.list([], () => undefined);
    });
  });

  expect(() => metadata('t', { isWanted: false }).read(said)).toThrow(RangeError);
});

describe('what a broker says of the partitions of a transaction', () => {
  const request = addPartitions({ transactionalId: 'x', id: 1n, epoch: 0 }, 't', [1, 2]);
  const said = (topic: string, partitions: readonly (readonly [number, number])[]) =>
    answer((out) => {
      out.int32(0).list([topic], () => {
        out.string(topic).list(partitions, ([partition, code]) => {
          out.int32(partition).int16(code);
        });
      });
    });

  it.each<[readonly (readonly [number, number])[], number]>([
    [
      [
        [2, 0],
        [1, 0],
      ],
      0,
    ],
    [
      [
        [1, 55],
        [2, 29],
      ],
      29,
    ],
  ])('counts where all are there: %j', (partitions, code) => {
    expect(request.read(said('t', partitions))).toBe(code);
  });

  it('does not count where one is left out, or the topic is another', () => {
    expect(() => request.read(said('t', [[1, 0]]))).toThrow(RangeError);
    expect(() =>
      request.read(
        said('u', [
          [1, 0],
          [2, 0],
        ]),
      ),
    ).toThrow(RangeError);
  });
});
