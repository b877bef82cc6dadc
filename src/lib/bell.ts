import type { Clock } from './clock.ts';
import type { Millis } from './units.ts';
import { onAbort } from './waiting.ts';

/** Wakes a loop early: `sleep` ends at a ring, after a time, or at once when it rang since the last sleep. */
export class Bell {
  readonly #clock: Clock;
  #hasRung = false;
  #wake: () => void = nothing;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    this.#hasRung = true;
    this.#wake();
  }

  /** True: it rang. Never rejects. One sleeper at a time. Without a signal whoever sleeps has it rung at the abort. */
  async sleep(longest: Millis, signal?: AbortSignal): Promise<boolean> {
    if (!this.#hasRung && signal?.aborted !== true) {
      const wake = (): void => this.#wake();
      const callOff = this.#clock.after(longest, wake);
      const forget = signal && onAbort(signal, wake);
      await this.#woken();
      callOff();
      forget?.();
    }
    return this.#hear();
  }

  /** The same without a time, for what happens at every range: listeners and timers cost more there than what they wake. */
  async rung(): Promise<void> {
    if (!this.#hasRung) await this.#woken();
    this.#hear();
  }

  async #woken(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = nothing;
  }

  /** Whether it has rung since this was asked last. */
  #hear(): boolean {
    const hasRung = this.#hasRung;
    this.#hasRung = false;
    return hasRung;
  }
}

const nothing = (): void => undefined;
