/**
 * How many batches a working sink is asked about at once. More than it works on at a time only wait in its queue, and
 * may be what makes it refuse.
 *
 * Time is cut into rounds of as many attempts as may be under way, all begun after the decision before them, so that a
 * decision is judged by its own effect. A round ends with one decision:
 * - **start**: the limit doubles each round from two, until the first sign of having gone too far.
 * - **grow**: one more, when all places were in use and latency is near its baseline.
 * - **hold**: latency is half above its baseline, so the sink is about full.
 * - **shrink**: by a fifth when latency is double its baseline; by half if that ends the start. When records were
 *   refused, by half the square of their share, smoothed, beside growth: in the manner of DCTCP (RFC 8257), but gentler
 *   at small shares. A sink that refuses what exceeds its capacity is kept not far above it; one that refuses some at
 *   any pace is not asked ever more slowly; one that refuses everything is asked half as much.
 *
 * A batch that was refused as a whole leaves its place empty until the next decision: a sink that refuses in no time
 * would be given the next one, and the next.
 *
 * The baseline is the least mean latency of a round. At up to two under way it is simply what is seen, since no queue
 * of our making is in it: a sink that has become slower shrinks the limit to there and grows again from its new
 * baseline. A sink that holds for very long is measured anew.
 */
import type { Millis } from '../../lib/units.ts';
import type { AttemptEnd } from './attempt-end.ts';

export interface Concurrency {
  /** At least 1. */
  readonly limit: number;
  /** How many attempts may begin beside those under way. */
  room(underWay: number): number;
  ended(end: AttemptEnd): void;
  /** Nothing that was learnt holds any more; nor do attempts under way say anything. */
  restart(now: Millis): void;
}

export function fixedConcurrency(limit: number): Concurrency {
  const nothing = (): void => undefined;
  return { limit, room: (underWay) => limit - underWay, ended: nothing, restart: nothing };
}

/** Places to start with, and up to which latency is not of our making. */
const few = 2;
/** Below this, differences in latency are those of timers and of our own event loop. */
const slack = 10;
/** Smoothing of the refused share; DCTCP's 1/16 is for rounds of a network. */
const weight = 0.3;
/** A batch that used less of its limits says little about the latency of others. */
const tellingFill = 0.5;
/** Rounds at less than the ceiling after which latency is measured anew. */
const roundsUntilMeasured = 200;

export class AdaptiveConcurrency implements Concurrency {
  readonly #ceiling: number;
  /** Between 1 and the ceiling; its whole part counts. */
  #limit: number;
  #isStarting = true;
  #baseline: number | undefined;
  /** Smoothed share of records refused. */
  #refused = 0;
  #roundsHeld = 0;
  #round: Round;

  constructor(ceiling: number, now: Millis) {
    this.#ceiling = ceiling;
    this.#limit = Math.min(few, ceiling);
    this.#round = aRound(now);
  }

  get limit(): number {
    return Math.floor(this.#limit);
  }

  room(underWay: number): number {
    return Math.max(1, this.limit - this.#round.emptied) - underWay;
  }

  restart(now: Millis): void {
    this.#limit = Math.min(few, this.#ceiling);
    this.#isStarting = true;
    this.#baseline = undefined;
    this.#refused = 0;
    this.#roundsHeld = 0;
    this.#round = aRound(now);
  }

  ended({ begunAt, now, underWay, records, refused, fill, wholeFailure }: AttemptEnd): void {
    const round = this.#round;
    if (begunAt < round.from) return;
    round.attempts += 1;
    round.records += records;
    round.refused += refused;
    round.wasFull ||= underWay >= this.limit;
    if (wholeFailure?.kind === 'throttled') round.emptied += 1;
    // What fails as a whole may fail fast or at a deadline: neither is a latency.
    if (wholeFailure === undefined && fill >= tellingFill) {
      round.samples += 1;
      round.latency += now - begunAt;
    }
    if (round.attempts >= this.limit) this.#decide(now);
  }

  #decide(now: Millis): void {
    const round = this.#round;
    this.#round = aRound(now);
    const share = round.records === 0 ? 0 : round.refused / round.records;
    this.#refused += (share - this.#refused) * (this.#isStarting ? 1 : weight);
    const strain = this.#strainOf(round);

    const isCalm = strain === 'none' && share === 0;
    if (this.#isStarting && isCalm) {
      if (round.wasFull) this.#setLimit(this.#limit * 2);
      return;
    }
    // The last doubling was too much.
    const unstrained = strain !== 'high' ? 1 : this.#isStarting ? 0.5 : 0.8;
    this.#isStarting = false;
    this.#roundsHeld = strain === 'none' ? 0 : this.#roundsHeld + 1;
    if (this.#roundsHeld >= roundsUntilMeasured) {
      this.restart(now);
      return;
    }
    const accepted = share > 0 ? 1 - this.#refused ** 2 / 2 : 1;
    const growth = round.wasFull && strain === 'none' && share < 1 ? 1 : 0;
    this.#setLimit(this.#limit * unstrained * accepted + growth);
  }

  #strainOf({ samples, latency }: Round): 'none' | 'some' | 'high' {
    if (samples === 0) return 'none';
    const mean = latency / samples;
    const before = this.#baseline ?? mean;
    this.#baseline = this.limit <= few ? (before + mean) / 2 : Math.min(before, mean);
    if (mean > this.#baseline * 2 + slack) return 'high';
    return mean > this.#baseline * 1.5 + slack ? 'some' : 'none';
  }

  #setLimit(limit: number): void {
    this.#limit = Math.max(1, Math.min(this.#ceiling, limit));
  }
}

interface Round {
  readonly from: Millis;
  attempts: number;
  records: number;
  refused: number;
  /** Places of batches that were refused as a whole. */
  emptied: number;
  /** All places were in use at some time. */
  wasFull: boolean;
  samples: number;
  /** Sum over the samples. */
  latency: number;
}

function aRound(from: Millis): Round {
  return {
    from,
    attempts: 0,
    records: 0,
    refused: 0,
    emptied: 0,
    wasFull: false,
    samples: 0,
    latency: 0,
  };
}
