import type { Clock } from './clock.ts';
import type { Millis } from './units.ts';

/** One for all: an error made for each ring would cost more than what it wakes. */
const rang = new Error('the bell rang');

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
    this.#waking?.abort(rang);
  }

  /** Never rejects. One sleeper at a time. */
  async sleep(longest: Millis, signal: AbortSignal): Promise<void> {
    if (!this.#hasRung && !signal.aborted) {
      const waking = new AbortController();
      this.#waking = waking;
      // Not AbortSignal.any: what is derived from a long-lived signal adds up.
      const stop = (): void => waking.abort(rang);
      signal.addEventListener('abort', stop, { once: true });
      try {
        await this.#clock.sleep(longest, waking.signal);
      } catch (error) {
        if (!waking.signal.aborted) throw error;
      } finally {
        signal.removeEventListener('abort', stop);
        this.#waking = undefined;
      }
    }
    this.#hasRung = false;
  }
}
