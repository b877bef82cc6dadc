/** Above this share of a piece bytes get memory of their own. */
const largest = 4;

/**
 * Copies of bytes that come one after the other and are given up in about that order, cut from pieces of memory. Node's own
 * pool does the same with pieces of 8 KiB, each of which is work for the collector. A piece is free when all its copies are.
 */
export class Slab {
  readonly #size: number;
  #piece: Buffer | undefined;
  #used = 0;

  /** `size`: bytes of a piece. */
  constructor(size: number) {
    this.#size = size;
  }

  copy(bytes: Uint8Array): Buffer {
    const { length } = bytes;
    if (length * largest > this.#size) return Buffer.from(bytes);
    if (this.#piece === undefined || this.#used + length > this.#size) {
      this.#piece = Buffer.allocUnsafeSlow(this.#size);
      this.#used = 0;
    }
    const copy = this.#piece.subarray(this.#used, this.#used + length);
    this.#used += length;
    copy.set(bytes);
    return copy;
  }
}
