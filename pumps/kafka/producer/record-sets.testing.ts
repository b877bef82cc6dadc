import { ByteWriter } from '#pump';
import { batchFrame } from './wire/message.ts';
import type { RecordSet } from './wire/record-set.ts';
import { RecordSetWriter } from './wire/record-set-writer.ts';

export interface SomeMessage {
  readonly key: Buffer | null;
  readonly value: Buffer;
  readonly segment: string;
  readonly index: number;
}

/** In a buffer that is not clean, behind something else. */
export function recordSetOf(messages: readonly SomeMessage[], partition = 0): RecordSet {
  const out = new ByteWriter(7);
  out.bytes(Buffer.alloc(5, 0xff));
  const writer = new RecordSetWriter();
  const from = out.length;
  writer.begin(out);
  out.buffer.fill(0xff, from, from + batchFrame);
  for (const { key, value, segment, index } of messages) {
    writer.open(key);
    out.bytes(value);
    writer.close(segment, index);
  }
  return { partition, count: writer.count, bytes: out.view().subarray(from) };
}

/** One message with that value. */
export const aRecordSet = (value: string, partition = 0): RecordSet =>
  recordSetOf([{ key: null, value: Buffer.from(value), segment: 's', index: 0 }], partition);
