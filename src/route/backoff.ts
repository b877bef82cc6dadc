import type { Clock } from '../lib/clock.ts';
import { type Millis, millis } from '../lib/units.ts';
import type { FailureKind } from '../pump/verdict.ts';

export interface Backoff {
  readonly base: Millis;
  readonly max: Millis;
}

/** What a sink may answer for want of capacity, whatever the record is. */
export const capacityKinds: ReadonlySet<FailureKind> = new Set([
  'throttled',
  'timeout',
  'unreachable',
]);

/** Attempts of a record for which a working sink had no capacity, until its pauses double. */
const attemptsPerDoubling = 8;

/**
 * Exponential back-off with full jitter: anything between nothing and a ceiling that doubles with each failure.
 * Full, because clients that failed together must not come back together.
 */
export function backoffDelay(backoff: Backoff, failures: number, clock: Clock): Millis {
  const ceiling = Math.min(backoff.max, backoff.base * 2 ** Math.min(failures - 1, 30));
  return millis(clock.random() * ceiling);
}

export interface FailedAttempt {
  /** 0: split, no failure of its records. */
  readonly attempts: number;
  readonly kind: FailureKind;
  /** The records are suspected to be the cause. */
  readonly isAlone: boolean;
  /** The breaker is open. */
  readonly isSinkDown: boolean;
}

/**
 * The pause before records are sent again. Where they may be to blame it grows with each attempt. Where the sink had no
 * capacity it grows slowly: the sink works, adapting concurrency and the retry budget keep the pressure off it, and
 * records that are refused by chance would wait for seconds at their sixth turn. With the sink down the breaker's
 * pause is everyone's.
 */
export function retryDelay(failed: FailedAttempt, backoff: Backoff, clock: Clock): Millis {
  const { attempts, kind, isAlone, isSinkDown } = failed;
  if (attempts === 0) return millis(0);
  if (isAlone || !capacityKinds.has(kind)) return backoffDelay(backoff, attempts, clock);
  return isSinkDown
    ? millis(0)
    : backoffDelay(backoff, Math.ceil(attempts / attemptsPerDoubling), clock);
}
