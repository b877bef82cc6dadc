/** Memory by the piece: whoever has a piece gives it back when nothing reads it any more, or leaves it to the collector. */
export interface Memory {
  /** At least so many bytes, with anything in them: a buffer of its own, which begins at offset 0 of its ArrayBuffer. */
  take(size: number): Buffer;
  /** Once for each piece, by whoever knows that nobody looks at it any more. */
  give(region: Buffer): void;
}

/** Nothing is used again. */
export const freshMemory: Memory = {
  take: (size) => Buffer.allocUnsafeSlow(size),
  give: () => undefined,
};

/** Smaller ones cost less than a look for them. */
const smallest = 4096;
const usualMost = 16 * 1024 * 1024;

export interface RegionPoolParts {
  /** So many bytes wait to be used again, at most; asked at each that is given back. Left out: 16 MiB. */
  readonly most?: () => number;
  /** Sees each region that is free to be written over: tests spoil it. */
  readonly given?: (region: Buffer) => void;
}

/**
 * Regions that are used again. A fresh one of half a megabyte for each range costs the system its pages, one fault at a
 * time, and the collector its work: half of what reading costs.
 */
export class RegionPool implements Memory {
  /** The one given last at the end: it is still in the processor's cache. */
  readonly #free: Buffer[] = [];
  readonly #most: () => number;
  readonly #given: (region: Buffer) => void;
  #bytes = 0;

  constructor({ most = () => usualMost, given = () => undefined }: RegionPoolParts = {}) {
    this.#most = most;
    this.#given = given;
  }

  take(size: number): Buffer {
    for (let at = this.#free.length - 1; at >= 0; at--) {
      const region = this.#free[at] as Buffer;
      // A much larger one would be held for little.
      if (region.length < size || region.length > 2 * Math.max(size, smallest)) continue;
      this.#free.splice(at, 1);
      this.#bytes -= region.length;
      return region;
    }
    return Buffer.allocUnsafeSlow(rounded(size));
  }

  give(region: Buffer): void {
    this.#given(region);
    const most = this.#most();
    if (region.length < smallest || region.length > most) return;
    this.#free.push(region);
    this.#bytes += region.length;
    while (this.#bytes > most) this.#bytes -= this.#free.shift()?.length ?? 0;
  }
}

/** Up, by at most an eighth: sizes that differ by little fit into each other. */
function rounded(size: number): number {
  if (size <= smallest) return smallest;
  const step = 2 ** (Math.floor(Math.log2(size)) - 3);
  return Math.ceil(size / step) * step;
}
