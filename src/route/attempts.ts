import { ContractError } from '../lib/errors.ts';
import { type Millis, millis } from '../lib/units.ts';
import { Batch } from '../pump/batch.ts';
import { classify } from '../pump/classify.ts';
import { Delivery } from '../pump/delivery.ts';
import type { Sink } from '../pump/sink.ts';
import { retry, type Verdict } from '../pump/verdict.ts';
import type { OutgoingBatch } from './item.ts';

/** How long a sink may take to obey an aborted signal. */
export const obeyingGrace: Millis = millis(1000);

/** One attempt: a batch the sink has been asked about. */
export interface Attempt {
  readonly batch: OutgoingBatch;
  /** The same as the sink sees it. */
  readonly forSink: Batch;
  readonly begunAt: Millis;
  /** Its own controller instead of AbortSignal.any: thousands of signals derived from a long-lived one add up. */
  readonly abort: AbortController;
  /** When to abort, then when to stop waiting. */
  deadline: Millis;
}

interface Answer {
  readonly delivery: Delivery;
  /** False: the sink may still be at work on what it has answered. */
  readonly isInOrder: boolean;
}

export interface AttemptsParts {
  readonly sink: Sink;
  /** Deadline of one attempt. */
  readonly timeout: Millis;
  /** Most attempts under way. */
  readonly most: number;
  /** The pump's own opinion of an error that its sink let escape. */
  classify(error: unknown): Verdict | undefined;
  /** Called once for each attempt. */
  answered(attempt: Attempt, delivery: Delivery): void;
  /** After that, where the sink is surely done with the batch: it has answered in time, and not that everything failed. */
  isDone(attempt: Attempt): void;
  /** An answer came after it was waited for. */
  cameLate(): void;
  /** `answered` threw: one of our own promises was broken. */
  failed(error: unknown): void;
}

/**
 * The attempts under way. Each ends with the sink's answer; at its deadline its signal aborts, and a sink that does
 * not obey within a grace is waited for no longer: the attempt ends as timed out, and the call is *forsaken*. Forsaken
 * calls are bounded as well: when they are as many as may be under way, nothing begins until one of them ends.
 *
 * Has no timer: `expire` is to be called at `nextAt`.
 */
export class Attempts {
  readonly #parts: AttemptsParts;
  readonly #underWay = new Set<Attempt>();
  readonly #forsaken = new Set<Attempt>();
  /** Calls that have not ended, forsaken ones too. */
  readonly #calls = new Set<Promise<void>>();
  #blockedSince: Millis | undefined;

  constructor(parts: AttemptsParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#underWay.size;
  }

  get isBlocked(): boolean {
    return this.#blockedSince !== undefined;
  }

  get nextAt(): number {
    let next =
      this.#blockedSince === undefined ? Infinity : this.#blockedSince + this.#parts.timeout;
    for (const { deadline } of this.#underWay) next = Math.min(next, deadline);
    return next;
  }

  begin(batch: OutgoingBatch, now: Millis): void {
    const attempt: Attempt = {
      batch,
      forSink: Batch.of(batch.items),
      begunAt: now,
      abort: new AbortController(),
      deadline: millis(now + this.#parts.timeout),
    };
    this.#underWay.add(attempt);
    const call = this.#run(attempt)
      .catch((error: unknown) => this.#parts.failed(error))
      .finally(() => this.#calls.delete(call));
    this.#calls.add(call);
  }

  /** Resolves when no call to the sink is left, so that it may be closed. May never happen: give it a deadline. */
  async ended(): Promise<void> {
    await Promise.all(this.#calls);
  }

  expire(now: Millis): void {
    for (const attempt of this.#underWay) {
      if (attempt.deadline > now) continue;
      if (attempt.abort.signal.aborted) this.#forsake(attempt);
      else
        this.#abort(attempt, now, new DOMException('The attempt took too long.', 'TimeoutError'));
    }
    if (this.#forsaken.size < this.#parts.most) this.#blockedSince = undefined;
    else this.#blockedSince ??= now;
    // Waiting has no end with such a sink; a fresh one may do better (the app starts the route again).
    if (this.#blockedSince !== undefined && now - this.#blockedSince >= this.#parts.timeout)
      throw new ContractError('a sink obeys its signal');
  }

  abortAll(now: Millis): void {
    for (const attempt of this.#underWay) this.#abort(attempt, now, new Error('the route ends'));
  }

  #abort(attempt: Attempt, now: Millis, reason: Error): void {
    attempt.abort.abort(reason);
    attempt.deadline = millis(now + obeyingGrace);
  }

  #forsake(attempt: Attempt): void {
    this.#underWay.delete(attempt);
    this.#forsaken.add(attempt);
    const verdict = retry({ kind: 'timeout', message: 'the sink did not answer in time' });
    this.#parts.answered(attempt, Delivery.whole(attempt.forSink, verdict));
  }

  async #run(attempt: Attempt): Promise<void> {
    const { delivery, isInOrder } = await this.#ask(attempt);
    if (this.#forsaken.delete(attempt)) {
      this.#parts.cameLate();
      return;
    }
    this.#underWay.delete(attempt);
    this.#parts.answered(attempt, delivery);
    if (isInOrder) this.#parts.isDone(attempt);
  }

  /** What was thrown, or not answered, says nothing about one record: never more than a wish to be sent again. */
  async #ask({ forSink: batch, abort }: Attempt): Promise<Answer> {
    try {
      const delivery = await this.#parts.sink.deliver(batch, abort.signal);
      if (delivery.size !== batch.size)
        throw new ContractError('a delivery answers for its own batch');
      const isInOrder = !abort.signal.aborted && delivery.ofRequest?.outcome !== 'retry';
      return { delivery, isInOrder };
    } catch (error) {
      const verdict = this.#parts.classify(error) ?? classify(error);
      return { delivery: Delivery.whole(batch, verdict), isInOrder: false };
    }
  }
}
