/**
 * What is under way, each at a place of its own. Not a `Set`: that makes a new table after every few changes, and V8 lets each
 * old table keep the next one alive, and so every call that was in one of them, until all of the heap is collected.
 */
export class Places<T> {
  readonly #all: (T | undefined)[] = [];
  readonly #free: number[] = [];

  /** Those that are there now; what comes and goes meanwhile changes nothing in it. */
  get everyone(): readonly T[] {
    return this.#all.filter((one) => one !== undefined);
  }

  get size(): number {
    return this.#all.length - this.#free.length;
  }

  /** Gives the place, for `leave`. */
  take(one: T): number {
    const place = this.#free.pop() ?? this.#all.length;
    this.#all[place] = one;
    return place;
  }

  /** Only once for each place that was taken. */
  leave(place: number): void {
    this.#all[place] = undefined;
    this.#free.push(place);
  }
}
