import { partsOf } from '../lib/elements.ts';
import type { Chunk, Decoder } from '../record/record.ts';
import type { Lease, SourceList, Tally } from './lease/lease.ts';

/** A decoder that keeps elements as they are: for tests of the way of bytes, not of their meaning. */
const opaqueDecoder: Decoder = {
  records: 'analytics',
  name: 'msgpack',
  keySuffix: '',
  scan: (elements) => opaqueDecoder.decode(partsOf(elements)),
  decode(elements): Chunk {
    return {
      size: elements.length,
      byteLength: elements.reduce((sum, element) => sum + element.length, 0),
      memory: [],
      record: () => undefined,
      undecodable: elements.map((bytes, index) => ({ index, bytes, reason: 'opaque' })),
    };
  },
};

export const aList = (key = 'analytics-test'): SourceList => ({ key, decoder: opaqueDecoder });

/** The elements of a chunk as texts, in order. */
export const textsOf = (chunk: Chunk): readonly string[] =>
  chunk.undecodable.map(({ bytes }) => Buffer.from(bytes).toString());

/** The tally of a range whose records were all delivered. */
export const allDelivered = ({ range }: Lease): Tally => ({
  delivered: range.count,
  rejected: 0,
  filtered: 0,
  vanished: 0,
  spilled: 0,
});
