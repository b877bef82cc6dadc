import { createHash } from 'node:crypto';
import type { Entry } from '#pump';

/** Bytes of an ObjectId. */
export const idSize = 12;

/**
 * Writes the ids of documents: the same at every repeat of a record, so that the server knows it again. The first four bytes
 * are the record's time, as in any ObjectId, so that ids of new records stand side by side in the index; the other eight are
 * a hash of the record's id.
 */
export class DocumentIds {
  readonly #salt: string;
  #segment: string | undefined;
  #high = 0;
  #low = 0;

  /** `salt`: another one for each kind of document, which may lie in one collection. */
  constructor(salt: string) {
    this.#salt = salt;
  }

  /** At `at`; the room must be there. */
  put({ segment, index, record }: Entry, data: DataView, at: number): void {
    if (segment !== this.#segment) this.#turnTo(segment);
    const second = Number(record.seconds('timestamp'));
    data.setUint32(at, Math.min(Math.max(second, 0), 0xffff_ffff));
    // Each is another number for each index of a segment.
    data.setInt32(at + 4, mixed(this.#high ^ Math.imul(index, 0x9e37_79b1)));
    data.setInt32(at + 8, mixed(this.#low ^ Math.imul(index, 0x85eb_ca6b)));
  }

  #turnTo(segment: string): void {
    const hash = createHash('sha256').update(`${this.#salt}\0${segment}`).digest();
    this.#high = hash.readInt32BE(0);
    this.#low = hash.readInt32BE(4);
    this.#segment = segment;
  }
}

/** Spreads every bit over all others; no two numbers become the same (the end of MurmurHash3). */
function mixed(value: number): number {
  const first = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b);
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2_ae35);
  return second ^ (second >>> 16);
}
