import { anEntry } from '#pump/testing';
import type { Draft } from './messages.ts';
import { type RecordSet, seal, writeRecords } from './record-set.ts';
import { readMessages, type StoredMessage } from './wire.testing.ts';

/** One message with that value. */
export function aRecordSet(value: string, partition = 0): RecordSet {
  const values = Buffer.from(value);
  const entry = anEntry();
  const draft: Draft = {
    ...{ entry, id: entry.id },
    index: 0,
    ...{ values, from: 0, to: values.length, size: values.length + 100 },
    ...{ key: null, partitionKey: undefined },
  };
  return writeRecords({ partition, drafts: [draft] }, 1_700_000_000_000, (size) =>
    Buffer.alloc(size),
  );
}

/** What is in a record set, as a broker would read it. */
export const messagesIn = (set: RecordSet): readonly StoredMessage[] =>
  readMessages(
    seal({ ...set, codec: 0 }, { number: undefined, sequence: 0, isTransactional: false }),
    set.partition,
  );
