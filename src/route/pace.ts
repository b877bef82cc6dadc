import type { Clock } from '../lib/clock.ts';
import { type Millis, millis } from '../lib/units.ts';
import { type Backoff, backoffDelay } from './backoff.ts';

/** How many attempts may begin. The seam for a breaker and for concurrency that adapts to the sink's answers. */
export interface Pace {
  /** True while the sink is taken to be out of order. */
  readonly isDown: boolean;
  /** How many attempts may begin at `now` beside those under way. */
  room(now: Millis, underWay: number): number;
  /** When `room` may grow by the passing of time alone. */
  nextAt(now: Millis): Millis | undefined;
  /** The sink answered for at least one record: it works. */
  succeeded(): void;
  /** A whole batch asked to be tried again, not before `after`. */
  failed(now: Millis, after: Millis | undefined): void;
}

/** Whole batches that must fail in a row: fewer would let one unlucky batch stop its neighbours. */
const failuresInARow = 3;

/**
 * The simplest pace that does not hammer a dead sink.
 *
 * - **open**: as many attempts as the limit allows. Three batches that fail as a whole, with no success between
 *   them, shut it.
 * - **shut**: nothing begins until a back-off that grows with every further failure has passed and the attempts under
 *   way are over; then one probe. Any success opens it at once, even that of an attempt begun before.
 */
export class Gate implements Pace {
  readonly #inFlight: number;
  readonly #backoff: Backoff;
  readonly #clock: Clock;
  #failures = 0;
  #opensAt: Millis = millis(0);

  constructor(parts: { inFlight: number; backoff: Backoff; clock: Clock }) {
    this.#inFlight = parts.inFlight;
    this.#backoff = parts.backoff;
    this.#clock = parts.clock;
  }

  get isDown(): boolean {
    return this.#failures >= failuresInARow;
  }

  room(now: Millis, underWay: number): number {
    if (!this.isDown) return this.#inFlight - underWay;
    return now >= this.#opensAt && underWay === 0 ? 1 : 0;
  }

  nextAt(now: Millis): Millis | undefined {
    return this.isDown && this.#opensAt > now ? this.#opensAt : undefined;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  failed(now: Millis, after: Millis | undefined): void {
    this.#failures += 1;
    if (!this.isDown) return;
    const delay = backoffDelay(this.#backoff, this.#failures - failuresInARow + 1, this.#clock);
    this.#opensAt = millis(Math.max(this.#opensAt, now + Math.max(delay, after ?? 0)));
  }
}
