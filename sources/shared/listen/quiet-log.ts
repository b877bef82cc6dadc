import type { Clock, Log } from '#source';

const once = 60_000;

/**
 * Says a sentence at most once a minute for each reason, with how often it was left out: what strangers do on a port must not fill the
 * log. Metrics count all of it.
 */
export class QuietLog {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #said = new Map<string, { at: number; left: number }>();

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** `message`, and `reason` among the fields: each one of few. */
  warn(fields: Readonly<Record<string, unknown>>, message: string): void {
    const now = this.#clock.elapsed();
    const key = `${message} ${String(fields['reason'])}`;
    const said = this.#said.get(key);
    if (said !== undefined && now - said.at < once) {
      said.left += 1;
      return;
    }
    this.#said.set(key, { at: now, left: 0 });
    const left = said?.left ?? 0;
    this.#log.warn(left === 0 ? fields : { ...fields, left_out_before: left }, message);
  }
}
