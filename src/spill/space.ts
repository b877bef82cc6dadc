import { ServiceError } from '../lib/errors.ts';
import type { Bytes } from '../lib/units.ts';

/** `spill_bytes` is reached. */
export class SpillFull extends ServiceError {
  constructor() {
    super('SPILL_FULL', 'spill_bytes is reached');
  }
}

/** What the spill files of one instance may hold together. Counted in whole files: one goes when all of it is done. */
export class SpillSpace {
  #limit: Bytes;
  readonly #onChange: (used: number) => void;
  #used = 0;

  constructor(limit: Bytes, onChange: (used: number) => void) {
    this.#limit = limit;
    this.#onChange = onChange;
  }

  resize(limit: Bytes): void {
    this.#limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  /** A file is rolled over at this size: small against the bound, so that space comes back in small pieces. */
  get fileBytes(): number {
    const mebibyte = 1024 * 1024;
    return Math.max(mebibyte, Math.min(64 * mebibyte, this.#limit / 64));
  }

  /** Throws SpillFull where the bound does not permit it. */
  take(bytes: number): void {
    if (this.#used + bytes > this.#limit) throw new SpillFull();
    this.add(bytes);
  }

  /** Counts what is there already, bound or not. */
  add(bytes: number): void {
    this.#used += bytes;
    this.#onChange(this.#used);
  }

  give(bytes: number): void {
    this.add(-bytes);
  }
}
