import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import type { Millis } from '../../lib/units.ts';
import type { Health } from '../../pump/sink.ts';
import type { Failure } from '../../pump/verdict.ts';
import type { RouteReport } from './route-report.ts';

/**
 * How the sink is: by what became of deliveries, and by what it says when it is asked. A change is said once. While deliveries
 * fail, they have the last word.
 */
export class SinkState {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #up: (isUp: boolean) => void;
  #down: { readonly since: Millis; readonly failure: Failure } | undefined;
  /** What the sink said of itself last, and since when it has said so. */
  #said: { readonly health: Health; readonly since: Millis } | undefined;

  /** `up`: the gauge. */
  constructor({ log, clock, up }: { log: Log; clock: Clock; up: (isUp: boolean) => void }) {
    this.#log = log;
    this.#clock = clock;
    this.#up = up;
    up(false);
  }

  /** The outage under way; `since` on the wall clock. */
  get down(): { readonly since: Millis; readonly failure: Failure } | undefined {
    return this.#down;
  }

  get report(): RouteReport['sink'] {
    return this.#down === undefined
      ? { state: this.#said?.health.state ?? 'unknown', since: this.#said?.since }
      : { state: 'down', since: this.#down.since };
  }

  /** What the sink said of itself last, where that was not that it is up. */
  get doubt(): string | undefined {
    const health = this.#said?.health;
    return health === undefined || health.state === 'up' ? undefined : health.reason;
  }

  /** It cannot be opened or fails every batch. Said once per outage. */
  outage(failure: Failure): void {
    const { kind, message: reason } = failure;
    if (this.#down === undefined)
      this.#log.warn({ kind, reason }, 'The sink is out of order; delivery waits for it.');
    this.#down = { since: this.#down?.since ?? this.#clock.now(), failure };
    this.#up(false);
  }

  ended(failure: Failure): void {
    const { kind, message: reason } = failure;
    this.#log.error(
      { kind, reason },
      'The sink is gone for good and the pump ends; its records wait for the next start.',
    );
    this.#down = { since: this.#clock.now(), failure };
    this.#up(false);
  }

  recovery(): void {
    if (this.#down !== undefined) this.#sayRecovery(this.#down.since);
    this.#down = undefined;
    if (this.#said?.health.state === 'down')
      this.#said = { health: { state: 'up' }, since: this.#clock.now() };
    this.#show();
  }

  checked(health: Health): void {
    const last = this.#said;
    const hasChanged = last?.health.state !== health.state;
    this.#said = { health, since: hasChanged ? this.#clock.now() : last.since };
    this.#show();
    if (!hasChanged || this.#down !== undefined) return;
    if (health.state === 'down') {
      const { reason } = health;
      this.#log.warn({ reason }, 'The sink is not ready; its records are tried all the same.');
    } else if (last?.health.state === 'down') this.#sayRecovery(last.since);
    else if (health.state === 'up') this.#log.info({}, 'The sink is ready.');
    else {
      const { reason } = health;
      this.#log.info({ reason }, 'The sink cannot tell whether it is ready.');
    }
  }

  #sayRecovery(since: Millis): void {
    const seconds = Math.round((this.#clock.now() - since) / 1000);
    this.#log.info({ seconds }, 'The sink works again.');
  }

  #show(): void {
    const state = this.#said?.health.state;
    this.#up(this.#down === undefined && (state === 'up' || state === 'unknown'));
  }
}
