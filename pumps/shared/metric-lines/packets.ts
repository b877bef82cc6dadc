import { ByteWriter } from '#pump';

/** Lines that travel together, one after the other. */
export interface Packet {
  readonly bytes: Buffer;
  readonly lines: number;
}

export interface PackRules {
  /** Most bytes of a packet. A longer line goes alone; 0: each line does. */
  readonly bytes: number;
  /** Most lines of a packet; 0: no limit. */
  readonly lines: number;
  /** The last line has its line feed, too, as in a stream. */
  readonly isStream: boolean;
}

/** Numbers of packets, from first to last; last < first: none. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

const empty: Span = { first: 0, last: -1 };

interface Cut {
  readonly start: number;
  readonly end: number;
  readonly lines: number;
}

/** Packs lines as they are written: `out` takes a line's bytes, `endLine` ends it. */
export class Packer {
  readonly out = new ByteWriter(64 * 1024);
  readonly #rules: PackRules;
  readonly #cuts: Cut[] = [];
  /** Where the open packet begins, and how many lines it has. */
  #start = 0;
  #lines = 0;
  #lineStart = 0;
  #written = 0;
  /** The packet of the record's first line; −1: none yet. */
  #first = -1;

  constructor(rules: PackRules) {
    this.#rules = rules;
  }

  /** The packets that have the lines of one record, which `write` writes. */
  spanOf(write: () => void): Span {
    const before = this.#written;
    this.#first = -1;
    write();
    return this.#written === before ? empty : { first: this.#first, last: this.#cuts.length };
  }

  endLine(): void {
    const end = this.out.length;
    const { bytes, lines } = this.#rules;
    const isFull = end - this.#start > bytes || (lines > 0 && this.#lines === lines);
    if (this.#lines > 0 && isFull) this.#cut();
    this.#lines += 1;
    this.#written += 1;
    if (this.#first < 0) this.#first = this.#cuts.length;
    this.out.byte(0x0a);
    this.#lineStart = end + 1;
  }

  /** Once, at the end. */
  packets(): readonly Packet[] {
    if (this.#lines > 0) this.#cut();
    const all = this.out.view();
    return this.#cuts.map(({ start, end, lines }) => ({ bytes: all.subarray(start, end), lines }));
  }

  #cut(): void {
    const end = this.#rules.isStream ? this.#lineStart : this.#lineStart - 1;
    this.#cuts.push({ start: this.#start, end, lines: this.#lines });
    this.#start = this.#lineStart;
    this.#lines = 0;
  }
}
