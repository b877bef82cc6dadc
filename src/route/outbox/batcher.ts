import type { Millis } from '../../lib/units.ts';
import type { Limits } from '../../pump/limits.ts';
import { bytesOf, type Item, type OutgoingBatch } from '../item.ts';
import type { Room } from './retry-queue.ts';

interface Part {
  readonly items: readonly Item[];
  readonly bytes: number;
}

interface Group extends Part {
  readonly addedAt: Millis;
}

/**
 * Records that wait for their batch, oldest first. Batches span ranges and lists. It only knows what could leave;
 * when a batch that is not full leaves is the courier's decision.
 */
export class Batcher {
  readonly #limits: Limits;
  readonly #groups: Group[] = [];
  /** What has left of the first group. */
  #taken: Room = none;
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
    this.#groups.push({ items, bytes, addedAt: now });
    this.#count += items.length;
    this.#bytes += bytes;
  }

  /**
   * The next batch, as large as the limits allow `beside` what is in it already; one record larger than the limit goes
   * alone.
   */
  take(beside = none): OutgoingBatch | undefined {
    const items: Item[] = [];
    let bytes = 0;
    for (let group = this.#groups.at(0); group !== undefined; group = this.#groups.at(0)) {
      const room = {
        records: this.#limits.records - beside.records - items.length,
        bytes: this.#limits.bytes - beside.bytes - bytes,
      };
      const rest = this.#restOf(group);
      const isFirst = items.length + beside.records === 0;
      const part = fits(rest, room) ? rest : cut(rest, room, { mayExceed: isFirst });
      items.push(...part.items);
      bytes += part.bytes;
      if (part.items.length < rest.items.length) {
        const { records, bytes: before } = this.#taken;
        this.#taken = { records: records + part.items.length, bytes: before + part.bytes };
        break;
      }
      this.#groups.shift();
      this.#taken = none;
    }
    if (items.length === 0) return undefined;
    this.#count -= items.length;
    this.#bytes -= bytes;
    return { items, bytes, order: this.#order++, isAlone: false, suspicion: 0 };
  }

  #restOf(group: Group): Part {
    if (this.#taken === none) return group;
    const { records, bytes } = this.#taken;
    return { items: group.items.slice(records), bytes: group.bytes - bytes };
  }

  /** Of what is here, by the range or letter it came from: how many records. */
  get origins(): ReadonlyMap<Item['origin'], number> {
    const counts = new Map<Item['origin'], number>();
    for (const group of this.#groups)
      for (const { origin } of this.#left(group)) counts.set(origin, (counts.get(origin) ?? 0) + 1);
    return counts;
  }

  /** Lets go of all that came from these. */
  drop(origins: ReadonlySet<Item['origin']>): void {
    const groups = this.#groups.map((group) => ({
      ...group,
      items: this.#left(group).filter(({ origin }) => !origins.has(origin)),
    }));
    this.#groups.splice(0);
    this.#taken = none;
    this.#count = 0;
    this.#bytes = 0;
    for (const { items, addedAt } of groups) this.add(items, bytesOf(items), addedAt);
  }

  #left(group: Group): readonly Item[] {
    return group === this.#groups[0] ? this.#restOf(group).items : group.items;
  }

  /** The youngest record, alone: of what comes now it says the most. */
  takeLast(): OutgoingBatch | undefined {
    const group = this.#groups.pop();
    const item = group?.items.at(-1);
    if (group === undefined || item === undefined) return undefined;
    const isOnlyGroup = this.#groups.length === 0;
    if (group.items.length > (isOnlyGroup ? this.#taken.records + 1 : 1))
      this.#groups.push({
        ...group,
        items: group.items.slice(0, -1),
        bytes: group.bytes - item.size,
      });
    else if (isOnlyGroup) this.#taken = none;
    this.#count -= 1;
    this.#bytes -= item.size;
    return { items: [item], bytes: item.size, order: this.#order++, isAlone: false, suspicion: 0 };
  }
}

const none: Room = { records: 0, bytes: 0 };

const fits = ({ items, bytes }: Part, room: Room): boolean =>
  items.length <= room.records && bytes <= room.bytes;

/** The beginning, as much as fits; `mayExceed`: the first one whatever its size. */
function cut({ items }: Part, room: Room, { mayExceed }: { readonly mayExceed: boolean }): Part {
  let [records, bytes] = [0, 0];
  for (const { size } of items) {
    const isExcused = mayExceed && records === 0;
    if (records >= room.records || (bytes + size > room.bytes && !isExcused)) break;
    records += 1;
    bytes += size;
  }
  return { items: items.slice(0, records), bytes };
}
