/**
 * The courier hands batches to the sink and acts on its verdicts. One loop, woken by news (records came in, the sink
 * answered, a stop) or by the time of the next thing to do, so nothing here has a timer of its own.
 *
 * A record is in one of these states:
 * - **gathered**: in the batcher. Leaves in a full batch; in a smaller one when it has waited for the limit's age, or
 *   at once when nothing more is at hand and the sink has nothing to do, so that an idle service delivers without
 *   delay and a busy one fills its batches meanwhile.
 * - **under way**: in a batch that the sink has been asked about. Ends with the sink's answer; at its deadline the
 *   signal aborts, and a sink that does not obey within a grace is waited for no longer: the records are retried and
 *   the late answer is ignored. Such *forsaken* calls are bounded too.
 * - **waiting**: asked to be sent again, until its back-off ends. Holds bytes, but no place among those under way.
 * - **answered**: delivered, or on its way to the dead letters (answers.ts).
 *
 * Stopping: `stop` says that no more will be gathered; what is here is delivered while the sink works, but a back-off
 * that ends too late is not waited for. `abandon` aborts what is under way. What is unanswered then stays leased, and
 * its range is given back by the route.
 */
import { Bell } from '../lib/bell.ts';
import type { Clock } from '../lib/clock.ts';
import { ContractError } from '../lib/errors.ts';
import { type Millis, millis } from '../lib/units.ts';
import { Batch } from '../pump/batch.ts';
import { classify } from '../pump/classify.ts';
import type { Limits } from '../pump/limits.ts';
import type { Sink } from '../pump/sink.ts';
import { retry, type Verdict } from '../pump/verdict.ts';
import type { Answers } from './answers.ts';
import { type Backoff, backoffDelay } from './backoff.ts';
import { Batcher } from './batcher.ts';
import type { Item, Parcel } from './item.ts';
import { judge } from './judge.ts';
import type { Ledger } from './ledger.ts';
import type { Pace } from './pace.ts';
import { RetryQueue } from './retry-queue.ts';
import type { RouteEvents } from './route-events.ts';

/** How long a sink may take to obey an aborted signal. */
export const obeyingGrace: Millis = millis(1000);
/** A stop waits for back-offs that end within this time, and for no others. */
const drainPatience = 2000;
const longestSleep = 60_000;

export interface CourierParts {
  readonly sink: Sink;
  readonly limits: Limits;
  readonly pace: Pace;
  readonly answers: Answers;
  readonly ledger: Ledger;
  readonly events: RouteEvents;
  readonly clock: Clock;
  readonly backoff: Backoff;
  /** Deadline of one attempt. */
  readonly timeout: Millis;
  /** The item over bytes of its own, for a long wait. */
  detach(item: Item): Item;
  /** The pump's own opinion of an error that its sink let escape. */
  classify(error: unknown): Verdict | undefined;
}

export interface StopSignals {
  /** Take on nothing new; finish what is here. */
  readonly stop: AbortSignal;
  /** The grace is over. */
  readonly abandon: AbortSignal;
}

interface Flight {
  readonly parcel: Parcel;
  readonly batch: Batch;
  readonly begunAt: Millis;
  /** Its own controller instead of AbortSignal.any: thousands of signals derived from a long-lived one add up. */
  readonly abort: AbortController;
  /** When to abort, then when to stop waiting. */
  deadline: Millis;
}

export class Courier {
  readonly #parts: CourierParts;
  readonly #batcher: Batcher;
  readonly #retries: RetryQueue;
  readonly #bell: Bell;
  readonly #underWay = new Set<Flight>();
  readonly #forsaken = new Set<Flight>();
  #input: 'flowing' | 'resting' | 'ended' = 'flowing';
  #stoppedAt: Millis | undefined;
  #isAbandoned = false;
  #blockedSince: Millis | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(parts: CourierParts) {
    this.#parts = parts;
    this.#batcher = new Batcher(parts.limits);
    this.#retries = new RetryQueue(parts.limits);
    this.#bell = new Bell(parts.clock);
  }

  get batchesUnderWay(): number {
    return this.#underWay.size;
  }

  /** Records waiting for their back-off. */
  get waitingRecords(): number {
    return this.#retries.records;
  }

  add(items: readonly Item[], bytes: number): void {
    this.#batcher.add(items, bytes, this.#parts.clock.elapsed());
    this.#bell.ring();
  }

  /** `resting`: no more records are at hand right now. `ended`: none will come. */
  inputIs(state: 'flowing' | 'resting' | 'ended'): void {
    if (this.#input !== 'ended') this.#input = state;
    if (state !== 'flowing') this.#bell.ring();
  }

  /** Something changed that the loop should look at. */
  notify(): void {
    this.#bell.ring();
  }

  /** Ends the loop with an error. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#bell.ring();
  }

  /** Resolves when everything is answered, or as much as a stop allows. Rejects when a promise of ours was broken. */
  async run({ stop, abandon }: StopSignals): Promise<void> {
    const ring = (): void => this.#bell.ring();
    stop.addEventListener('abort', ring);
    abandon.addEventListener('abort', ring);
    try {
      for (;;) {
        if (this.#failure !== undefined) throw this.#failure.error;
        const now = this.#parts.clock.elapsed();
        if (stop.aborted) this.#stoppedAt ??= now;
        if (abandon.aborted) this.#abandon(now);
        this.#expire(now);
        this.#begin(now);
        this.#report(now);
        if (this.#isDone) return;
        const pause = millis(Math.max(0, Math.min(this.#nextAt(now) - now, longestSleep)));
        // A signal of its own for each sleep, so that nothing adds up on a long-lived one.
        await this.#bell.sleep(pause, new AbortController().signal);
      }
    } finally {
      stop.removeEventListener('abort', ring);
      abandon.removeEventListener('abort', ring);
      for (const { abort } of this.#underWay) abort.abort(new Error('the route has ended'));
      this.#parts.events.sayPurged();
    }
  }

  #begin(now: Millis): void {
    const { pace, limits } = this.#parts;
    if (!this.#maySend) return;
    while (pace.room(now, this.#underWay.size) > 0) {
      if (this.#isBlocked(now, limits.inFlight)) return;
      const parcel =
        this.#retries.take(now) ?? (this.#mayLeave(now) ? this.#batcher.take() : undefined);
      if (parcel === undefined) return;
      this.#send(parcel, now);
    }
  }

  /** A stop does not wait for a sink that is out of order. */
  get #maySend(): boolean {
    return !this.#isAbandoned && (this.#stoppedAt === undefined || !this.#parts.pace.isDown);
  }

  #mayLeave(now: Millis): boolean {
    const { oldestAt, isFull } = this.#batcher;
    if (oldestAt === undefined) return false;
    if (isFull || this.#input === 'ended') return true;
    if (this.#input === 'resting' && this.#underWay.size === 0) return true;
    return now - oldestAt >= this.#parts.limits.age;
  }

  /** True while as many calls are forsaken as may be under way: more would have no bound. */
  #isBlocked(now: Millis, most: number): boolean {
    if (this.#forsaken.size < most) {
      this.#blockedSince = undefined;
      return false;
    }
    this.#blockedSince ??= now;
    // Waiting has no end with such a sink; a fresh one may do better (the app opens the route again).
    if (now - this.#blockedSince >= this.#parts.timeout)
      throw new ContractError('a sink obeys its signal');
    return true;
  }

  #send(parcel: Parcel, now: Millis): void {
    const wall = this.#parts.clock.now();
    for (const item of parcel.items) {
      item.attempts += 1;
      if (item.firstAt === 0) item.firstAt = wall;
    }
    const flight: Flight = {
      parcel,
      batch: Batch.of(parcel.items),
      begunAt: now,
      abort: new AbortController(),
      deadline: millis(now + this.#parts.timeout),
    };
    this.#underWay.add(flight);
    this.#attempt(flight).catch((error: unknown) => this.fail(error));
  }

  async #attempt(flight: Flight): Promise<void> {
    const verdicts = await this.#ask(flight);
    if (this.#forsaken.delete(flight)) this.#parts.events.late();
    else this.#conclude(flight, verdicts);
    this.#bell.ring();
  }

  async #ask({ batch, abort }: Flight): Promise<readonly Verdict[]> {
    const { sink } = this.#parts;
    try {
      const { verdicts } = await sink.deliver(batch, abort.signal);
      if (verdicts.length === batch.size) return verdicts;
      throw new ContractError('a delivery answers for its own batch');
    } catch (error) {
      const verdict = this.#parts.classify(error) ?? classify(error);
      return Array.from({ length: batch.size }, () => verdict);
    }
  }

  #conclude(flight: Flight, verdicts: readonly Verdict[]): void {
    const { answers, events, pace, clock } = this.#parts;
    this.#underWay.delete(flight);
    const now = clock.elapsed();
    events.attempted(millis(now - flight.begunAt));
    const { delivered, rejected, retries, wholeFailure } = judge(flight.parcel, verdicts);
    answers.delivered(delivered);
    if (rejected.length > 0) answers.rejected(rejected);
    // An aborted attempt says nothing about the sink, and nothing will be sent again.
    if (this.#isAbandoned) return;

    if (wholeFailure === undefined) {
      pace.succeeded();
      if (events.down !== undefined) events.recovery();
    } else {
      pace.failed(now, wholeFailure.after);
      if (pace.isDown) events.outage(wholeFailure.failure);
    }
    for (const { parcel, attempts, after, failure } of retries) {
      const delay = attempts === 0 ? 0 : backoffDelay(this.#parts.backoff, attempts, clock);
      this.#retries.add(this.#rehoused(parcel), millis(now + Math.max(delay, after ?? 0)));
      events.retried(parcel.items.length, failure);
    }
  }

  /** At the second failure, so that neither a short hiccup nor every further failure costs a copy. */
  #rehoused(parcel: Parcel): Parcel {
    if (!parcel.items.some(({ attempts }) => attempts === 2)) return parcel;
    const items = parcel.items.map((item) =>
      item.attempts === 2 ? this.#parts.detach(item) : item,
    );
    return { ...parcel, items };
  }

  #expire(now: Millis): void {
    for (const flight of this.#underWay) {
      if (flight.deadline > now) continue;
      if (!flight.abort.signal.aborted) {
        flight.abort.abort(new DOMException('The attempt took too long.', 'TimeoutError'));
        flight.deadline = millis(now + obeyingGrace);
        continue;
      }
      this.#forsaken.add(flight);
      const verdict = retry({ kind: 'timeout', message: 'the sink did not answer in time' });
      this.#conclude(
        flight,
        Array.from({ length: flight.batch.size }, () => verdict),
      );
    }
  }

  #abandon(now: Millis): void {
    if (this.#isAbandoned) return;
    this.#isAbandoned = true;
    for (const flight of this.#underWay) {
      flight.abort.abort(new Error('the service stops'));
      flight.deadline = millis(now + obeyingGrace);
    }
  }

  get #isDone(): boolean {
    const { answers, pace } = this.#parts;
    if (this.#underWay.size > 0 || answers.pending > 0) return false;
    if (this.#isAbandoned) return true;
    if (this.#stoppedAt === undefined || this.#input !== 'ended') return false;
    if (pace.isDown) return true;
    const nextRetry = this.#retries.nextAt ?? Infinity;
    return this.#batcher.size === 0 && nextRetry > this.#stoppedAt + drainPatience;
  }

  /** The time of the next thing to do without news. */
  #nextAt(now: Millis): number {
    const { pace, limits, events, timeout } = this.#parts;
    let next = Math.min(pace.nextAt(now) ?? Infinity, events.purgedLineAt ?? Infinity);
    for (const { deadline } of this.#underWay) next = Math.min(next, deadline);
    if (this.#blockedSince !== undefined) return Math.min(next, this.#blockedSince + timeout);
    if (!this.#maySend || pace.room(now, this.#underWay.size) <= 0) return next;
    const oldestAt = this.#batcher.oldestAt ?? Infinity;
    return Math.min(next, this.#retries.nextAt ?? Infinity, oldestAt + limits.age);
  }

  #report(now: Millis): void {
    const { events, ledger } = this.#parts;
    events.holds(ledger.heldBytes, this.#underWay.size);
    if ((events.purgedLineAt ?? Infinity) <= now) events.sayPurged();
  }
}
