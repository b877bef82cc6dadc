import type { Clock } from './clock.ts';
import type { Millis } from './units.ts';

/** Wakes a loop early: `sleep` ends at a ring, after a time, or at once when it rang since the last sleep. */
export class Bell {
  readonly #clock: Clock;
  #hasRung = false;
  #waking: AbortController | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    this.#hasRung = true;
    this.#waking?.abort();
  }

  /** Never rejects. One sleeper at a time. */
  async sleep(longest: Millis, signal: AbortSignal): Promise<void> {
    if (!this.#hasRung && !signal.aborted) {
      const waking = new AbortController();
      this.#waking = waking;
      const either = AbortSignal.any([signal, waking.signal]);
      await this.#clock.sleep(longest, either).catch((error: unknown) => {
        if (!either.aborted) throw error;
      });
      this.#waking = undefined;
    }
    this.#hasRung = false;
  }
}
