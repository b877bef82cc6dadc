/*
 * Reads headers of HTTP/2 (RFC 7541). The packages that do so were looked at: docs/dependencies.md. Both sides of a connection add
 * to a table with each block, so a block that cannot be read is the end of reading.
 */
import { decodeHuffman } from './huffman.ts';
import { staticTable } from './static-table.ts';

/** What an entry costs beside its text (RFC 7541, 4.1). */
const overhead = 32;
/** Larger tables nobody asks for. */
const largestTable = 1024 * 1024;
/** Of one block, as text: a few bytes may stand for much. */
const longestBlock = 256 * 1024;
/** Until the other side says otherwise. */
const firstLimit = 4096;

type Field = readonly [name: string, value: string];

export class HpackReader {
  /** What the side that reads the headers permits; above that the table cannot become. */
  #permitted = firstLimit;
  #limit = firstLimit;
  /** The newest entry stands last. */
  readonly #table: Field[] = [];
  #size = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  /** How much the table holds. */
  get size(): number {
    return this.#size;
  }

  /** The side that reads has said how large the table may become (SETTINGS_HEADER_TABLE_SIZE). */
  permit(size: number): void {
    this.#permitted = size;
    // Who writes must make it smaller with its next block, so it can be done here.
    if (size < this.#limit) this.#resize(size);
  }

  /** Names and values alternately, and how long they are. Undefined: it cannot be read, and nothing behind it either. */
  read(block: Buffer): { readonly fields: readonly string[]; readonly length: number } | undefined {
    this.#bytes = block;
    this.#at = 0;
    const fields: string[] = [];
    let length = 0;
    while (this.#at < block.length) {
      const byte = block[this.#at] as number;
      if ((byte & 0xe0) === 0x20) {
        const size = this.#integer(5);
        if (size === undefined || size > Math.min(this.#permitted, largestTable)) return undefined;
        this.#resize(size);
        continue;
      }
      const field = (byte & 0x80) !== 0 ? this.#indexed() : this.#literal((byte & 0x40) !== 0);
      if (field === undefined) return undefined;
      length += field[0].length + field[1].length + 4;
      if (length > longestBlock) return undefined;
      fields.push(field[0], field[1]);
    }
    return { fields, length };
  }

  #indexed(): Field | undefined {
    const index = this.#integer(7);
    return index === undefined ? undefined : this.#entry(index);
  }

  #literal(isKept: boolean): Field | undefined {
    const index = this.#integer(isKept ? 6 : 4);
    if (index === undefined) return undefined;
    const name = index === 0 ? this.#text() : this.#entry(index)?.[0];
    const value = name === undefined ? undefined : this.#text();
    if (name === undefined || value === undefined) return undefined;
    const field = [name, value] as const;
    if (isKept) this.#add(field);
    return field;
  }

  #entry(index: number): Field | undefined {
    return index <= staticTable.length
      ? staticTable[index - 1]
      : this.#table[this.#table.length - (index - staticTable.length)];
  }

  #add(field: Field): void {
    const size = sizeOf(field);
    this.#shrink(this.#limit - size);
    if (size > this.#limit) return;
    this.#table.push(field);
    this.#size += size;
  }

  #resize(limit: number): void {
    this.#limit = limit;
    this.#shrink(limit);
  }

  /** Until so much is left at most; the oldest go. */
  #shrink(most: number): void {
    let gone = 0;
    while (this.#size > most && gone < this.#table.length)
      this.#size -= sizeOf(this.#table[gone++] as Field);
    if (gone > 0) this.#table.splice(0, gone);
  }

  /** Behind so many bits of a byte that are not used up (RFC 7541, 5.1). */
  #integer(bits: number): number | undefined {
    const most = (1 << bits) - 1;
    const first = this.#bytes[this.#at++];
    if (first === undefined) return undefined;
    let value = first & most;
    if (value < most) return value;
    for (let shift = 0; shift <= 21; shift += 7) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) return undefined;
      value += (byte & 0x7f) << shift;
      if ((byte & 0x80) === 0) return value;
    }
    return undefined;
  }

  #text(): string | undefined {
    const isCoded = ((this.#bytes[this.#at] ?? 0) & 0x80) !== 0;
    const length = this.#integer(7);
    if (length === undefined || this.#at + length > this.#bytes.length) return undefined;
    const start = this.#at;
    this.#at += length;
    return isCoded
      ? decodeHuffman(this.#bytes, start, this.#at)
      : this.#bytes.toString('latin1', start, this.#at);
  }
}

const sizeOf = ([name, value]: Field): number => name.length + value.length + overhead;
