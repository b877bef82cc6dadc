import type { Clock } from '../../lib/clock.ts';
import type { Millis } from '../../lib/units.ts';
import type { Backoff } from '../backoff.ts';
import type { AttemptEnd } from './attempt-end.ts';
import { Breaker, type BreakerState } from './breaker.ts';
import { AdaptiveConcurrency, type Concurrency, fixedConcurrency } from './concurrency.ts';

export interface PaceParts {
  /** Most attempts under way: the pump's ceiling, or what the operator lowered it to. */
  readonly ceiling: number;
  /** `fixed`: always the ceiling. */
  readonly concurrency: 'adaptive' | 'fixed';
  readonly backoff: Backoff;
  readonly clock: Clock;
}

/**
 * How many attempts may begin, learnt from how those before them ended: a breaker (breaker.ts) that says whether any may,
 * and a concurrency (concurrency.ts) that says how many. When the breaker opens the concurrency starts anew: what was
 * learnt before an outage no longer holds.
 */
export class Pace {
  readonly #breaker: Breaker;
  readonly #concurrency: Concurrency;

  constructor({ ceiling, concurrency, backoff, clock }: PaceParts) {
    this.#breaker = new Breaker(backoff, clock);
    this.#concurrency =
      concurrency === 'fixed' || ceiling <= 1
        ? fixedConcurrency(Math.max(1, ceiling))
        : new AdaptiveConcurrency(ceiling, clock.elapsed());
  }

  get state(): BreakerState {
    return this.#breaker.state;
  }

  /** True while the sink is taken to be out of order: at most one attempt, a probe, is under way then. */
  get isDown(): boolean {
    return this.#breaker.state !== 'closed';
  }

  /** Attempts that may be under way while the sink works. */
  get concurrency(): number {
    return this.#concurrency.limit;
  }

  /** How many attempts may begin at `now` beside those under way. */
  room(now: Millis, underWay: number): number {
    if (!this.isDown) return this.#concurrency.room(underWay);
    return underWay === 0 && this.#breaker.mayProbe(now) ? 1 : 0;
  }

  /** When `room` may grow by the passing of time alone. */
  nextAt(now: Millis): Millis | undefined {
    return this.#breaker.probeAt(now);
  }

  /** An attempt begins. */
  began(): void {
    this.#breaker.began();
  }

  /** Records came that have not failed yet: where the outage is in doubt they need not wait for the next probe. */
  came(now: Millis): void {
    this.#breaker.doubt(now);
  }

  /** An attempt ended. Once for each `began`, except for those of a route that ends. */
  ended(end: AttemptEnd): void {
    const wasDown = this.isDown;
    const { now, wholeFailure } = end;
    if (end.isNoNews && !wasDown) return;
    if (wholeFailure === undefined) this.#breaker.succeeded();
    else if (wholeFailure.isRefusal === true) this.#breaker.trip(now);
    else {
      // Too many at once are no outage: each of them may be refused while the sink works on others.
      const inARow = wholeFailure.kind === 'throttled' ? this.#concurrency.limit : 0;
      const { isDoubtful } = end;
      this.#breaker.failed({ now, after: wholeFailure.after, inARow, isDoubtful });
    }
    if (this.isDown !== wasDown) this.#concurrency.restart(now);
    else if (!wasDown) this.#concurrency.ended(end);
  }
}
