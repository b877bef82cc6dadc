/** Of memory that a record takes beside its bytes. */
const overhead = 128;

/** Records in the order in which they came, within bounds: where one more does not fit, the oldest go. */
export class RecordQueue {
  readonly #most: { readonly records: number; readonly bytes: number };
  #records: (Buffer | undefined)[] = [];
  #first = 0;
  #bytes = 0;
  /** Of records that were taken and not yet answered for. */
  #taken: readonly Buffer[] = [];

  constructor(most: { readonly records: number; readonly bytes: number }) {
    this.#most = most;
  }

  /** Those taken included. */
  get length(): number {
    return this.#records.length - this.#first + this.#taken.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Gives how many had to go for it; itself may be among them. */
  put(record: Buffer): number {
    this.#records.push(record);
    this.#bytes += record.length + overhead;
    return this.#dropOldest();
  }

  /** The oldest ones, up to that many and about so many bytes. They are answered for with `done` or `back`. */
  take(most: number, bytes: number): readonly Buffer[] {
    const taken: Buffer[] = [];
    let size = 0;
    while (this.#first < this.#records.length && taken.length < most && size < bytes) {
      const record = this.#records[this.#first];
      if (record === undefined) break;
      this.#records[this.#first++] = undefined;
      taken.push(record);
      size += record.length;
    }
    this.#compact();
    this.#taken = taken;
    return taken;
  }

  done(): void {
    for (const { length } of this.#taken) this.#bytes -= length + overhead;
    this.#taken = [];
  }

  /** They are the oldest again. Gives how many had to go. */
  back(): number {
    this.#records = [...this.#taken, ...this.#records.slice(this.#first)];
    this.#first = 0;
    this.#taken = [];
    return this.#dropOldest();
  }

  /** Forgets all, and gives how many there were. */
  clear(): number {
    const { length } = this;
    this.#records = [];
    this.#first = 0;
    this.#taken = [];
    this.#bytes = 0;
    return length;
  }

  /** What is under way cannot be dropped any more; it counts all the same. */
  #dropOldest(): number {
    let dropped = 0;
    while (
      (this.length > this.#most.records || this.#bytes > this.#most.bytes) &&
      this.#first < this.#records.length
    ) {
      this.#bytes -= (this.#records[this.#first]?.length ?? 0) + overhead;
      this.#records[this.#first++] = undefined;
      dropped++;
    }
    this.#compact();
    return dropped;
  }

  #compact(): void {
    if (this.#first < 1024 || this.#first * 2 < this.#records.length) return;
    this.#records = this.#records.slice(this.#first);
    this.#first = 0;
  }
}
