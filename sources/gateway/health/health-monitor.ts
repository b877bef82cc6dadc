import { type Clock, type Log, millis } from '#source';
import type { Check, Sight } from './check.ts';
import type { HealthMeter } from './health-meter.ts';
import { look } from './probe.ts';

interface Parts {
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: HealthMeter;
  /** Called for each look. */
  readonly onSight: (check: Check, sight: Sight) => void;
}

interface Watched {
  readonly check: Check;
  isDown: boolean;
  /** Looks in a row that found the other state than `isDown` says. */
  against: number;
  callOff: () => void;
}

/** Looks that are under way at a time; others wait for their turn, so that a thousand checks do not take all sockets. */
const mostAtOnce = 32;

/**
 * Looks at upstreams in their rhythms, and knows which of them are down. Until enough looks have failed, one is not: a start, or
 * a new upstream, must not wait for checks.
 */
export class HealthMonitor {
  readonly #parts: Parts;
  /** By what they check: one that a reload keeps goes on as it was. */
  #watched = new Map<string, Watched>();
  /** Checks that say so, by API and place. */
  readonly #down = new Map<string, number>();
  #underWay = 0;
  readonly #waiting: Watched[] = [];
  #isStopped = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Looks at these from now on, and at no others. */
  watch(checks: readonly Check[]): void {
    const before = this.#watched;
    this.#watched = new Map();
    for (const check of checks) {
      const key = JSON.stringify(check);
      if (this.#watched.has(key)) continue;
      const known = before.get(key);
      before.delete(key);
      const watched = known ?? { check, isDown: false, against: 0, callOff: nothing };
      this.#watched.set(key, watched);
      // Spread over the first second, and then over the interval, so that many checks do not come at once.
      if (known === undefined) this.#later(watched, Math.min(1000, check.rhythm.interval));
    }
    for (const gone of before.values()) {
      gone.callOff();
      if (gone.isDown) this.#mark(gone.check, -1);
    }
    this.#show();
  }

  isDown(api: string, place: string): boolean {
    return this.#down.size > 0 && this.#down.has(nameOf({ api, place }));
  }

  stop(): void {
    this.#isStopped = true;
    for (const { callOff } of this.#watched.values()) callOff();
    this.#waiting.length = 0;
  }

  #later(watched: Watched, most: number, least = 0): void {
    const { clock } = this.#parts;
    const wait = millis(least + (most - least) * clock.random());
    watched.callOff = clock.after(wait, () => this.#begin(watched));
  }

  #begin(watched: Watched): void {
    if (this.#underWay >= mostAtOnce) {
      this.#waiting.push(watched);
      return;
    }
    this.#underWay += 1;
    const { clock } = this.#parts;
    const { probe, rhythm } = watched.check;
    void look(probe, { timeout: rhythm.timeout, clock }).then((sight) => {
      this.#underWay -= 1;
      this.#take(watched, sight);
      const next = this.#waiting.shift();
      if (next !== undefined) this.#begin(next);
    });
  }

  #take(watched: Watched, sight: Sight): void {
    const { check } = watched;
    if (this.#isStopped || this.#watched.get(JSON.stringify(check)) !== watched) return;
    const { interval, unhealthyAfter, healthyAfter } = check.rhythm;
    this.#later(watched, interval * 1.1, interval * 0.9);
    const { log, meter, onSight } = this.#parts;
    const isFine = sight.failure === undefined;
    meter.looked(isFine);
    onSight(check, sight);
    watched.against = isFine === watched.isDown ? watched.against + 1 : 0;
    if (watched.against < (watched.isDown ? healthyAfter : unhealthyAfter)) return;
    watched.against = 0;
    watched.isDown = !isFine;
    this.#mark(check, isFine ? -1 : 1);
    this.#show();
    const where = { api: check.api, upstream: check.place };
    if (isFine) log.info(where, 'An upstream is healthy again.');
    else
      log.warn({ ...where, reason: sight.failure }, 'An upstream is unhealthy: its checks fail.');
  }

  #mark(check: Check, change: 1 | -1): void {
    const name = nameOf(check);
    const count = (this.#down.get(name) ?? 0) + change;
    if (count > 0) this.#down.set(name, count);
    else this.#down.delete(name);
  }

  #show(): void {
    let unhealthy = 0;
    for (const { isDown } of this.#watched.values()) if (isDown) unhealthy += 1;
    this.#parts.meter.checked({ healthy: this.#watched.size - unhealthy, unhealthy });
  }
}

const nameOf = ({ api, place }: Pick<Check, 'api' | 'place'>): string => `${api} ${place}`;

const nothing = (): void => undefined;
