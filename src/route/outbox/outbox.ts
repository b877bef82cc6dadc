import type { Millis } from '../../lib/units.ts';
import type { Limits } from '../../pump/limits.ts';
import type { Item, OutgoingBatch } from '../item.ts';
import { Batcher } from './batcher.ts';
import { RetryBudget } from './retry-budget.ts';
import { join, RetryQueue, type Room, type Waits } from './retry-queue.ts';

/** How long retries that are due wait for company while the sink is busy. */
const gathering = 200;

export interface OutboxParts {
  readonly limits: Limits;
  /** Share of the attempts that retries may take while fresh records wait. */
  readonly retryShare: number;
  /** Retries that were due stay behind, for fresh records have the place. */
  onRetriesWait(): void;
}

export interface Occasion {
  /** Nothing more is at hand and the sink has nothing to do: even a small batch leaves. */
  readonly isHurried: boolean;
  /** The batch is to find out whether the sink works: not one that is suspected, if there is another. */
  readonly isProbe: boolean;
  /** One record is enough to find out, and more might be refused for one. */
  readonly isSingle: boolean;
}

/**
 * What is to be sent, and what goes next. Fresh records and retries share batches, so that a sink that refuses a few
 * records of each batch still gets full ones; what is suspected goes alone. A batch leaves when it is full, or in a
 * hurry, or when its oldest record has waited long enough.
 *
 * While fresh records could fill a batch of their own, the retry budget says how much of it retries may have.
 */
export class Outbox {
  readonly #parts: OutboxParts;
  readonly #fresh: Batcher;
  readonly #retries = new RetryQueue();
  readonly #budget: RetryBudget;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
    this.#fresh = new Batcher(parts.limits);
    this.#budget = new RetryBudget(parts.retryShare);
  }

  get freshRecords(): number {
    return this.#fresh.size;
  }

  /** There is nothing but fresh records, and they do not fill a batch yet. */
  get isGathering(): boolean {
    return !this.#fresh.isFull && !this.#retries.hasAlone && this.#retries.stock.records === 0;
  }

  /** When the first retry is or was due. */
  get firstRetryAt(): number {
    return this.#retries.firstAt;
  }

  /** When something may be ready to leave by the passing of time alone, after `take` gave nothing. */
  get nextAt(): number {
    return Math.min(
      this.#retries.nextAt ?? Infinity,
      (this.#retries.stockSince ?? Infinity) + gathering,
      (this.#fresh.oldestAt ?? Infinity) + this.#parts.limits.age,
    );
  }

  add(items: readonly Item[], bytes: number, now: Millis): void {
    this.#fresh.add(items, bytes, now);
  }

  /** Lets go of ranges of which no record has left, or is to be sent again. */
  dropUntouched(): void {
    const untouched = [...this.#fresh.origins].filter(([origin, records]) =>
      isUntouched(origin, records),
    );
    this.#fresh.drop(new Set(untouched.map(([origin]) => origin)));
  }

  addRetry(batch: OutgoingBatch, dueAt: Millis, waits?: Waits): void {
    this.#retries.add(batch, dueAt, waits);
  }

  /** Records that wait because the sink asked for a pause, and when the last of them will be due. */
  get paused(): { readonly records: number; readonly until: Millis } | undefined {
    const until = this.#retries.pauseEndsAt;
    return until === undefined ? undefined : { records: this.#retries.pausedRecords, until };
  }

  get pausedRecords(): number {
    return this.#retries.pausedRecords;
  }

  /** The sink took records that it was asked about at `begunAt`. */
  endPauses(begunAt: Millis): void {
    this.#retries.endPauses(begunAt);
  }

  take(now: Millis, { isHurried, isProbe, isSingle }: Occasion): OutgoingBatch | undefined {
    this.#retries.wake(now);
    if (isSingle) return this.#fresh.takeLast() ?? this.#retries.takeOne();
    const isFreshDue = this.#isFreshDue(now);
    const mayJoin = isFreshDue || this.#mayLeave(now, isHurried);
    if (this.#retries.hasAlone && !(isProbe && mayJoin)) {
      if (!isFreshDue || this.#budget.coversBatch) {
        if (isFreshDue) this.#budget.spend(1);
        return this.#retries.takeAlone();
      }
      this.#parts.onRetriesWait();
    }
    return mayJoin ? this.#join() : undefined;
  }

  #isFreshDue(now: Millis): boolean {
    const { oldestAt, isFull } = this.#fresh;
    return isFull || (oldestAt !== undefined && now - oldestAt >= this.#parts.limits.age);
  }

  #mayLeave(now: Millis, isHurried: boolean): boolean {
    const { records, bytes } = this.#retries.stock;
    if (records + this.#fresh.size === 0) return false;
    if (isHurried) return true;
    if (now - (this.#retries.stockSince ?? now) >= gathering) return true;
    const { limits } = this.#parts;
    return (
      records + this.#fresh.size >= limits.records || bytes + this.#fresh.bytes >= limits.bytes
    );
  }

  #join(): OutgoingBatch | undefined {
    const fresh = this.#fillOf({ records: this.#fresh.size, bytes: this.#fresh.bytes });
    // Without fresh records in its way, or as a whole attempt, a retry of any size has its turn.
    const mayExceed = fresh === 0 || this.#budget.coversBatch;
    const again = this.#retries.take(this.#roomForRetries, { mayExceed });
    const news = this.#fresh.take(again === undefined ? none : roomOf(again));
    const retries = again === undefined ? 0 : this.#fillOf(roomOf(again));
    this.#budget.spend(Math.max(0, Math.min(retries, retries + fresh - 1)));
    if (news !== undefined) {
      this.#budget.earn(this.#fillOf(roomOf(news)));
      if (this.#retries.stock.records > 0) this.#parts.onRetriesWait();
    }
    return join([again, news].filter((batch) => batch !== undefined));
  }

  /** What fresh records leave, or what the budget gives if that is more. */
  get #roomForRetries(): Room {
    const { limits } = this.#parts;
    const { allowance } = this.#budget;
    const room = (limit: number, fresh: number): number =>
      Math.min(limit, Math.max(limit - fresh, Math.floor(allowance * limit)));
    return {
      records: room(limits.records, this.#fresh.size),
      bytes: room(limits.bytes, this.#fresh.bytes),
    };
  }

  /** Share of a batch that these take; above 1: of several. */
  #fillOf({ records, bytes }: Room): number {
    return Math.max(records / this.#parts.limits.records, bytes / this.#parts.limits.bytes);
  }
}

const none: Room = { records: 0, bytes: 0 };

/** All its records that want an answer wait here, and nothing was said of it yet that would be said again. */
function isUntouched(origin: Item['origin'], records: number): boolean {
  if (origin.kind !== 'range' || origin.pending !== records) return false;
  const { delivered, rejected, vanished } = origin.tally;
  return delivered + rejected + vanished === 0;
}

const roomOf = ({ items, bytes }: OutgoingBatch): Room => ({ records: items.length, bytes });
