/** Milliseconds of most calls: looked up instead of searched for. */
const lookedUp = 1024;

/** Finds the bucket of a value: the first whose bound is not below it. */
export class Buckets {
  readonly #bounds: readonly number[];
  readonly #small: Uint16Array;

  /** Bounds in ascending order. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#small = Uint16Array.from({ length: lookedUp }, (_, value) => this.#search(value));
  }

  of(value: number): number {
    return this.#small[value] ?? this.#search(value);
  }

  #search(value: number): number {
    const bounds = this.#bounds;
    let low = 0;
    let high = bounds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((bounds[middle] as number) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
