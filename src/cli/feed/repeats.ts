/** Bits; a file of ten million lines sets a quarter of them. */
const size = 2 ** 27;
const probes = 4;
/** Beyond that numbers are given without looking whether they are the least. */
const most = 2 ** 40;

/**
 * Numbers equal lines of a file: 0, 1, 2 …, in memory that does not grow with the file (a Bloom filter). It may take a number
 * for given that was not, and then gives a later one; it never gives one twice. The same lines in the same order get the same
 * numbers.
 */
export class Repeats {
  readonly #bits = new Uint8Array(size / 8);

  /** Begins a file. */
  clear(): void {
    this.#bits.fill(0);
  }

  /** The next number of a line with this hash, of 16 bytes at least. */
  next(hash: Buffer): number {
    const number = this.#firstFree(hash);
    for (const bit of bitsOf(hash, number))
      this.#bits[bit >> 3] = (this.#bits[bit >> 3] ?? 0) | (1 << (bit & 7));
    return number;
  }

  /** A number that was not given. Doubling and halving: a line may come a million times. */
  #firstFree(hash: Buffer): number {
    if (!this.#has(hash, 0)) return 0;
    let given = 0;
    let free = 1;
    while (free < most && this.#has(hash, free)) {
      given = free;
      free *= 2;
    }
    while (free - given > 1) {
      const middle = Math.floor((given + free) / 2);
      if (this.#has(hash, middle)) given = middle;
      else free = middle;
    }
    return free;
  }

  #has(hash: Buffer, number: number): boolean {
    return bitsOf(hash, number).every(
      (bit) => ((this.#bits[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0,
    );
  }
}

/** Double hashing: the number moves both. */
function bitsOf(hash: Buffer, number: number): readonly number[] {
  const low = number % 2 ** 32;
  const one = mixed(hash.readInt32LE(0) ^ Math.imul(low, 0x9e37_79b1));
  const two = mixed(hash.readInt32LE(4) ^ Math.imul(low, 0x85eb_ca6b) ^ hash.readInt32LE(8)) | 1;
  return Array.from({ length: probes }, (_, at) => ((one + Math.imul(at, two)) >>> 0) % size);
}

function mixed(value: number): number {
  const first = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b);
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2_ae35);
  return second ^ (second >>> 16);
}
