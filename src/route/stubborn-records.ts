/**
 * Records that the sink refuses again and again while it takes others. One record may only ever hold up itself, and a
 * sink that is out of order is no fault of its records: so what counts is a **strike**, a failure since whose
 * predecessor the sink took more records than it wanted again.
 *
 * - After a few strikes a record is *suspected*. A batch of such that keeps failing as a whole is halved, until the
 *   culprit is alone (for kinds of failure that one bad record may explain, judge.ts does so without strikes).
 * - After as many strikes as the operator allows it is sent alone, whatever company it had; refused then too, it becomes
 *   a dead letter with the last reason. Where the sink pleads want of capacity or of rights, which may end by itself for
 *   one index and not for another, it must also have waited for some time.
 */
import type { Clock } from '../lib/clock.ts';
import type { Millis } from '../lib/units.ts';
import type { Failure, FailureKind } from '../pump/verdict.ts';
import { capacityKinds } from './backoff.ts';
import type { RouteEvents } from './events/route-events.ts';
import { bytesOf, type Item, type OutgoingBatch } from './item.ts';
import { halves, type Judgement, type Rejected, type Retry, suspects } from './judge.ts';

export interface StubbornRecordsParts {
  /** Strikes after which a record is given up; 0: never. */
  readonly attempts: number;
  /** Since its first attempt, where the sink pleads want of capacity or of rights. */
  readonly age: Millis;
  readonly clock: Clock;
  readonly events: RouteEvents;
}

/** Strikes after which a record is suspected. Want of capacity strikes by chance: of every third request, say. */
const strikesUntilSuspected = 3;
const strikesUntilSuspectedByChance = 8;

const isPassing = (kind: FailureKind): boolean =>
  capacityKinds.has(kind) || kind === 'unauthorised';

export class StubbornRecords {
  readonly #parts: StubbornRecordsParts;
  /** Records the sink took, and records it wanted again, ever. */
  #taken = 0;
  #again = 0;
  #suspected = 0;
  #lastReason = '';

  constructor(parts: StubbornRecordsParts) {
    this.#parts = parts;
  }

  get suspected(): { readonly records: number; readonly reason: string } | undefined {
    return this.#suspected === 0
      ? undefined
      : { records: this.#suspected, reason: this.#lastReason };
  }

  /** The same judgement, with its stubborn records sent alone or given up. */
  judged(batch: OutgoingBatch, judgement: Judgement): Judgement {
    this.#leave(judgement.delivered);
    for (const { item } of judgement.rejected) this.#leave([item]);
    const failed = judgement.retries.filter(({ attempts }) => attempts > 0);
    if (failed.length === 0) {
      this.#taken += judgement.delivered.length;
      return judgement;
    }
    this.#strike(failed, judgement, batch);
    if (batch.items.length === 1) return this.#judgedAlone(judgement);
    const isWhole = judgement.wholeFailure !== undefined;
    return { ...judgement, retries: judgement.retries.flatMap((one) => this.#apart(one, isWhole)) };
  }

  /** They will not be sent again. */
  forget(items: readonly Item[]): void {
    this.#leave(items);
  }

  #strike(
    failed: readonly Retry[],
    { delivered, wholeFailure }: Judgement,
    sent: OutgoingBatch,
  ): void {
    // Of a batch that failed as a whole nobody knows yet who is to blame.
    const isTheirOwn = wholeFailure === undefined || sent.items.length === 1;
    const records = failed.reduce((sum, { batch }) => sum + batch.items.length, 0);
    const taken = this.#taken + delivered.length;
    const again = this.#again + (wholeFailure === undefined ? records - 1 : 0);
    const struck: { failure: Failure; records: number } = { failure: nothing, records: 0 };
    this.#taken = taken;
    this.#again += records;
    for (const { batch, failure } of failed) {
      for (const item of batch.items) {
        item.trouble ??= { strikes: 0, taken, again, isStruck: false, isSuspected: false };
        const { trouble } = item;
        trouble.isStruck = taken - trouble.taken > again - trouble.again;
        if (trouble.isStruck) trouble.strikes += 1;
        trouble.taken = this.#taken;
        trouble.again = this.#again;
        if (!isTheirOwn || trouble.isSuspected || !isStubborn(item, failure.kind)) continue;
        trouble.isSuspected = true;
        struck.records += 1;
        struck.failure = failure;
      }
    }
    if (struck.records === 0) return;
    this.#suspected += struck.records;
    this.#lastReason = struck.failure.message;
    this.#parts.events.suspected(struck.records, struck.failure);
  }

  /** What was sent alone fails by itself. */
  #judgedAlone(judgement: Judgement): Judgement {
    const [retry] = judgement.retries;
    const [item] = retry?.batch.items ?? [];
    if (retry === undefined || item === undefined) return judgement;
    const { failure } = retry;
    if (!this.#isSpent(item, failure.kind))
      return item.trouble?.isSuspected === true
        ? { ...judgement, retries: [{ ...retry, batch: { ...retry.batch, isAlone: true } }] }
        : judgement;
    this.#leave([item]);
    const times = `${item.attempts} attempts, while the sink took other records`;
    const message = `${failure.message} (given up after ${times})`;
    const rejected: Rejected = { item, failure: { ...failure, message } };
    return { ...judgement, retries: [], rejected: [rejected] };
  }

  #apart(retry: Retry, isWhole: boolean): readonly Retry[] {
    const { batch, failure, attempts } = retry;
    if (attempts === 0) return [retry];
    const isHalved = isWhole && !suspects.has(failure.kind);
    const [spent, struck, rest]: [Item[], Item[], Item[]] = [[], [], []];
    for (const item of batch.items) {
      if (this.#isSpent(item, failure.kind)) spent.push(item);
      else if (isHalved && isStubborn(item, failure.kind)) struck.push(item);
      else rest.push(item);
    }
    if (rest.length === batch.items.length) return [retry];
    const others = rest.length === 0 ? [] : [{ ...batch, items: rest, bytes: bytesOf(rest) }];
    const alone = spent.flatMap((item) => halves(batch, [item], batch.suspicion));
    return [...others, ...alone, ...halves(batch, struck, batch.suspicion)].map((part) => ({
      ...retry,
      batch: part,
    }));
  }

  #isSpent({ trouble, first }: Item, kind: FailureKind): boolean {
    const { attempts, age, clock } = this.#parts;
    if (attempts === 0 || trouble === undefined || trouble.strikes < attempts) return false;
    return !isPassing(kind) || clock.now() - (first?.at ?? clock.now()) >= age;
  }

  #leave(items: readonly Item[]): void {
    if (this.#suspected === 0) return;
    for (const { trouble } of items)
      if (trouble?.isSuspected === true) {
        trouble.isSuspected = false;
        this.#suspected -= 1;
      }
  }
}

const nothing: Failure = { kind: 'unexpected', message: '' };

const isStubborn = ({ trouble }: Item, kind: FailureKind): boolean =>
  (trouble?.strikes ?? 0) >=
  (isPassing(kind) ? strikesUntilSuspectedByChance : strikesUntilSuspected);
