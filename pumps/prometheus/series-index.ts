/** Looked at for a key, and no more. */
const places = 16;
const fewest = 256;

/** Instead of what is not there. */
export const none = -1;

/**
 * Finds the number (from 0 on) that was kept under a few other numbers. Bounded: once it has as much room as it may and is
 * full it forgets everything, and what it has no place for it does not keep.
 */
export class SeriesIndex {
  readonly #width: number;
  readonly #most: number;
  /** Numbers of entries, from 1 on, by their hash; 0: none. At least half of it is empty. */
  #table: Int32Array;
  /** The numbers of a key, and what is kept under it, one entry after the other. */
  #entries: Int32Array;
  #size = 0;

  /** `width`: how many numbers a key has. `most`: how many keys are kept at most, a power of two. */
  constructor(width: number, most = 32_768) {
    this.#width = width;
    this.#most = most;
    const room = Math.min(fewest, most);
    this.#table = new Int32Array(2 * room);
    this.#entries = new Int32Array(room * (width + 1));
  }

  /** What is kept under the numbers at these positions, or `none`. */
  find(numbers: Int32Array, positions: Int32Array): number {
    const table = this.#table;
    const entries = this.#entries;
    const width = this.#width;
    const last = table.length - 1;
    const hash = hashOf(numbers, positions, width);
    for (let step = 0; step < places; step++) {
      const entry = table[(hash + step) & last] as number;
      if (entry === 0) return none;
      const from = (entry - 1) * (width + 1);
      let at = 0;
      while (at < width && entries[from + at] === numbers[positions[at] as number]) at++;
      if (at === width) return entries[from + width] as number;
    }
    return none;
  }

  /** Keeps what is not there yet. */
  add(numbers: Int32Array, positions: Int32Array, value: number): void {
    const width = this.#width;
    if (this.#size * 2 === this.#table.length) this.#makeRoom();
    const from = this.#size * (width + 1);
    for (let at = 0; at < width; at++)
      this.#entries[from + at] = numbers[positions[at] as number] as number;
    this.#entries[from + width] = value;
    this.#size += 1;
    this.#enter(this.#size, hashOf(numbers, positions, width));
  }

  forget(): void {
    this.#begin(fewest);
  }

  #makeRoom(): void {
    const [entries, size, room] = [this.#entries, this.#size, this.#table.length];
    const width = this.#width;
    this.#begin(room);
    if (room > this.#most) return;
    this.#entries.set(entries);
    this.#size = size;
    const positions = Int32Array.from({ length: width }, (_, at) => at);
    for (let entry = 1; entry <= size; entry++) {
      const numbers = entries.subarray((entry - 1) * (width + 1));
      this.#enter(entry, hashOf(numbers, positions, width));
    }
  }

  /** What finds no place is forgotten. */
  #enter(entry: number, hash: number): void {
    const table = this.#table;
    for (let step = 0; step < places; step++) {
      const place = (hash + step) & (table.length - 1);
      if (table[place] !== 0) continue;
      table[place] = entry;
      return;
    }
  }

  #begin(room: number): void {
    const most = Math.min(room, this.#most);
    this.#table = new Int32Array(2 * most);
    this.#entries = new Int32Array(most * (this.#width + 1));
    this.#size = 0;
  }
}

/** Whoever looks compares the numbers, too; so this need only spread them. */
function hashOf(numbers: Int32Array, positions: Int32Array, width: number): number {
  let hash = width;
  for (let at = 0; at < width; at++) {
    hash = Math.imul(hash ^ (numbers[positions[at] as number] as number), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}
