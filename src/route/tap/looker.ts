/**
 * Looks at records for those who listen. What bounds it, so that no route is slower for it:
 *
 * - each listener has a **rate**, and records beyond it are not decoded;
 * - all of them together have a share of the thread's **time**, for expressions, redaction and JSON. Where it is spent, records pass
 *   unseen.
 *   What one took beyond that is paid back before the next is looked at.
 *
 * What passes unseen is counted, and told to whoever listens.
 */
import type { Clock } from '../../lib/clock.ts';
import { compileQuery, type Selects } from '../../query/compile.ts';
import { parseQuery } from '../../query/parse.ts';
import type { Item } from '../item.ts';
import { Credit } from './credit.ts';
import {
  type ShowRecord,
  showerOf,
  type TapRules,
  type TapTreatments,
  tapTreatments,
} from './show-record.ts';
import type { Tapped, TappedRecord, TapWish } from './tapped.ts';

/** A route, as its records are shown; the same object as long as it runs. */
export interface TappedRoute extends TapRules {
  readonly name: string;
}

interface LookerParts {
  readonly clock: Clock;
  readonly onTapped: (tapped: Tapped) => void;
}

interface Listener {
  readonly wish: TapWish;
  readonly routes: ReadonlySet<string>;
  readonly selects: Selects | undefined;
  readonly credit: Credit;
}

/** Milliseconds of each second. */
const timeShare = 40;

export async function openLooker(parts: LookerParts): Promise<Looker> {
  return new Looker(parts, await tapTreatments());
}

export class Looker {
  readonly #parts: LookerParts;
  readonly #treatments: TapTreatments;
  readonly #time: Credit;
  readonly #showing = new WeakMap<TappedRoute, ShowRecord>();
  #listeners: readonly Listener[] = [];
  #isWarm = false;

  constructor(parts: LookerParts, treatments: TapTreatments) {
    this.#parts = parts;
    this.#treatments = treatments;
    this.#time = new Credit(timeShare, parts.clock);
  }

  follow(wishes: readonly TapWish[]): void {
    this.#listeners = wishes.map(
      (wish) =>
        this.#listeners.find((each) => each.wish.id === wish.id) ?? {
          wish,
          routes: new Set(wish.routes),
          selects: selecting(wish.where),
          credit: new Credit(wish.rate, this.#parts.clock),
        },
    );
  }

  look(route: TappedRoute, items: readonly Item[]): void {
    if (items.length === 0) return;
    // What one listener is shown, others may be.
    const shown = new Map<Item, string | undefined>();
    for (const listener of this.#listeners) {
      const { wish, routes } = listener;
      if (routes.size > 0 && !routes.has(route.name)) continue;
      const { chosen, skipped } = this.#choose(listener, items);
      const records: TappedRecord[] = [];
      const at = this.#parts.clock.now();
      let unseen = skipped;
      for (const item of chosen) {
        const record = this.#shown(route, item, shown);
        if (record === undefined) unseen += 1;
        else records.push({ route: route.name, id: item.id, at, record });
      }
      if (records.length > 0 || unseen > 0)
        this.#parts.onTapped({ listener: wish.id, records, skipped: unseen });
    }
  }

  #choose(
    { selects, credit }: Listener,
    items: readonly Item[],
  ): { readonly chosen: readonly Item[]; readonly skipped: number } {
    const most = Math.min(items.length, Math.floor(credit.left));
    if (most < 1 || this.#time.left <= 0) return { chosen: [], skipped: items.length };
    const chosen: Item[] = [];
    let looked = items.length;
    if (selects === undefined) {
      // From all of it: its beginning alone might be all of one kind.
      for (let at = 0; at < most; at++)
        chosen.push(items[Math.floor((at * items.length) / most)] as Item);
      looked = most;
    } else {
      for (const [at, item] of items.entries()) {
        if (chosen.length === most || this.#time.left <= 0) {
          looked = at;
          break;
        }
        if (this.#timed(() => holds(selects, item))) chosen.push(item);
      }
    }
    credit.spend(chosen.length);
    return { chosen, skipped: items.length - looked };
  }

  /** Undefined: there is no time for it, or it cannot be shown. */
  #shown(route: TappedRoute, item: Item, shown: Map<Item, string | undefined>): string | undefined {
    if (shown.has(item)) return shown.get(item);
    const record = this.#time.left > 0 ? this.#timed(() => this.#show(route, item)) : undefined;
    shown.set(item, record);
    if (record !== undefined) this.#isWarm = true;
    return record;
  }

  #show(route: TappedRoute, item: Item): string | undefined {
    let show = this.#showing.get(route);
    if (show === undefined) {
      show = showerOf(route, this.#treatments);
      this.#showing.set(route, show);
    }
    try {
      return show(item);
    } catch {
      // It goes to the sink all the same; who looks on misses it.
      return undefined;
    }
  }

  #timed<T>(work: () => T): T {
    const { clock } = this.#parts;
    const begun = clock.elapsed();
    const done = work();
    const spent = clock.elapsed() - begun;
    // The first of all also makes what all others use. Whatever one costs, others are looked at a second later.
    if (this.#isWarm) this.#time.spend(Math.min(spent, timeShare));
    return done;
  }
}

function selecting(where: string): Selects | undefined {
  if (where === '') return undefined;
  const parsed = parseQuery(where);
  return parsed.ok ? compileQuery(parsed.query) : () => false;
}

/** An expression is for calls: it selects none of what the gateway found out about upstreams. */
function holds(selects: Selects, { origin, record }: Item): boolean {
  if (origin.list.decoder.records !== 'analytics') return false;
  try {
    return selects(record);
  } catch {
    return false;
  }
}
