import type { Log, LogFields } from '../lib/log.ts';
import { troubleOf } from './connect-reasons.ts';

/** Says once that Redis is away, and once that it is back; a refusal that needs the operator is an error, once. */
export class OutageLog {
  readonly #log: Log;
  readonly #fields: LogFields;
  #isAway = false;
  #wasRefused = false;
  #wasUp = false;
  /** Since it was there. */
  #failures = 0;

  constructor(log: Log, fields: LogFields) {
    this.#log = log;
    this.#fields = fields;
  }

  /** Call for each failure; only the first of an outage is logged. Of the error, the message alone: ioredis keeps the
   * password among its fields. */
  away(error: unknown): void {
    const { reason, needsPerson } = troubleOf(error);
    this.#failures += 1;
    if (needsPerson) {
      if (!this.#wasRefused) this.#log.error({ ...this.#fields, reason }, 'Redis refuses us.');
      this.#wasRefused = true;
      this.#isAway = true;
      return;
    }
    if (this.#isAway) return;
    this.#isAway = true;
    this.#log.warn({ ...this.#fields, reason }, 'Redis is away; reconnecting until it is back.');
  }

  /** The same for one node of a Cluster that is itself up. */
  of(node: string): OutageLog {
    const log = new OutageLog(this.#log, { ...this.#fields, node });
    log.#wasUp = true;
    return log;
  }

  back(): void {
    const message = this.#wasUp ? 'Redis is back.' : 'Connected to Redis.';
    if (this.#isAway || !this.#wasUp)
      this.#log.info({ ...this.#fields, failures: this.#failures || undefined }, message);
    this.#wasUp = true;
    this.#isAway = false;
    this.#wasRefused = false;
    this.#failures = 0;
  }
}

const outages =
  /^(Connection is closed|Stream isn't writeable|Command timed out|Reached the max retries|Cluster isn't ready|Cluster is ended|None of startup nodes|Failed to refresh slots|Too many Cluster redirections|Command aborted|Socket timeout|LOADING|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|connect |read |write )|READONLY/;

/**
 * Whether a command failed because Redis is away, which the connection has logged already: the caller tries again later
 * and need not say so. False for an answer that will be the same next time (NOPERM, WRONGTYPE, OOM).
 */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return outages.test(error.message) || /^E(CONN|PIPE|TIMEDOUT|HOST|NET)/.test(codeOf(error));
}

const codeOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : '';
