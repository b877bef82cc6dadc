/**
 * The courier hands batches to the sink and acts on its verdicts. One loop, woken by news (records came in, the sink
 * answered, a stop) or by the time of the next thing to do, so nothing here has a timer of its own.
 *
 * A record is in one of these states:
 * - **gathered**: in the outbox. Leaves in a full batch; in a smaller one when it has waited for the limit's age, or
 *   at once when nothing more is at hand and the sink has nothing to do, so that an idle service delivers without
 *   delay and a busy one fills its batches meanwhile.
 * - **under way**: in a batch that the sink has been asked about (attempts.ts). Ends with its answer or at a deadline.
 * - **waiting**: asked to be sent again: in the outbox, until its back-off ends. Holds bytes, but no place among those
 *   under way.
 * - **answered**: delivered, or on its way to the dead letters (answers.ts).
 *
 * How many are under way is the pace's decision (pace/pace.ts), what goes next that of the outbox (outbox/outbox.ts).
 *
 * Halting: with `halt` nothing begins any more; what is under way ends, and what is unanswered then is given back.
 * Shortening: with `shorten` no range begins any more; those of which something was sent are finished, so that giving back the
 * others sends nothing twice.
 *
 * Stopping: `stop` says that no more will be gathered; what is here is delivered while the sink works, but a back-off
 * that ends too late is not waited for. `abandon` aborts what is under way. What is unanswered then stays leased, and
 * its range is given back by the route.
 */
import { Bell } from '../lib/bell.ts';
import type { Clock } from '../lib/clock.ts';
import { type Millis, millis } from '../lib/units.ts';
import { onAbort } from '../lib/waiting.ts';
import type { Delivery } from '../pump/delivery.ts';
import type { Limits } from '../pump/limits.ts';
import type { Sink } from '../pump/sink.ts';
import type { Verdict } from '../pump/verdict.ts';
import type { Answers } from './answers.ts';
import { type Attempt, Attempts } from './attempts.ts';
import { type Backoff, backoffDelay, retryDelay } from './backoff.ts';
import type { RouteEvents } from './events/route-events.ts';
import type { Waiting } from './events/route-health.ts';
import type { Holdings } from './holdings.ts';
import { bytesOf, type Item, type OutgoingBatch } from './item.ts';
import { type Judgement, judge, type Retry } from './judge.ts';
import type { MaxAge } from './max-age.ts';
import { Outbox } from './outbox/outbox.ts';
import { attemptEndOf } from './pace/attempt-end.ts';
import type { Brake } from './pace/brake.ts';
import type { Pace } from './pace/pace.ts';
import type { Throttle } from './pace/throttle.ts';
import type { RouteSignals } from './signals.ts';
import type { StubbornRecords } from './stubborn-records.ts';
import type { TappedRoute } from './tap/looker.ts';
import type { TapPoint } from './tap/tap-point.ts';
import type { BatchTracer } from './tracing/batch-tracer.ts';
import { toldAttempt } from './tracing/told-attempt.ts';

/** A stop waits for back-offs that end within this time, and for no others. */
const longestDrainPause = 2000;
const longestSleep = 60_000;

export interface CourierParts {
  readonly sink: Sink;
  readonly limits: Pick<Limits, 'inFlight'>;
  readonly pace: Pace;
  readonly answers: Answers;
  readonly holdings: Holdings;
  readonly stubborn: StubbornRecords;
  /** Undefined: no record is too old to be sent. */
  readonly maxAge: MaxAge | undefined;
  readonly brake: Brake;
  /** Holds it to its rate, and says how large batches may be. */
  readonly throttle: Throttle;
  readonly events: RouteEvents;
  /** Where somebody may look at what is handed over; undefined: nowhere. */
  readonly tap?: { readonly point: TapPoint; readonly route: TappedRoute } | undefined;
  /** Undefined: no batch is followed. */
  readonly tracer: BatchTracer | undefined;
  readonly clock: Clock;
  readonly backoff: Backoff;
  /** Share of the attempts that retries may take while fresh records wait. */
  readonly retryShare: number;
  /** Deadline of one attempt. */
  readonly timeout: Millis;
  /** Longest pause that the sink may ask for. */
  readonly longestPause: Millis;
  /** The item over bytes of its own, for a long wait. */
  detach(item: Item): Item;
  /** The pump's own opinion of an error that its sink let escape. */
  classify(error: unknown): Verdict | undefined;
}

export class Courier {
  readonly #parts: CourierParts;
  readonly #outbox: Outbox;
  readonly #bell: Bell;
  readonly #attempts: Attempts;
  #input: 'flowing' | 'resting' | 'ended' = 'flowing';
  #stoppedAt: Millis | undefined;
  #isAbandoned = false;
  #isHalted = false;
  #isShortened = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(parts: CourierParts) {
    this.#parts = parts;
    this.#outbox = new Outbox({
      limits: parts.throttle.limits,
      retryShare: parts.retryShare,
      onRetriesWait: () => parts.events.retriesWaited(),
    });
    this.#bell = new Bell(parts.clock);
    this.#attempts = new Attempts({
      sink: parts.sink,
      timeout: parts.timeout,
      most: parts.limits.inFlight,
      classify: (error) => parts.classify(error),
      answered: (attempt, delivery) => this.#conclude(attempt, delivery),
      isDone: ({ batch }) => parts.holdings.putDown(batch.items),
      cameLate: () => {
        parts.events.late();
        this.#bell.ring();
      },
      failed: (error) => this.fail(error),
    });
  }

  /** What waits although the route goes on. */
  get waiting(): Waiting {
    const { clock, holdings } = this.#parts;
    const { paused } = this.#outbox;
    const { unacknowledged } = holdings;
    const toWallClock = clock.now() - clock.elapsed();
    return {
      paused: paused && { ...paused, until: millis(paused.until + toWallClock) },
      unacknowledged: unacknowledged && {
        ...unacknowledged,
        since: millis(unacknowledged.since + toWallClock),
      },
      suspected: this.#parts.stubborn.suspected,
      unstored: this.#parts.answers.unstored,
    };
  }

  /** What is under way, and how much may be. */
  get standing() {
    const { pace } = this.#parts;
    return {
      breaker: pace.state,
      pace: pace.concurrency,
      batches: this.#attempts.size,
      gathered: this.#outbox.freshRecords,
    };
  }

  add(items: readonly Item[], bytes: number): void {
    if (this.#isShortened) return;
    const { clock, pace, events, holdings, tap } = this.#parts;
    tap?.point.passed(tap.route, items);
    const now = clock.elapsed();
    const isFirst = this.#outbox.freshRecords === 0;
    this.#outbox.add(items, bytes, now);
    if (items.length > 0) pace.came(now);
    // The loop is woken for each batch, not for each range: not where nothing may begin, nor while a batch is gathered.
    const isGathering = !isFirst && !this.#isHurried && this.#outbox.isGathering;
    if (pace.room(now, this.#attempts.size) > 0 && (pace.isDown || !isGathering)) this.#bell.ring();
    else events.holds(holdings.heldBytes, this.#attempts.size);
  }

  /** `resting`: no more records are at hand right now. `ended`: none will come. */
  inputIs(state: 'flowing' | 'resting' | 'ended'): void {
    if (this.#input !== 'ended') this.#input = state;
    if (this.#isHurried) this.#bell.ring();
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

  /** Resolves when no call to the sink is left. */
  ended(): Promise<void> {
    return this.#attempts.ended();
  }

  /** Resolves when everything is answered, or as much as a stop allows. Rejects when a promise of ours was broken. */
  async run({ stop, abandon, halt, shorten }: RouteSignals): Promise<void> {
    const ring = (): void => this.#bell.ring();
    const ringing = [stop, abandon, halt, shorten].flatMap((signal) =>
      signal === undefined ? [] : [onAbort(signal, ring)],
    );
    try {
      for (;;) {
        if (this.#failure !== undefined) throw this.#failure.error;
        const now = this.#parts.clock.elapsed();
        if (stop.aborted) this.#stoppedAt ??= now;
        if (abandon.aborted) this.#abandon(now);
        if (halt?.aborted === true) this.#isHalted = true;
        if (shorten?.aborted === true) this.#shorten();
        this.#attempts.expire(now);
        this.#begin(now);
        this.#report(now);
        if (this.#isDone) return;
        const pause = millis(Math.max(0, Math.min(this.#nextAt(now) - now, longestSleep)));
        await this.#bell.sleep(pause);
      }
    } finally {
      for (const forget of ringing) forget();
      this.#parts.throttle.end();
      this.#attempts.abortAll(this.#parts.clock.elapsed());
      this.#parts.events.sayAll();
    }
  }

  #shorten(): void {
    if (this.#isShortened) return;
    this.#isShortened = true;
    this.#outbox.dropUntouched();
  }

  #begin(now: Millis): void {
    const { brake, pace, throttle } = this.#parts;
    if (!this.#maySend || this.#attempts.isBlocked) return;
    while (throttle.isOpen && pace.room(now, this.#attempts.size) > 0) {
      const occasion = { isHurried: this.#isHurried, isProbe: pace.isDown, isSingle: brake.isOn };
      const batch = this.#outbox.take(now, occasion);
      if (batch === undefined) return;
      const fresh = this.#withoutStale(batch);
      if (fresh.items.length > 0) this.#send(fresh, now);
    }
  }

  /** What has become too old while it waited for its turn, at first or again, is answered for without the sink. */
  #withoutStale(batch: OutgoingBatch): OutgoingBatch {
    const { answers, maxAge, stubborn } = this.#parts;
    const stale = maxAge?.staleOf(batch.items) ?? [];
    if (stale.length === 0) return batch;
    stubborn.forget(stale);
    answers.stale(stale);
    const gone = new Set(stale);
    const items = batch.items.filter((item) => !gone.has(item));
    return { ...batch, items, bytes: bytesOf(items) };
  }

  /** Nothing more is at hand and the sink has nothing to do. */
  get #isHurried(): boolean {
    return this.#input === 'ended' || (this.#input === 'resting' && this.#attempts.size === 0);
  }

  /** A stop does not wait for a sink that is out of order. */
  get #maySend(): boolean {
    if (this.#isAbandoned || this.#isHalted) return false;
    if (this.#stoppedAt === undefined) return true;
    return !this.#parts.pace.isDown && !this.#hasDrained;
  }

  /** At a rate what is here may take for ever: a stop waits for it no longer than for a back-off. */
  get #hasDrained(): boolean {
    const { clock, throttle } = this.#parts;
    const since = this.#stoppedAt;
    return (
      throttle.isLimited && since !== undefined && clock.elapsed() >= since + longestDrainPause
    );
  }

  #send(batch: OutgoingBatch, now: Millis): void {
    const beginning = { at: this.#parts.clock.now() };
    for (const item of batch.items) {
      item.attempts += 1;
      item.first ??= beginning;
    }
    this.#parts.holdings.carry(batch.items);
    this.#parts.pace.began();
    this.#parts.throttle.spend(batch.items.length, batch.bytes);
    const { tracer } = this.#parts;
    this.#attempts.begin(tracer === undefined ? batch : tracer.follow(batch), now);
  }

  #conclude(attempt: Attempt, delivery: Delivery): void {
    const { answers, events, clock } = this.#parts;
    const now = clock.elapsed();
    this.#bell.ring();
    events.attempted(millis(now - attempt.begunAt));
    const judgement = this.#judged(attempt.batch, delivery);
    attempt.batch.followed?.attempted(toldAttempt(attempt, judgement, now));
    const { delivered } = judgement;
    const { items, bytes } = attempt.batch;
    answers.delivered(delivered, delivered === items ? bytes : bytesOf(delivered));
    if (judgement.rejected.length > 0) answers.rejected(judgement.rejected);
    // An aborted attempt says nothing about the sink, and nothing will be sent again.
    if (this.#isAbandoned) return;
    this.#learn(attempt, judgement, now);
    const isWhole = judgement.wholeFailure !== undefined;
    for (const retry of judgement.retries) this.#retry(retry, { now, isWhole });
  }

  #judged(batch: OutgoingBatch, delivery: Delivery): Judgement {
    const { stubborn, brake } = this.#parts;
    return brake.judged(batch, stubborn.judged(batch, judge(batch, delivery)));
  }

  /** What the attempt says about the sink. */
  #learn(attempt: Attempt, judgement: Judgement, now: Millis): void {
    const { events, pace, throttle, longestPause } = this.#parts;
    const { limits } = throttle;
    const { wholeFailure } = judgement;
    const underWay = this.#attempts.size + 1;
    const end = attemptEndOf(attempt, judgement, { limits, now, underWay, longestPause });
    pace.ended(end);
    if (judgement.delivered.length > 0) this.#outbox.endPauses(attempt.begunAt);
    if (end.isNoNews && !pace.isDown) return;
    if (wholeFailure === undefined) {
      if (events.down !== undefined) events.recovery();
    } else if (pace.isDown) events.outage(wholeFailure.failure);
  }

  #retry({ batch, attempts, after, failure }: Retry, how: { now: Millis; isWhole: boolean }): void {
    const { events, pace, clock, backoff, longestPause } = this.#parts;
    const { kind } = failure;
    const { isAlone } = batch;
    const delay = retryDelay({ attempts, kind, isAlone, isSinkDown: pace.isDown }, backoff, clock);
    const pause = Math.min(after ?? 0, longestPause);
    events.retried(batch.items.length, failure);
    if (after === undefined || pause <= delay) {
      const dueAt = millis(how.now + delay);
      this.#outbox.addRetry(this.#rehoused(batch), dueAt, { isPart: isAlone && attempts === 0 });
      return;
    }
    const until = millis(clock.now() + pause);
    events.pauseAsked(batch.items.length, { asked: after, until, failure });
    // Proved needless by others it ends early, but this batch was refused: its own back-off stands.
    const ownDelay = Math.max(delay, backoffDelay(backoff, Math.max(1, attempts), clock));
    const backoffEndsAt = how.isWhole ? millis(how.now + Math.min(pause, ownDelay)) : undefined;
    this.#outbox.addRetry(this.#rehoused(batch), millis(how.now + pause), {
      pause: { askedAt: how.now, backoffEndsAt },
    });
  }

  /** At the second failure, so that neither a short hiccup nor every further failure costs a copy. */
  #rehoused(batch: OutgoingBatch): OutgoingBatch {
    if (!batch.items.some(({ attempts }) => attempts === 2)) return batch;
    const items = batch.items.map((item) =>
      item.attempts === 2 ? this.#parts.detach(item) : item,
    );
    return { ...batch, items };
  }

  #abandon(now: Millis): void {
    if (this.#isAbandoned) return;
    this.#isAbandoned = true;
    this.#attempts.abortAll(now);
  }

  get #isDone(): boolean {
    const { answers, pace } = this.#parts;
    if (this.#attempts.size > 0 || answers.pending > 0) return false;
    if (this.#isAbandoned || this.#isHalted) return true;
    if (this.#hasDrained) return true;
    if (this.#stoppedAt === undefined || this.#input !== 'ended') return false;
    if (pace.isDown) return true;
    const { freshRecords, firstRetryAt } = this.#outbox;
    return freshRecords === 0 && firstRetryAt > this.#stoppedAt + longestDrainPause;
  }

  /** The time of the next thing to do without news. */
  #nextAt(now: Millis): number {
    const { pace, events, throttle } = this.#parts;
    const next = Math.min(
      this.#attempts.nextAt,
      pace.nextAt(now) ?? Infinity,
      events.lineAt ?? Infinity,
      throttle.isLimited ? (this.#stoppedAt ?? Infinity) + longestDrainPause : Infinity,
    );
    if (this.#attempts.isBlocked) return next;
    if (!throttle.isOpen || !this.#maySend || pace.room(now, this.#attempts.size) <= 0) return next;
    return Math.min(next, this.#outbox.nextAt);
  }

  #report(now: Millis): void {
    const { answers, events, holdings, pace, stubborn } = this.#parts;
    events.holds(holdings.heldBytes, this.#attempts.size);
    events.paused(this.#outbox.pausedRecords);
    events.suspects(stubborn.suspected?.records ?? 0);
    events.unstored(answers.unstored?.records ?? 0);
    events.paced(pace.concurrency, pace.state);
    if ((events.lineAt ?? Infinity) <= now) events.sayDue();
  }
}
