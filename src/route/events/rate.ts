import type { Clock } from '../../lib/clock.ts';

/** Over how many seconds. */
const window = 60;

/** How many a second, over the last minute: a place for each second, so that counting costs next to nothing. */
export class Rate {
  readonly #clock: Pick<Clock, 'elapsed'>;
  readonly #counts = new Float64Array(window);
  readonly #began: number;
  /** The last second that anything was counted in. */
  #second: number;

  constructor(clock: Pick<Clock, 'elapsed'>) {
    this.#clock = clock;
    this.#began = clock.elapsed();
    this.#second = this.#now();
  }

  add(amount: number): void {
    this.#forget();
    const at = this.#second % window;
    this.#counts[at] = (this.#counts[at] ?? 0) + amount;
  }

  /** Of a route younger than a minute over its life; below a second there is no rate yet that says anything. */
  get perSecond(): number {
    this.#forget();
    const sum = this.#counts.reduce((all, each) => all + each, 0);
    const lived = (this.#clock.elapsed() - this.#began) / 1000;
    return sum / Math.min(window, Math.max(1, lived));
  }

  #now(): number {
    return Math.floor(this.#clock.elapsed() / 1000);
  }

  #forget(): void {
    const now = this.#now();
    for (let passed = Math.min(window, now - this.#second); passed > 0; passed--)
      this.#counts[(now - passed + 1) % window] = 0;
    this.#second = Math.max(this.#second, now);
  }
}

/** The mean of values seen in the last minute. */
export class Mean {
  readonly #values: Rate;
  readonly #times: Rate;

  constructor(clock: Pick<Clock, 'elapsed'>) {
    this.#values = new Rate(clock);
    this.#times = new Rate(clock);
  }

  add(value: number): void {
    this.#values.add(value);
    this.#times.add(1);
  }

  /** Undefined: there were none. */
  get mean(): number | undefined {
    const times = this.#times.perSecond;
    return times === 0 ? undefined : this.#values.perSecond / times;
  }
}
