import type { Millis } from '../../lib/units.ts';
import type { OutgoingBatch } from '../item.ts';

/** A wait that the sink asked for. */
export interface Pause {
  readonly askedAt: Millis;
  /**
   * When the batch is due should the sink take other records meanwhile; undefined: the wait is these records' own, and
   * others prove nothing.
   */
  readonly backoffEndsAt: Millis | undefined;
}

export interface Waits {
  readonly pause?: Pause | undefined;
  /** A part of a batch that was split: the culprit is found sooner when its parts go before others that go alone. */
  readonly isPart?: boolean | undefined;
}

interface Waiting {
  readonly dueAt: Millis;
  readonly batch: OutgoingBatch;
  readonly pause: Pause | undefined;
  readonly isPart: boolean;
}

export interface Room {
  readonly records: number;
  readonly bytes: number;
}

/**
 * Batches to be sent again. Each waits until it is due; then those that go alone wait for their turn, and the others
 * are one stock from which batches are cut: many small batches make few large ones.
 */
export class RetryQueue {
  /** Sorted by `dueAt`. An array, since moving a few thousand pointers costs less than a heap's bookkeeping. */
  readonly #waiting: Waiting[] = [];
  readonly #alone: Waiting[] = [];
  readonly #stock: Waiting[] = [];
  #pausedRecords = 0;
  #stockRecords = 0;
  #stockBytes = 0;

  /** Of those that are not due: records whose sink asked for a pause. */
  get pausedRecords(): number {
    return this.#pausedRecords;
  }

  /** When the last of these will be due. */
  get pauseEndsAt(): Millis | undefined {
    return this.#waiting.findLast(({ pause }) => pause !== undefined)?.dueAt;
  }

  /** Of those that are due and may be joined. */
  get stock(): Room {
    return { records: this.#stockRecords, bytes: this.#stockBytes };
  }

  /** Since when the first of the stock is due. */
  get stockSince(): Millis | undefined {
    return this.#stock[0]?.dueAt;
  }

  get hasAlone(): boolean {
    return this.#alone.length > 0;
  }

  /** When the next becomes due. */
  get nextAt(): Millis | undefined {
    return this.#waiting[0]?.dueAt;
  }

  /** When the first is or was due. */
  get firstAt(): number {
    const heads = [this.#waiting[0], this.#alone[0], this.#stock[0]];
    return Math.min(...heads.map((head) => head?.dueAt ?? Infinity));
  }

  add(batch: OutgoingBatch, dueAt: Millis, { pause, isPart = false }: Waits = {}): void {
    this.#insert({ dueAt, batch, pause, isPart });
    if (pause !== undefined) this.#pausedRecords += batch.items.length;
  }

  /** The sink took records that it was asked about at `begunAt`: pauses asked for before are over. */
  endPauses(begunAt: Millis): void {
    if (this.#pausedRecords === 0) return;
    const kept: Waiting[] = [];
    const freed: Waiting[] = [];
    for (const one of this.#waiting)
      if (isProvedNeedless(one, begunAt)) freed.push(one);
      else kept.push(one);
    if (freed.length === 0) return;
    this.#waiting.splice(0, this.#waiting.length, ...kept);
    for (const one of freed) {
      this.#pausedRecords -= one.batch.items.length;
      this.#insert({ ...one, dueAt: one.pause?.backoffEndsAt ?? one.dueAt, pause: undefined });
    }
  }

  #insert(waiting: Waiting): void {
    let low = 0;
    let high = this.#waiting.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#waiting[middle]?.dueAt ?? Infinity) <= waiting.dueAt) low = middle + 1;
      else high = middle;
    }
    this.#waiting.splice(low, 0, waiting);
  }

  /** Lets the time be `now`: what has become due can be taken. */
  wake(now: Millis): void {
    let due = 0;
    const parts: Waiting[] = [];
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[due]) {
      if (next.dueAt > now) break;
      due += 1;
      if (next.pause !== undefined) this.#pausedRecords -= next.batch.items.length;
      if (next.isPart) parts.push(next);
      else if (next.batch.isAlone) {
        this.#alone.push(next);
      } else {
        this.#stock.push(next);
        this.#stockRecords += next.batch.items.length;
        this.#stockBytes += next.batch.bytes;
      }
    }
    if (due > 0) this.#waiting.splice(0, due);
    if (parts.length > 0) this.#alone.unshift(...parts);
  }

  /** One record of what is due. */
  takeOne(): OutgoingBatch | undefined {
    const one = this.take({ records: 1, bytes: Infinity }, { mayExceed: true });
    if (one !== undefined) return one;
    const [first] = this.#alone;
    if (first === undefined) return undefined;
    const { batch } = first;
    const [item, ...rest] = batch.items;
    if (item === undefined || rest.length === 0) return this.takeAlone();
    this.#alone[0] = {
      ...first,
      batch: { ...batch, items: rest, bytes: batch.bytes - item.size },
    };
    return { ...batch, items: [item], bytes: item.size };
  }

  takeAlone(): OutgoingBatch | undefined {
    const batch = this.#alone.shift()?.batch;
    return batch;
  }

  /** From the stock, as much as fits. `mayExceed`: a record larger than the room goes too, as the only one. */
  take(room: Room, { mayExceed }: { readonly mayExceed: boolean }): OutgoingBatch | undefined {
    const group: OutgoingBatch[] = [];
    const left = { ...room };
    let whole = 0;
    for (const { batch } of this.#stock) {
      if (batch.items.length > left.records || batch.bytes > left.bytes) break;
      whole += 1;
      group.push(batch);
      left.records -= batch.items.length;
      left.bytes -= batch.bytes;
    }
    this.#stock.splice(0, whole);
    const part = this.#cut(left, mayExceed && whole === 0);
    if (part !== undefined) group.push(part);
    const joined = join(group);
    if (joined === undefined) return undefined;
    this.#stockRecords -= joined.items.length;
    this.#stockBytes -= joined.bytes;
    return joined;
  }

  /** The beginning of the first batch, as much as fits; the rest stays. */
  #cut(room: Room, mayExceed: boolean): OutgoingBatch | undefined {
    const first = this.#stock[0];
    if (first === undefined) return undefined;
    const { items, bytes } = first.batch;
    let count = 0;
    let cut = 0;
    for (const { size } of items) {
      const fits = count < room.records && cut + size <= room.bytes;
      if (!fits && !(mayExceed && count === 0)) break;
      count += 1;
      cut += size;
    }
    if (count === 0) return undefined;
    if (count === items.length) {
      this.#stock.shift();
      return first.batch;
    }
    const rest = { ...first.batch, items: items.slice(count), bytes: bytes - cut };
    this.#stock[0] = { ...first, batch: rest };
    return { ...first.batch, items: items.slice(0, count), bytes: cut };
  }
}

const isProvedNeedless = ({ pause }: Waiting, begunAt: Millis): boolean =>
  pause?.backoffEndsAt !== undefined && pause.askedAt < begunAt;

/** One batch, its records oldest first. */
export function join(batches: readonly OutgoingBatch[]): OutgoingBatch | undefined {
  const [first, ...others] = batches;
  if (first === undefined || others.length === 0) return first;
  const sorted = [...batches].sort((a, b) => a.order - b.order);
  return {
    items: sorted.flatMap((batch) => batch.items),
    bytes: batches.reduce((sum, { bytes }) => sum + bytes, 0),
    order: sorted[0]?.order ?? first.order,
    isAlone: false,
    suspicion: 0,
    // One is enough; the records of another keep their place in what they came from.
    followed: sorted.find(({ followed }) => followed !== undefined)?.followed,
  };
}
