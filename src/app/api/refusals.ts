import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import type { Counter, Metrics } from '../../lib/metrics.ts';

/** Between two lines of the same kind. */
const quietTime = 60_000;

export function createApiMetrics(metrics: Metrics) {
  return {
    refusals: metrics.counter({
      name: 'sluice_api_refusals_total',
      help: 'Requests to the Admin API that were refused: credentials missing or wrong, or not allowed.',
      labels: ['reason'],
    }),
  };
}

/** Counts who was refused, and says it once a minute at most: whoever tries passwords must not fill the log. */
export class Refusals {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #refusals: Counter;
  readonly #lines = new Map<string, { next: number; unsaid: number }>();

  constructor({
    clock,
    log,
    metrics,
  }: { readonly clock: Clock; readonly log: Log; readonly metrics: Metrics }) {
    this.#clock = clock;
    this.#log = log;
    this.#refusals = createApiMetrics(metrics).refusals;
    for (const reason of ['unauthenticated', 'wrong_credentials', 'forbidden'])
      this.#refusals.add(0, { reason });
  }

  /** `whom`: an address or a user; never what was sent. */
  count(
    { status, isFailedLogin }: { readonly status: 401 | 403; readonly isFailedLogin: boolean },
    whom: string,
  ): void {
    const reason = isFailedLogin
      ? 'wrong_credentials'
      : status === 401
        ? 'unauthenticated'
        : 'forbidden';
    this.#refusals.add(1, { reason });
    if (reason === 'wrong_credentials')
      this.#say(reason, (requests) =>
        this.#log.warn(
          { prefix: 'main', requests, last: whom },
          'Requests to the Admin API had credentials that are not known.',
        ),
      );
  }

  /** Something that nobody expected. */
  failed(endpoint: string, reason: string): void {
    this.#say(endpoint, (requests) =>
      this.#log.warn(
        { prefix: 'main', requests, endpoint, reason },
        'The Admin API could not answer.',
      ),
    );
  }

  #say(kind: string, write: (times: number) => void): void {
    const now = this.#clock.elapsed();
    const line = this.#lines.get(kind) ?? { next: Number.NEGATIVE_INFINITY, unsaid: 0 };
    this.#lines.set(kind, line);
    line.unsaid += 1;
    if (now < line.next) return;
    write(line.unsaid);
    line.unsaid = 0;
    line.next = now + quietTime;
  }
}
