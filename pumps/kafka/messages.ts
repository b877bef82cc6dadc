import {
  ByteWriter,
  type Entry,
  type Failure,
  jsonWriter,
  reject,
  type Shape,
  type Verdict,
} from '#pump';
import { hasMessage } from './encode.ts';
import { type Group, groupsOf, keyOf } from './plan.ts';
import { type Partition, type RecordSet, RecordSetWriter, takeTurns } from './producer/producer.ts';
import type { Settings } from './settings.ts';
import { Values } from './values.ts';

/** Records that go to one partition in one request. */
export interface Send extends RecordSet {
  /** Which of the batch they are, in their order. */
  readonly places: readonly number[];
}

export interface Encoded {
  readonly sends: readonly Send[];
  /** By place in the batch: of the records that no message can be made of. */
  readonly refused: ReadonlyMap<number, Verdict>;
  /** Takes the memory of the messages back, for the next batch. */
  readonly release: () => void;
}

/** A writer that has grown larger than this is not kept. */
const mostKept = 16 * 1024 ** 2;

/**
 * Makes requests of a batch: the JSON of each record is written into the record set that it is sent in, so nothing is made
 * for a message but its bytes.
 */
export class Encoder {
  readonly #settings: Settings;
  readonly #values: Values;
  readonly #set = new RecordSetWriter();
  /** What goes in one request unless it is a single message. */
  #mostTogether: number;
  // As many as there are batches at once; each is as large as they are from its second one on.
  readonly #idle: ByteWriter[] = [];

  constructor(settings: Settings, document: Shape) {
    this.#settings = settings;
    this.#mostTogether = settings.batchBytes;
    this.#values = new Values(jsonWriter(document));
  }

  encode(entries: readonly Entry[], partitions: readonly Partition[]): Encoded {
    const out = this.#idle.pop() ?? new ByteWriter();
    const refused = new Map<number, Verdict>();
    const drafts = groupsOf(entries, partitions, this.#settings).flatMap((group) =>
      this.#draftsOf(group, { entries, out, refused }),
    );
    const release = (): void => {
      if (out.buffer.length > mostKept) return;
      out.clear();
      this.#idle.push(out);
    };
    return { sends: sendsOf(drafts, { entries, out, partitions }), refused, release };
  }

  /** The broker takes less at once than we were told: from now on we ask for half of that, and not in vain. */
  wereTooLarge(sends: readonly Send[]): void {
    const largest = Math.max(...sends.map(({ bytes }) => bytes.length));
    if (sends.some(({ count }) => count > 1))
      this.#mostTogether = Math.min(this.#mostTogether, Math.ceil(largest / 2));
  }

  /** As many sets as its records need. */
  #draftsOf({ partition, places }: Group, { entries, out, refused }: Work): readonly Draft[] {
    const set = this.#set;
    const drafts: Draft[] = [];
    this.#values.begin(entries, places);
    let draft = this.#begin(partition, out);
    for (let at = 0; at < places.length; at++) {
      const place = places[at] as number;
      const entry = entries[place] as Entry;
      // Its value is made with those around it, and not put anywhere.
      if (!hasMessage(entry.record)) {
        refused.set(place, noYear);
        continue;
      }
      let size = this.#add(entry, at, draft, out);
      if (size !== undefined && draft.places.length > 0) {
        drafts.push({ ...draft, to: out.length });
        draft = this.#begin(partition, out);
        size = this.#add(entry, at, draft, out);
      }
      if (size === undefined) draft.places.push(place);
      else refused.set(place, reject(tooLarge(size, this.#settings)));
    }
    if (set.count > 0) drafts.push({ ...draft, to: out.length });
    else out.truncate(draft.from);
    return drafts;
  }

  #begin(partition: number | undefined, out: ByteWriter): Draft {
    const from = out.length;
    this.#set.begin(out);
    return { partition, from, to: from, places: [] };
  }

  /** Adds a message, whose value is the one at `at`, unless the set would be too large then: gives its size. */
  #add(entry: Entry, at: number, { from, places }: Draft, out: ByteWriter): number | undefined {
    const set = this.#set;
    set.open(keyOf(entry, this.#settings));
    this.#values.put(at, out);
    set.close(entry.segment, entry.index);
    const size = out.length - from;
    if (size <= (places.length > 0 ? this.#mostTogether : this.#settings.batchBytes))
      return undefined;
    set.undo();
    return size;
  }
}

interface Work {
  readonly entries: readonly Entry[];
  readonly out: ByteWriter;
  readonly refused: Map<number, Verdict>;
}

/** A set while more are written behind it: the buffer may be another one in the end. */
interface Draft {
  /** Undefined: any. */
  readonly partition: number | undefined;
  readonly from: number;
  readonly to: number;
  readonly places: number[];
}

function sendsOf(
  drafts: readonly Draft[],
  {
    entries,
    out,
    partitions,
  }: Pick<Work, 'entries' | 'out'> & { partitions: readonly Partition[] },
): readonly Send[] {
  const [first] = drafts;
  if (first === undefined) return [];
  const id = entries[first.places[0] ?? 0]?.id ?? '';
  const nextPartition = takeTurns(Buffer.from(id), partitions);
  return drafts.map(({ partition = nextPartition(), from, to, places }) => ({
    ...{ partition, places, count: places.length },
    bytes: out.buffer.subarray(from, to),
  }));
}

const noYear: Verdict = reject({
  kind: 'invalid',
  message: 'The timestamp is outside the years 0 to 9999, which no JSON date can say.',
});

const tooLarge = (size: number, { batchBytes }: Settings): Failure => ({
  kind: 'oversize',
  message: `The message has ${size} bytes, batch_bytes allows ${batchBytes}.`,
});
