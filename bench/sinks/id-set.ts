/**
 * A set of ids that holds 64 bits of each instead of the text: a million of them in 32 MB and a fraction of the time a
 * `Set` of strings takes. Two of a million different ids share their bits with a chance of one in 30 million.
 */
export class IdSet {
  #table = new Int32Array(2 << 16);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** False where it was there already. */
  add(bytes: Uint8Array, from: number, end: number): boolean {
    if (this.#size * 4 > this.#table.length) this.#grow();
    let [one, two] = [0x811c_9dc5 | 0, 0x9747_b28c | 0];
    for (let at = from; at < end; at++) {
      const byte = bytes[at] ?? 0;
      one = Math.imul(one ^ byte, 0x0100_0193);
      two = Math.imul(two ^ byte, 0x5bd1_e995);
      two ^= two >>> 15;
    }
    return this.#put(one === 0 ? 1 : one, two);
  }

  /** The first half is never 0, which stands for an empty place. */
  #put(one: number, two: number): boolean {
    const places = this.#table.length / 2;
    for (let place = (one ^ two) & (places - 1); ; place = (place + 1) & (places - 1)) {
      const there = this.#table[2 * place];
      if (there === 0) {
        this.#table[2 * place] = one;
        this.#table[2 * place + 1] = two;
        this.#size++;
        return true;
      }
      if (there === one && this.#table[2 * place + 1] === two) return false;
    }
  }

  #grow(): void {
    const old = this.#table;
    this.#table = new Int32Array(old.length * 2);
    this.#size = 0;
    for (let at = 0; at < old.length; at += 2) {
      const one = old[at] ?? 0;
      if (one !== 0) this.#put(one, old[at + 1] ?? 0);
    }
  }
}
