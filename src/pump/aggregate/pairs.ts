const fewest = 256;

/** Numbers pairs of whole numbers, from 0 on, in the order in which they are seen first. */
export class Pairs {
  /** Numbers of pairs, from 1 on, by their hash; 0: none. At least half of it is empty. */
  #table = new Int32Array(2 * fewest);
  #pairs = new Int32Array(2 * fewest);
  #size = 0;

  /** The number of a pair. A new one has the next number. */
  of(first: number, second: number): number {
    const table = this.#table;
    const pairs = this.#pairs;
    const last = table.length - 1;
    for (let place = hashOf(first, second) & last; ; place = (place + 1) & last) {
      const number = (table[place] as number) - 1;
      if (number < 0) return this.#add(place, first, second);
      if (pairs[2 * number] === first && pairs[2 * number + 1] === second) return number;
    }
  }

  /** Forgets all; the room that they took is kept. */
  forget(): void {
    this.#table.fill(0);
    this.#size = 0;
  }

  #add(place: number, first: number, second: number): number {
    const number = this.#size;
    this.#size += 1;
    this.#table[place] = number + 1;
    this.#pairs[2 * number] = first;
    this.#pairs[2 * number + 1] = second;
    if (2 * this.#size === this.#pairs.length) this.#grow();
    return number;
  }

  #grow(): void {
    const pairs = new Int32Array(2 * this.#pairs.length);
    pairs.set(this.#pairs);
    const table = new Int32Array(pairs.length);
    const last = table.length - 1;
    for (let number = 0; number < this.#size; number++) {
      let place = hashOf(pairs[2 * number] as number, pairs[2 * number + 1] as number) & last;
      while (table[place] !== 0) place = (place + 1) & last;
      table[place] = number + 1;
    }
    this.#pairs = pairs;
    this.#table = table;
  }
}

function hashOf(first: number, second: number): number {
  let hash = Math.imul(first, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15) ^ second, 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
