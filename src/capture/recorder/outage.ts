import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import type { Millis } from '../../lib/units.ts';
import type { Outcome } from './destination.ts';

type Failure = Exclude<Outcome, { readonly kind: 'written' }>;

const againMessage = 'Records are written again.';

/** Says once that records wait and why, once that some are lost, and at the end how many that were. */
export class Outage {
  readonly #clock: Clock;
  readonly #log: Log;
  #since: Millis | undefined;
  #reason: string | undefined;
  #wasRefused = false;
  #dropped = 0;
  #unknown = 0;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  get reason(): string | undefined {
    return this.#reason;
  }

  begin(failure: Failure): void {
    const { reason } = failure;
    this.#since ??= this.#clock.elapsed();
    const isRefusal = failure.kind === 'not-written' && !failure.isAway;
    // An outage may become a refusal, which needs somebody.
    if (isRefusal && !this.#wasRefused) {
      this.#wasRefused = true;
      this.#log.error({ reason }, 'Records wait: Redis refuses them.');
    } else if (this.#reason === undefined)
      this.#log.warn({ reason }, 'Records wait: Redis does not take them at present.');
    this.#reason = reason;
  }

  unknown(records: number): void {
    this.#unknown += records;
  }

  lose(records: number): void {
    if (this.#dropped === 0)
      this.#log.error(
        { reason: this.#reason },
        'The queue of records is full, so the oldest are dropped.',
      );
    this.#dropped += records;
  }

  /** `waiting`: records that are still to be written. */
  end(waiting: number): void {
    const [dropped, unknown] = [this.#dropped, this.#unknown];
    if (this.#since !== undefined) {
      const seconds = Math.round((this.#clock.elapsed() - this.#since) / 100) / 10;
      const fields = { seconds, dropped, written_again: unknown || undefined };
      this.#log[dropped > 0 ? 'error' : 'info'](fields, againMessage);
    } else if (dropped > 0) {
      // It goes on as long as the queue is long.
      if (waiting > 0) return;
      this.#log.error(
        { dropped },
        'Records were dropped: they came faster than they were written.',
      );
    }
    this.#since = undefined;
    this.#reason = undefined;
    this.#wasRefused = false;
    this.#dropped = 0;
    this.#unknown = 0;
  }
}
