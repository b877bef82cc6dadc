import type { Millis } from '../lib/units.ts';
import type { Limits } from '../pump/limits.ts';
import type { Item, Parcel } from './item.ts';
import type { Room } from './retry-queue.ts';

interface Group {
  readonly items: readonly Item[];
  readonly addedAt: Millis;
}

/**
 * Records that wait for their batch, oldest first. Batches span ranges and lists. It only knows what could leave;
 * when a batch that is not full leaves is the courier's decision.
 */
export class Batcher {
  readonly #limits: Limits;
  readonly #groups: Group[] = [];
  /** Records of the first group that have left. */
  #taken = 0;
  #count = 0;
  #bytes = 0;
  #order = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isFull(): boolean {
    return this.#count >= this.#limits.records || this.#bytes >= this.#limits.bytes;
  }

  /** When the oldest record came in, on the monotonic clock. */
  get oldestAt(): Millis | undefined {
    return this.#groups[0]?.addedAt;
  }

  add(items: readonly Item[], bytes: number, now: Millis): void {
    if (items.length === 0) return;
    this.#groups.push({ items, addedAt: now });
    this.#count += items.length;
    this.#bytes += bytes;
  }

  /**
   * The next batch, as large as the limits allow `beside` what is in it already; one record larger than the limit goes
   * alone.
   */
  take(beside: Room = { records: 0, bytes: 0 }): Parcel | undefined {
    const items: Item[] = [];
    const mostRecords = this.#limits.records - beside.records;
    const mostBytes = this.#limits.bytes - beside.bytes;
    let bytes = 0;
    for (let group = this.#groups[0]; group !== undefined; group = this.#groups[0]) {
      let index = this.#taken;
      for (; index < group.items.length && items.length < mostRecords; index++) {
        const item = group.items[index];
        if (item === undefined) break;
        const isFirst = items.length + beside.records === 0;
        if (!isFirst && bytes + item.size > mostBytes) break;
        items.push(item);
        bytes += item.size;
      }
      this.#taken = index;
      if (index < group.items.length) break;
      this.#groups.shift();
      this.#taken = 0;
    }
    if (items.length === 0) return undefined;
    this.#count -= items.length;
    this.#bytes -= bytes;
    return { items, bytes, order: this.#order++, isAlone: false, suspicion: 0 };
  }

  /** The youngest record, alone: of what comes now it says the most. */
  takeLast(): Parcel | undefined {
    const group = this.#groups.pop();
    const item = group?.items.at(-1);
    if (group === undefined || item === undefined) return undefined;
    const isOnlyGroup = this.#groups.length === 0;
    if (group.items.length > (isOnlyGroup ? this.#taken + 1 : 1))
      this.#groups.push({ ...group, items: group.items.slice(0, -1) });
    else if (isOnlyGroup) this.#taken = 0;
    this.#count -= 1;
    this.#bytes -= item.size;
    return { items: [item], bytes: item.size, order: this.#order++, isAlone: false, suspicion: 0 };
  }
}
