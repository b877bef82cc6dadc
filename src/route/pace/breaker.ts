import type { Clock } from '../../lib/clock.ts';
import { type Millis, millis } from '../../lib/units.ts';
import { type Backoff, backoffDelay } from '../backoff.ts';

export type BreakerState = 'closed' | 'half-open' | 'open';

/** Whole batches that must fail in a row: fewer would let one unlucky batch stop its neighbours. */
const failuresInARow = 3;

export interface BatchFailure {
  readonly now: Millis;
  /** How long the sink asked to be left alone. */
  readonly after: Millis | undefined;
  /** How many such failures in a row make an outage, if more than usual. */
  readonly inARow: number;
  /** The record may be to blame. */
  readonly isDoubtful: boolean;
}

/**
 * Keeps a sink that is out of order from being hammered.
 *
 * - **closed**: the sink works; attempts begin. Three batches or more that fail as a whole, with no success between
 *   them, open it.
 * - **open**: nothing begins until a back-off has passed that grows with every failed probe, but not beyond half of the
 *   outage so far: that is how late its end may be noticed. It is never shorter than the sink asked for. Attempts from
 *   before still end meanwhile; their failures are no news.
 * - **half-open**: one probe is under way. Its failure opens the breaker again, for longer.
 *
 * Where all that fails is one record which failed before while others were taken, the outage is in doubt: records that
 * come meanwhile probe at once.
 *
 * Any success closes it, even that of an attempt begun before it opened.
 */
export class Breaker {
  readonly #backoff: Backoff;
  readonly #clock: Clock;
  #state: BreakerState = 'closed';
  /** While closed: whole failures in a row. */
  #failures = 0;
  /** Times it opened without a success between. */
  #openings = 0;
  /** When it opened first since then. */
  #downSince: Millis = millis(0);
  #probeAt: Millis = millis(0);
  #isDoubtful = false;

  constructor(backoff: Backoff, clock: Clock) {
    this.#backoff = backoff;
    this.#clock = clock;
  }

  get state(): BreakerState {
    return this.#state;
  }

  mayProbe(now: Millis): boolean {
    return this.#state === 'open' && now >= this.#probeAt;
  }

  /** When a probe will be due. */
  probeAt(now: Millis): Millis | undefined {
    return this.#state === 'open' && this.#probeAt > now ? this.#probeAt : undefined;
  }

  began(): void {
    if (this.#state === 'open') this.#state = 'half-open';
  }

  succeeded(): void {
    this.#isDoubtful = false;
    this.#state = 'closed';
    this.#failures = 0;
    this.#openings = 0;
  }

  /** Other records are at hand. Where the last failure may have been its record's own, they probe at once. */
  doubt(now: Millis): void {
    if (this.#state === 'open' && this.#isDoubtful) this.#probeAt = now;
  }

  /** One failure is enough: the sink refuses everything. */
  trip(now: Millis): void {
    this.#isDoubtful = false;
    if (this.#state !== 'open') this.#open(now, undefined);
  }

  failed({ now, after, inARow, isDoubtful }: BatchFailure): void {
    this.#isDoubtful = isDoubtful;
    switch (this.#state) {
      case 'closed':
        this.#failures += 1;
        if (this.#failures >= Math.max(failuresInARow, inARow)) this.#open(now, after);
        break;
      case 'half-open':
        this.#open(now, after);
        break;
      case 'open':
        this.#probeAt = millis(Math.max(this.#probeAt, now + (after ?? 0)));
        break;
      default:
        this.#state satisfies never;
    }
  }

  #open(now: Millis, after: Millis | undefined): void {
    this.#state = 'open';
    this.#openings += 1;
    if (this.#openings === 1) this.#downSince = now;
    const { base, max } = this.#backoff;
    const longest = millis(Math.min(max, Math.max(base, (now - this.#downSince) / 2)));
    const delay = backoffDelay({ base, max: longest }, this.#openings, this.#clock);
    this.#probeAt = millis(now + Math.max(delay, after ?? 0));
  }
}
