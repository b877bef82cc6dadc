import type { Stretch, Tally } from '../conversation.ts';

/** One record, whole. Its bytes are lent until the call returns. */
export interface TlsRecord {
  readonly type: number;
  readonly version: number;
  readonly payload: Buffer;
}

const nothing = Buffer.alloc(0);
const headerLength = 5;
/** As TLS 1.2 permits it, which is the most (RFC 5246, 6.2.3). */
const longestRecord = 16_384 + 2048;

/** Records of one side out of bytes that come in any portions (RFC 8446, 5.1). What is not whole yet counts in the tally. */
export class RecordReader {
  readonly #tally: Tally;
  /** Of a record that is not whole yet; the first `#held` bytes count. */
  #parts = nothing;
  #held = 0;

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  /** Hands on each record that is whole. False: `take` has said so, or these are no records. */
  read({ bytes, start, end }: Stretch, take: (record: TlsRecord) => boolean): boolean {
    const all = this.#join(bytes.subarray(start, end));
    let at = 0;
    while (at + headerLength <= all.length) {
      const [type, version] = [all[at] as number, all.readUInt16BE(at + 1)];
      const length = all.readUInt16BE(at + 3);
      if (type < 20 || type > 23 || version >> 8 !== 3 || length > longestRecord) return false;
      const next = at + headerLength + length;
      if (next > all.length) break;
      if (!take({ type, version, payload: all.subarray(at + headerLength, next) })) return false;
      at = next;
    }
    this.#keep(all, at);
    return true;
  }

  close(): void {
    this.#tally.held -= this.#parts.length;
    this.#parts = nothing;
    this.#held = 0;
  }

  #join(fresh: Buffer): Buffer {
    if (this.#held === 0) return fresh;
    const before = this.#held;
    this.#reserve(before + fresh.length);
    fresh.copy(this.#parts, before);
    this.#held = before + fresh.length;
    return this.#parts.subarray(0, this.#held);
  }

  /** What stands behind `at` is kept. */
  #keep(all: Buffer, at: number): void {
    const rest = all.length - at;
    if (rest === 0) {
      this.close();
      return;
    }
    if (this.#held === 0) this.#reserve(rest);
    all.copy(this.#parts, 0, at);
    this.#held = rest;
  }

  /** Twice as much as is needed: many small packets must not mean many copies. */
  #reserve(length: number): void {
    if (length <= this.#parts.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(256, 2 * length));
    this.#parts.copy(grown, 0, 0, this.#held);
    this.#tally.held += grown.length - this.#parts.length;
    this.#parts = grown;
  }
}
