/** What of a side's last bytes is kept. */
export const remembered = 1024;
/** Places in one piece of memory. */
const placesEach = 64;

/**
 * The last bytes of sides, each in its place of a few large pieces of memory: a buffer of its own would take half as much again,
 * of many thousands. A place is used again once it is given back.
 */
export class RecentBytes {
  readonly #slabs: Buffer[] = [];
  readonly #free: number[] = [];

  /** Gives the number of a place; what stands there is anything. */
  take(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const first = this.#slabs.length * placesEach;
    this.#slabs.push(Buffer.allocUnsafeSlow(placesEach * remembered));
    for (let place = first + placesEach - 1; place > first; place--) this.#free.push(place);
    return first;
  }

  give(place: number): void {
    this.#free.push(place);
  }

  /** The memory in which a place stands, from `startOf(place)` on. */
  slab(place: number): Buffer {
    return this.#slabs[Math.floor(place / placesEach)] as Buffer;
  }

  startOf(place: number): number {
    return (place % placesEach) * remembered;
  }
}
