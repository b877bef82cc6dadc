/** A set of whole numbers from 0 on, a bit each: those of twelve hours at 2,000 a second in 11 MB. */
export class NumberSet {
  #bits = new Uint8Array(1 << 16);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(number: number): void {
    const at = number >>> 3;
    while (at >= this.#bits.length) this.#bits = grown(this.#bits);
    const bit = 1 << (number & 7);
    if (((this.#bits[at] ?? 0) & bit) !== 0) return;
    this.#bits[at] = (this.#bits[at] ?? 0) | bit;
    this.#size++;
  }

  has(number: number): boolean {
    return ((this.#bits[number >>> 3] ?? 0) & (1 << (number & 7))) !== 0;
  }
}

function grown(bits: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(bits.length * 2);
  larger.set(bits);
  return larger;
}
