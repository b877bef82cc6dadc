import type { Clock } from '../lib/clock.ts';
import { ContractError } from '../lib/errors.ts';
import { type Millis, millis } from '../lib/units.ts';
import { Batch } from '../pump/batch.ts';
import { classify } from '../pump/classify.ts';
import { Delivery } from '../pump/delivery.ts';
import type { Sink } from '../pump/sink.ts';
import { retry, type Verdict } from '../pump/verdict.ts';
import type { Parcel } from './item.ts';

/** How long a sink may take to obey an aborted signal. */
export const obeyingGrace: Millis = millis(1000);

/** One attempt: a parcel the sink has been asked about. */
export interface Flight {
  readonly parcel: Parcel;
  readonly batch: Batch;
  readonly begunAt: Millis;
  /** Its own controller instead of AbortSignal.any: thousands of signals derived from a long-lived one add up. */
  readonly abort: AbortController;
  /** When to abort, then when to stop waiting. */
  deadline: Millis;
}

export interface FlightsParts {
  readonly sink: Sink;
  readonly clock: Clock;
  /** Deadline of one attempt. */
  readonly timeout: Millis;
  /** Most attempts under way. */
  readonly most: number;
  /** The pump's own opinion of an error that its sink let escape. */
  classify(error: unknown): Verdict | undefined;
  /** Called once for each flight. */
  landed(flight: Flight, delivery: Delivery): void;
  /** An answer came after it was waited for. */
  cameLate(): void;
  /** `landed` threw: one of our own promises was broken. */
  failed(error: unknown): void;
}

/**
 * The attempts under way. Each ends with the sink's answer; at its deadline its signal aborts, and a sink that does
 * not obey within a grace is waited for no longer: the flight lands as timed out, and the call is *forsaken*. Forsaken
 * calls are bounded as well: when they are as many as may be under way, nothing begins until one of them ends.
 *
 * Has no timer: `expire` is to be called at `nextAt`.
 */
export class Flights {
  readonly #parts: FlightsParts;
  readonly #underWay = new Set<Flight>();
  readonly #forsaken = new Set<Flight>();
  /** Calls that have not ended, forsaken ones too. */
  readonly #calls = new Set<Promise<void>>();
  #blockedSince: Millis | undefined;

  constructor(parts: FlightsParts) {
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

  begin(parcel: Parcel, now: Millis): void {
    const flight: Flight = {
      parcel,
      batch: Batch.of(parcel.items),
      begunAt: now,
      abort: new AbortController(),
      deadline: millis(now + this.#parts.timeout),
    };
    this.#underWay.add(flight);
    const call = this.#attempt(flight)
      .catch((error: unknown) => this.#parts.failed(error))
      .finally(() => this.#calls.delete(call));
    this.#calls.add(call);
  }

  /** Resolves when no call to the sink is left, so that it may be closed. May never happen: give it a deadline. */
  async ended(): Promise<void> {
    await Promise.all(this.#calls);
  }

  expire(now: Millis): void {
    for (const flight of this.#underWay) {
      if (flight.deadline > now) continue;
      if (flight.abort.signal.aborted) this.#forsake(flight);
      else this.#abort(flight, now, new DOMException('The attempt took too long.', 'TimeoutError'));
    }
    if (this.#forsaken.size < this.#parts.most) this.#blockedSince = undefined;
    else this.#blockedSince ??= now;
    // Waiting has no end with such a sink; a fresh one may do better (the app starts the route again).
    if (this.#blockedSince !== undefined && now - this.#blockedSince >= this.#parts.timeout)
      throw new ContractError('a sink obeys its signal');
  }

  abortAll(now: Millis): void {
    for (const flight of this.#underWay) this.#abort(flight, now, new Error('the route ends'));
  }

  #abort(flight: Flight, now: Millis, reason: Error): void {
    flight.abort.abort(reason);
    flight.deadline = millis(now + obeyingGrace);
  }

  #forsake(flight: Flight): void {
    this.#underWay.delete(flight);
    this.#forsaken.add(flight);
    const verdict = retry({ kind: 'timeout', message: 'the sink did not answer in time' });
    this.#parts.landed(flight, Delivery.whole(flight.batch, verdict));
  }

  async #attempt(flight: Flight): Promise<void> {
    const delivery = await this.#ask(flight);
    if (this.#forsaken.delete(flight)) {
      this.#parts.cameLate();
      return;
    }
    this.#underWay.delete(flight);
    this.#parts.landed(flight, delivery);
  }

  /** What was thrown, or not answered, says nothing about one record: never more than a wish to be sent again. */
  async #ask({ batch, abort }: Flight): Promise<Delivery> {
    try {
      const delivery = await this.#parts.sink.deliver(batch, abort.signal);
      if (delivery.size === batch.size) return delivery;
      throw new ContractError('a delivery answers for its own batch');
    } catch (error) {
      return Delivery.whole(batch, this.#parts.classify(error) ?? classify(error));
    }
  }
}
