import type { Clock } from '../../lib/clock.ts';
import type { Log, LogFields } from '../../lib/log.ts';
import { type Millis, millis } from '../../lib/units.ts';

/** Between two lines above debug about the same. */
const newsEvery = 60_000;
/** Told apart in a sum; the others are told as one. */
const mostReasons = 10;

/** What happened, in a line that may come very often. */
export interface Happening {
  readonly level: 'error' | 'warn';
  readonly message: string;
  readonly reason: string;
  /** Left out where the same records come again and again, so that their sum would say nothing. */
  readonly records?: number;
  readonly fields?: LogFields;
}

interface Window {
  readonly since: Millis;
  /** The last one; undefined while nothing was swallowed. */
  last: Happening | undefined;
  times: number;
  records: number;
  readonly reasons: Map<string, number>;
}

/**
 * Decides how often a person hears of the same: at once, and then in a sum at the end of each minute in which it
 * happened again, or of the route. Nothing is swallowed: the lines of a topic add up to what happened.
 */
export class News {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #windows = new Map<string, Window>();

  constructor({ log, clock }: { readonly log: Log; readonly clock: Clock }) {
    this.#log = log;
    this.#clock = clock;
  }

  tell(topic: string, happening: Happening): void {
    const now = this.#clock.elapsed();
    this.#close(topic, millis(now - newsEvery));
    const open = this.#windows.get(topic);
    const { level, message, reason, records, fields } = happening;
    this.#log[open === undefined ? level : 'debug']({ records, ...fields, reason }, message);
    if (open === undefined) {
      this.#windows.set(topic, anEmptyWindow(now));
      return;
    }
    const amount = records ?? 1;
    const isKnown = open.reasons.has(reason) || open.reasons.size < mostReasons;
    const key = isKnown ? reason : 'others';
    open.reasons.set(key, (open.reasons.get(key) ?? 0) + amount);
    open.times += 1;
    open.records += amount;
    open.last = happening;
  }

  /** When the next sum is due, if there is one. */
  get dueAt(): Millis | undefined {
    const begun = [...this.#windows.values()].filter(({ last }) => last !== undefined);
    if (begun.length === 0) return undefined;
    return millis(Math.min(...begun.map(({ since }) => since)) + newsEvery);
  }

  /** The sums that are due. */
  sayDue(): void {
    const before = millis(this.#clock.elapsed() - newsEvery);
    for (const topic of [...this.#windows.keys()]) this.#close(topic, before);
  }

  /** Every sum, due or not: the route ends. */
  sayAll(): void {
    for (const topic of [...this.#windows.keys()]) this.#close(topic, this.#clock.elapsed());
    this.#windows.clear();
  }

  /** Says the sum of a window that began no later than so; the next begins where there was one, for it goes on. */
  #close(topic: string, begunBy: Millis): void {
    const window = this.#windows.get(topic);
    if (window === undefined || window.since > begunBy) return;
    const now = this.#clock.elapsed();
    const { last, times, records, reasons, since } = window;
    if (last === undefined) {
      this.#windows.delete(topic);
      return;
    }
    this.#windows.set(topic, anEmptyWindow(now));
    this.#log[last.level](
      {
        records: last.records === undefined ? undefined : records,
        times,
        ...last.fields,
        reason: last.reason,
        reasons: Object.fromEntries(reasons),
        seconds: Math.round((now - since) / 1000),
      },
      last.message,
    );
  }
}

const anEmptyWindow = (since: Millis): Window => ({
  since,
  last: undefined,
  times: 0,
  records: 0,
  reasons: new Map(),
});
