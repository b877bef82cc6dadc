import type { Clock } from '../../lib/clock.ts';

/** So much a second may be spent, and at most a second's worth at once. What is spent beyond it is paid back first. */
export class Credit {
  readonly #perSecond: number;
  readonly #clock: Clock;
  #left: number;
  #at: number;

  constructor(perSecond: number, clock: Clock) {
    this.#perSecond = perSecond;
    this.#clock = clock;
    this.#left = perSecond;
    this.#at = clock.elapsed();
  }

  get left(): number {
    const now = this.#clock.elapsed();
    const grown = this.#left + ((now - this.#at) * this.#perSecond) / 1000;
    this.#left = Math.min(this.#perSecond, grown);
    this.#at = now;
    return this.#left;
  }

  spend(amount: number): void {
    this.#left -= amount;
  }
}
