import type { Clock } from '../lib/clock.ts';
import { type Millis, millis } from '../lib/units.ts';

export interface Backoff {
  readonly base: Millis;
  readonly max: Millis;
}

/**
 * Exponential back-off with full jitter: anything between nothing and a ceiling that doubles with each failure.
 * Full, because clients that failed together must not come back together.
 */
export function backoffDelay(backoff: Backoff, failures: number, clock: Clock): Millis {
  const ceiling = Math.min(backoff.max, backoff.base * 2 ** Math.min(failures - 1, 30));
  return millis(clock.random() * ceiling);
}
