import type { PumpEntry } from '../config/config.ts';
import type { Clock } from '../lib/clock.ts';
import { seconds } from '../lib/units.ts';
import type { AnalyticsRecord } from '../record/record.ts';
import { hasPayload, type LeakKind, leaksOf } from './leaks.ts';
import { redactsSomething } from './redacts-something.ts';

/** Of records that were looked at, how many carry secrets of each kind. */
export interface Leaks {
  readonly looked: number;
  readonly carrying: Readonly<Record<LeakKind, number>>;
}

interface Events {
  leaking(leaks: Leaks): void;
}

/** Enough to notice within seconds what every other call carries, and no cost that can be measured. */
const mostLooks = 8;
const lookEvery = seconds(1);
/** To find those that have payloads. */
const mostAsked = 32;

/** Looks at a few of the records that leave, where nobody has decided whether secrets may. */
export class LeakWatch {
  readonly #events: Events;
  readonly #clock: Clock;
  #next = Number.NEGATIVE_INFINITY;

  constructor(events: Events, clock: Clock) {
    this.#events = events;
    this.#clock = clock;
  }

  /** Undefined where it is decided. */
  static of(entry: PumpEntry, events: Events, clock: Clock): LeakWatch | undefined {
    return isDecided(entry) ? undefined : new LeakWatch(events, clock);
  }

  /** Some of these, now and then. */
  look(items: readonly { readonly record: AnalyticsRecord }[]): void {
    const now = this.#clock.elapsed();
    if (now < this.#next) return;
    this.#next = now + lookEvery;
    const leaks = leaksIn(items.slice(0, mostAsked), mostLooks);
    if (leaks.looked > 0) this.#events.leaking(leaks);
  }
}

/** `redact` takes secrets out, or is there and empty, which says that it shall not. */
export const isDecided = ({ records, rules: { redact } }: PumpEntry): boolean =>
  records === 'uptime' ||
  (redact !== undefined && (redact.presets.includes('secrets') || !redactsSomething(redact)));

/** Of the first so many records with payloads. */
export function leaksIn(
  items: Iterable<{ readonly record: AnalyticsRecord }>,
  most: number,
): Leaks {
  const carrying = { authorization: 0, cookie: 0, token: 0 };
  let looked = 0;
  for (const { record } of items) {
    if (!hasPayload(record)) continue;
    looked += 1;
    for (const kind of leaksOf(record)) carrying[kind] += 1;
    if (looked === most) break;
  }
  return { looked, carrying };
}
