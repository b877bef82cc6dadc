import { ByteWriter, type DocumentWriter, type Entry } from '#pump';

/** So many are written together, of records with so many bytes. */
const [mostRecords, mostBytes] = [256, 256 * 1024];
/** A buffer that has grown larger than this is not kept. */
const mostKept = 4 * 1024 ** 2;

/** The values of messages, written some at a time, for that is faster, and put where each message is. */
export class Values {
  readonly #write: DocumentWriter;
  #entries: readonly Entry[] = [];
  #places: readonly number[] = [];
  #made = new ByteWriter();
  /** The first that is here, and where each ends. */
  #first = 0;
  #ends: number[] = [];

  constructor(write: DocumentWriter) {
    this.#write = write;
  }

  /** Those of the entries at these places. */
  begin(entries: readonly Entry[], places: readonly number[]): void {
    this.#entries = entries;
    this.#places = places;
    this.#first = 0;
    this.#ends = [];
  }

  /** Appends the value for the place at `at` of those: that of the last call, or a later one. */
  put(at: number, out: ByteWriter): void {
    if (at >= this.#first + this.#ends.length) this.#make(at);
    const index = at - this.#first;
    out.bytes(this.#made.buffer, this.#ends[index - 1] ?? 0, this.#ends[index]);
  }

  #make(first: number): void {
    const entries: Entry[] = [];
    const end = Math.min(this.#places.length, first + mostRecords);
    for (let [at, bytes] = [first, 0]; at < end; at++) {
      const entry = this.#entries[this.#places[at] as number] as Entry;
      bytes += entry.record.size;
      if (bytes > mostBytes && at > first) break;
      entries.push(entry);
    }
    if (this.#made.buffer.length > mostKept) this.#made = new ByteWriter();
    this.#made.clear();
    this.#first = first;
    this.#ends = [];
    this.#write.many(entries, this.#made, { ends: this.#ends });
  }
}
