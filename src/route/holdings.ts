import { Bell } from '../lib/bell.ts';
import type { Clock } from '../lib/clock.ts';
import { ContractError, explain } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { type Bytes, type Millis, millis } from '../lib/units.ts';
import type { Lease, Leases, Tally } from '../purge/lease/lease.ts';
import { type Item, type OpenRange, recordCost } from './item.ts';
import type { BatchTracer } from './tracing/batch-tracer.ts';

const mebibyte = 1024 * 1024;
/** Leased together they cost one command, so it is worth waiting until so many fit. */
const worthLeasing = 4;
/** Nothing depends on it: room is announced by the bell. */
const longestSleep = millis(60_000);

/** Records of a range that never reach the sink. */
type AnsweredByReading = Pick<Tally, 'filtered' | 'stale' | 'vanished'>;

/**
 * What a route has on its hands: memory, against the bound in flight, and for each leased range how many of its records
 * are unanswered. At zero the range is settled: acknowledged in Redis, once.
 */
export class Holdings {
  readonly #leases: Leases;
  readonly #bound: Bytes;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #bell: Bell;
  readonly #onSettling: (ranges: number) => void;
  readonly #onSettled: (tally: Tally) => void;
  readonly #tracer: BatchTracer | undefined;
  /** Leased and not yet acknowledged. */
  readonly #open = new Set<OpenRange>();
  /** Acknowledgements under way, and since when. */
  readonly #settling = new Map<Promise<void>, Millis>();
  #held = 0;
  #largestRange = mebibyte;

  constructor(parts: {
    leases: Leases;
    bound: Bytes;
    clock: Clock;
    log: Log;
    /** Told how many acknowledgements are under way. */
    onSettling: (ranges: number) => void;
    /** Told what became of a range's records, once it is acknowledged, however often it was read. A late owner tells it too. */
    onSettled: (tally: Tally) => void;
    tracer: BatchTracer | undefined;
  }) {
    this.#tracer = parts.tracer;
    this.#onSettling = parts.onSettling;
    this.#onSettled = parts.onSettled;
    this.#leases = parts.leases;
    this.#bound = parts.bound;
    this.#log = parts.log;
    this.#clock = parts.clock;
    this.#bell = new Bell(parts.clock);
  }

  get heldBytes(): number {
    return this.#held;
  }

  /** Ranges leased and not yet acknowledged. */
  get openRanges(): number {
    return this.#open.size;
  }

  /** Ranges that are answered for in full and not acknowledged yet. */
  get unacknowledged(): { readonly ranges: number; readonly since: Millis } | undefined {
    const [since] = this.#settling.values();
    return since === undefined ? undefined : { ranges: this.#settling.size, since };
  }

  /** How many ranges fit. One always fits into emptiness, whatever its size. */
  get room(): number {
    return Math.max(this.#held === 0 ? 1 : 0, this.#fitsInto(this.#bound - this.#held));
  }

  /** Resolves when there is room worth leasing for, or at the signal. */
  async untilRoom(signal: AbortSignal): Promise<void> {
    while (this.room < this.#enoughRoom && !signal.aborted)
      await this.#bell.sleep(longestSleep, signal);
  }

  /** At most half of the bound. */
  get #enoughRoom(): number {
    return Math.max(1, Math.min(worthLeasing, this.#fitsInto(this.#bound / 2)));
  }

  #fitsInto(bytes: number): number {
    return Math.max(0, Math.floor(bytes / this.#largestRange));
  }

  /** Takes leases on; until it is read a range counts with its estimated bytes. */
  admit(leases: readonly Lease[]): readonly OpenRange[] {
    return leases.map((lease) => {
      const openRange: OpenRange = {
        kind: 'range',
        list: lease.range.list,
        lease,
        pending: undefined,
        tally: { delivered: 0, rejected: 0, filtered: 0, stale: 0, vanished: 0, spilled: 0 },
        carriers: 0,
        letGo: undefined,
      };
      this.#tracer?.leased(openRange);
      this.#open.add(openRange);
      const weight = weightOfRange(lease);
      this.#held += weight;
      this.#largestRange = Math.max(this.#largestRange, weight);
      return openRange;
    });
  }

  /**
   * The range has been read: `records` of it, of `bytes`, want an answer. The others are answered already. `letGo` is
   * called once they all are and nothing reads them any more, or never.
   */
  wasRead(
    openRange: OpenRange,
    {
      records,
      bytes,
      letGo,
      ...answered
    }: { records: number; bytes: number; letGo?: (() => void) | undefined } & AnsweredByReading,
  ): void {
    if (openRange.pending !== undefined) throw new ContractError('a range is read once');
    openRange.pending = records;
    openRange.letGo = letGo;
    Object.assign(openRange.tally, answered);
    this.#held += bytes + records * recordCost;
    this.free(weightOfRange(openRange.lease));
    if (records === 0) this.#settle(openRange);
    letGoIfUnread(openRange);
  }

  /** An attempt has begun that carries these. */
  carry(items: readonly Item[]): void {
    for (let at = 0; at < items.length; at = endOfRun(items, at)) {
      const { origin } = items[at] as Item;
      if (origin.kind === 'range') origin.carriers += 1;
    }
  }

  /**
   * The attempt has ended, and the sink reads nothing of them any more. Not to be called where that is not certain: an
   * attempt that was aborted, that came late or failed as a whole may leave something behind in the sink.
   */
  putDown(items: readonly Item[]): void {
    for (let at = 0; at < items.length; at = endOfRun(items, at)) {
      const { origin } = items[at] as Item;
      if (origin.kind !== 'range') continue;
      origin.carriers -= 1;
      letGoIfUnread(origin);
    }
  }

  /** The range turned out to be somebody else's by now: neither settled nor given back. */
  forget(openRange: OpenRange): void {
    if (openRange.pending !== undefined)
      throw new ContractError('a range that was read is answered for');
    this.#open.delete(openRange);
    this.free(weightOfRange(openRange.lease));
  }

  answer(
    openRange: OpenRange,
    records: number,
    outcome: 'delivered' | 'rejected' | 'stale' | 'vanished',
  ): void {
    const pending = (openRange.pending ?? 0) - records;
    if (pending < 0) throw new ContractError('a record is answered once');
    openRange.pending = pending;
    if (outcome === 'stale') openRange.tally.filtered += records;
    openRange.tally[outcome] += records;
    if (pending === 0) this.#settle(openRange);
  }

  hold(weight: number): void {
    this.#held += weight;
  }

  free(weight: number): void {
    this.#held -= weight;
    if (this.room >= this.#enoughRoom) this.#bell.ring();
  }

  /** Resolves when every acknowledgement under way has ended, well or not. */
  async settled(): Promise<void> {
    while (this.#settling.size > 0) await Promise.all(this.#settling.keys());
  }

  /** Gives back what has records without an answer. */
  async releaseRest(): Promise<void> {
    // What is answered in full is left alone, acknowledged or not: giving it back would have it delivered again.
    const rest = [...this.#open].filter(({ pending }) => pending !== 0).map(({ lease }) => lease);
    if (rest.length > 0) await this.#leases.release(rest);
  }

  #settle(openRange: OpenRange): void {
    const settling = this.#acknowledge(openRange).finally(() => {
      this.#settling.delete(settling);
      this.#onSettling(this.#settling.size);
    });
    this.#settling.set(settling, this.#clock.elapsed());
    this.#onSettling(this.#settling.size);
  }

  async #acknowledge(openRange: OpenRange): Promise<void> {
    this.#tracer?.answered(openRange);
    try {
      await this.#leases.settle(openRange.lease, openRange.tally);
      this.#open.delete(openRange);
      this.#onSettled(openRange.tally);
      this.#tracer?.settled(openRange);
    } catch (error) {
      // The lease runs out, and the range is delivered again under the same record ids.
      this.#tracer?.settled(openRange, error);
      this.#log.warn({ error: explain(error) }, 'A range could not be acknowledged.');
    }
  }
}

/** Of the items from `start` on that come from one range or letter. */
function endOfRun(items: readonly Item[], start: number): number {
  const origin = items[start]?.origin;
  let end = start + 1;
  while (end < items.length && (items[end] as Item).origin === origin) end += 1;
  return end;
}

/** Only where every record was delivered or filtered: of a rejected one the dead letter may still be under way. */
function letGoIfUnread(openRange: OpenRange): void {
  const { pending, carriers, tally, letGo } = openRange;
  if (pending !== 0 || carriers > 0 || tally.rejected > 0) return;
  openRange.letGo = undefined;
  letGo?.();
}

const weightOfRange = ({ range }: Lease): number => range.bytes + range.count * recordCost;
