import { ByteWriter, type Entry, type Failure, jsonWriter, reject, type Verdict } from '#pump';
import { hasMessage, messageShape } from './encode.ts';
import { batchFrame, type Message, messageFrame } from './producer/producer.ts';
import type { Settings } from './settings.ts';

/** A record as a message that has no partition yet. */
export interface Draft extends Message {
  readonly entry: Entry;
  /** Of the entry, in the batch. */
  readonly index: number;
  /** What decides the partition; undefined: nothing does. */
  readonly partitionKey: Buffer | undefined;
}

export interface Drafts {
  readonly drafts: readonly Draft[];
  /** Of the records that no message can be made of. */
  readonly refused: ReadonlyMap<Entry, Verdict>;
  /** Takes the values back, for the next batch. */
  readonly release: () => void;
}

export type Encoder = (entries: readonly Entry[]) => Drafts;

/** A writer that has grown larger than this is not kept. */
const mostKept = 8 * 1024 ** 2;

export function createEncoder(settings: Settings): Encoder {
  const write = jsonWriter(messageShape(settings.metaData));
  // As many as there are batches at once; each is as large as they are from its second one on.
  const idle: ByteWriter[] = [];
  return (entries) => {
    const out = idle.pop() ?? new ByteWriter();
    const refused = new Map<Entry, Verdict>();
    const ends: number[] = [];
    for (const entry of entries) {
      if (hasMessage(entry.record)) write(entry.record, out);
      else refused.set(entry, reject(noYear));
      ends.push(out.length);
    }
    const values = out.view();
    const drafts: Draft[] = [];
    let from = 0;
    for (const [index, entry] of entries.entries()) {
      const to = ends[index] ?? from;
      if (to === from) continue;
      const draft = draftOf(entry, { index, values, from, to }, settings);
      if (draft.size + batchFrame <= settings.batchBytes) drafts.push(draft);
      else refused.set(entry, reject(tooLarge(draft, settings)));
      from = to;
    }
    const release = (): void => {
      if (out.buffer.length > mostKept) return;
      out.clear();
      idle.push(out);
    };
    return { drafts, refused, release };
  };
}

function draftOf(
  entry: Entry,
  place: Pick<Draft, 'index' | 'values' | 'from' | 'to'>,
  { partitionBy, messageKey }: Settings,
): Draft {
  const group = partitionBy === 'none' ? undefined : bytesOf(entry.record.utf8(partitionBy));
  const { id } = entry;
  const own = messageKey === 'record' ? Buffer.from(id) : undefined;
  const key = (messageKey === 'partition' ? group : own) ?? null;
  const size = place.to - place.from + (key?.length ?? 0) + id.length + messageFrame;
  // Copies of a record belong together, or a compacted topic would keep both.
  const { index, values, from, to } = place;
  return { entry, id, index, values, from, to, key, partitionKey: group ?? own, size };
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

const noYear: Failure = {
  kind: 'invalid',
  message: 'The timestamp is outside the years 0 to 9999, which no JSON date can say.',
};

const tooLarge = ({ size }: Draft, { batchBytes }: Settings): Failure => ({
  kind: 'oversize',
  message: `The message has ${size + batchFrame} bytes, batch_bytes allows ${batchBytes}.`,
});
