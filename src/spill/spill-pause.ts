import type { Clock } from '../lib/clock.ts';
import { type Millis, millis } from '../lib/units.ts';
import { SpillFull } from './space.ts';

/** After a failure of the disk nothing is spilled for so long. */
const pause = millis(10_000);

/**
 * Whether a route's spill takes nothing at present, because it failed: at `spill_bytes` until something has been
 * delivered, after the disk has failed (full, gone, read-only) for a while.
 */
export class SpillPause {
  readonly #clock: Clock;
  readonly #used: () => number;
  #failure: { readonly at: Millis; readonly used: number; readonly isFull: boolean } | undefined;

  /** `used` tells the bytes on disk. */
  constructor(clock: Clock, used: () => number) {
    this.#clock = clock;
    this.#used = used;
  }

  note(error: unknown): void {
    const isFull = error instanceof SpillFull;
    this.#failure = { at: this.#clock.elapsed(), used: this.#used(), isFull };
  }

  /** It worked. */
  clear(): void {
    this.#failure = undefined;
  }

  get isOn(): boolean {
    if (this.#failure === undefined) return false;
    const { at, isFull, used } = this.#failure;
    return isFull ? this.#used() >= used : this.#clock.elapsed() - at < pause;
  }

  /** In words, while it is on. */
  get reason(): string | undefined {
    if (!this.isOn) return undefined;
    return this.#failure?.isFull === true
      ? 'spill_bytes is reached'
      : 'the spill cannot be written';
  }
}
