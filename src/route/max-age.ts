import type { Clock } from '../lib/clock.ts';
import type { Millis } from '../lib/units.ts';
import type { AnalyticsRecord } from '../record/record.ts';
import type { Item, Origin } from './item.ts';

/**
 * Says which records are too old to be sent. A record is as old as its own time says, by the clock of this machine; one that has
 * none, or whose time an edit has emptied, as its claim. What an operator has asked for, a dead letter that is tried again or
 * a range that is given again, is never too old.
 */
export class MaxAge {
  readonly #age: Millis;
  readonly #clock: Clock;

  constructor(age: Millis, clock: Clock) {
    this.#age = age;
    this.#clock = clock;
  }

  /** Records of this origin from before that time are too old; undefined: none is. */
  bornBefore(origin: Origin): number | undefined {
    if (origin.kind === 'letter' || origin.lease.isAgain === true) return undefined;
    return this.#clock.now() - this.#age;
  }

  /** Of those that are to be sent now. */
  staleOf(items: readonly Item[]): readonly Item[] {
    return items.filter(({ origin, record }) => {
      const limit = this.bornBefore(origin);
      return limit !== undefined && isBornBefore(limit, record, origin);
    });
  }
}

export function isBornBefore(limit: number, record: AnalyticsRecord, origin: Origin): boolean {
  const { seconds, nanos } = record.time('timestamp');
  if (seconds > 0) return Number(seconds) * 1000 + nanos / 1e6 < limit;
  return origin.kind === 'range' && origin.lease.range.claimedAt < limit;
}
