import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import type { Counter } from '../../lib/metrics.ts';
import type { Millis } from '../../lib/units.ts';

const sayEvery = 60_000;

/**
 * What goes wrong with one signal: counted each time, said once a minute at most, and to a log that is not sent itself, or each
 * failure would make the next.
 */
export class Failures {
  readonly #signal: string;
  readonly #counter: Counter;
  readonly #log: Log;
  readonly #clock: Pick<Clock, 'elapsed'>;
  #saidAt: Millis | undefined;
  #unsaid = 0;
  #isFailing = false;

  constructor(
    signal: string,
    parts: { readonly counter: Counter; readonly log: Log; readonly clock: Pick<Clock, 'elapsed'> },
  ) {
    this.#signal = signal;
    this.#counter = parts.counter;
    this.#log = parts.log;
    this.#clock = parts.clock;
    this.#counter.add(0, { signal });
  }

  failed(reason: string): void {
    this.#counter.add(1, { signal: this.#signal });
    this.#unsaid += 1;
    this.#isFailing = true;
    const now = this.#clock.elapsed();
    if (this.#saidAt !== undefined && now - this.#saidAt < sayEvery) return;
    this.#saidAt = now;
    this.#log.warn(
      { signal: this.#signal, failures: this.#unsaid, error: reason },
      'The service’s own telemetry could not be sent.',
    );
    this.#unsaid = 0;
  }

  worked(): void {
    if (!this.#isFailing) return;
    this.#isFailing = false;
    this.#saidAt = undefined;
    this.#unsaid = 0;
    this.#log.info({ signal: this.#signal }, 'The service’s own telemetry is sent again.');
  }
}
