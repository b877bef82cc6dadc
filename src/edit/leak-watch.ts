import type { PumpEntry } from '../config/config.ts';
import type { AnalyticsRecord } from '../record/record.ts';
import { hasPayload, type LeakKind, leaksOf } from './leaks.ts';
import { redactsSomething } from './redact-record.ts';

/** Of records that were looked at, how many carry secrets of each kind. */
export interface Leaks {
  readonly looked: number;
  readonly carrying: Readonly<Record<LeakKind, number>>;
}

interface Events {
  leaking(leaks: Leaks): void;
}

/** Of each range: enough to notice within seconds what every other call carries, and no cost that can be measured. */
const mostLooks = 8;
/** Of each range, to find those that have payloads. */
const mostAsked = 32;

/** Looks at a few of the records that leave, where nobody has decided whether secrets may. */
export class LeakWatch {
  readonly #events: Events;

  constructor(events: Events) {
    this.#events = events;
  }

  /** Undefined where it is decided. */
  static of(entry: PumpEntry, events: Events): LeakWatch | undefined {
    return isDecided(entry) ? undefined : new LeakWatch(events);
  }

  look(items: readonly { readonly record: AnalyticsRecord }[]): void {
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
