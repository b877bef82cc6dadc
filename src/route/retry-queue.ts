import type { Millis } from '../lib/units.ts';
import type { Limits } from '../pump/limits.ts';
import type { Parcel } from './item.ts';

interface Waiting {
  readonly dueAt: Millis;
  readonly parcel: Parcel;
}

/** Parcels that wait for their next attempt, soonest first. They hold bytes but no place among those under way. */
export class RetryQueue {
  readonly #limits: Limits;
  /** Sorted by `dueAt`. An array, since moving a few thousand pointers costs less than a heap's bookkeeping. */
  readonly #waiting: Waiting[] = [];
  #records = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get records(): number {
    return this.#records;
  }

  get nextAt(): Millis | undefined {
    return this.#waiting[0]?.dueAt;
  }

  add(parcel: Parcel, dueAt: Millis): void {
    let low = 0;
    let high = this.#waiting.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#waiting[middle]?.dueAt ?? Infinity) <= dueAt) low = middle + 1;
      else high = middle;
    }
    this.#waiting.splice(low, 0, { dueAt, parcel });
    this.#records += parcel.items.length;
  }

  /** What is due, regrouped: parcels that may be joined go together, oldest first, as far as the limits allow. */
  take(now: Millis): Parcel | undefined {
    const first = this.#shift(now);
    if (first === undefined || first.isAlone) return first;
    const group = [first];
    let { bytes } = first;
    let records = first.items.length;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const { parcel, dueAt } = next;
      if (dueAt > now || parcel.isAlone) break;
      if (records + parcel.items.length > this.#limits.records) break;
      if (bytes + parcel.bytes > this.#limits.bytes) break;
      this.#shift(now);
      group.push(parcel);
      bytes += parcel.bytes;
      records += parcel.items.length;
    }
    if (group.length === 1) return first;
    group.sort((a, b) => a.order - b.order);
    return {
      items: group.flatMap((parcel) => parcel.items),
      bytes,
      order: Math.min(...group.map((parcel) => parcel.order)),
      isAlone: false,
      suspicion: 0,
    };
  }

  #shift(now: Millis): Parcel | undefined {
    const first = this.#waiting[0];
    if (first === undefined || first.dueAt > now) return undefined;
    this.#waiting.shift();
    this.#records -= first.parcel.items.length;
    return first.parcel;
  }
}
