import type { Tracing } from '../../lib/batch-trace.ts';
import type { Clock } from '../../lib/clock.ts';
import type { OpenRange, OutgoingBatch } from '../item.ts';
import { FollowedBatch } from './followed-batch.ts';

/** Batches that are followed at the same time. A sink that is away for hours must not fill memory with them. */
const mostOpen = 32;

/**
 * Notes down when what was done with the ranges of a route, and follows some of its batches: from their first attempt until their
 * ranges are settled. What is followed is told as a whole, with everything that was before, or not at all.
 */
export class BatchTracer {
  readonly #tracing: Tracing;
  readonly #clock: Clock;
  readonly #about: { readonly 'sluice.route': string; readonly 'sluice.pump': string };
  readonly #open = new Set<FollowedBatch>();

  constructor(parts: {
    readonly tracing: Tracing;
    readonly clock: Clock;
    readonly route: string;
    readonly pump: string;
  }) {
    this.#tracing = parts.tracing;
    this.#clock = parts.clock;
    this.#about = { 'sluice.route': parts.route, 'sluice.pump': parts.pump };
  }

  leased(openRange: OpenRange): void {
    const now = this.#clock.elapsed();
    const times = { leasedAt: now, arrivedAt: now, editedAt: now, answeredAt: now };
    openRange.times = { ...times, followers: new Set() };
  }

  arrived({ times }: OpenRange): void {
    if (times !== undefined) times.arrivedAt = this.#clock.elapsed();
  }

  edited({ times }: OpenRange): void {
    if (times !== undefined) times.editedAt = this.#clock.elapsed();
  }

  answered({ times }: OpenRange): void {
    if (times !== undefined) times.answeredAt = this.#clock.elapsed();
  }

  /** `error`: it could not be settled. */
  settled(openRange: OpenRange, error?: unknown): void {
    const { times } = openRange;
    if (times === undefined || times.followers.size === 0) return;
    const now = this.#clock.elapsed();
    for (const followed of [...times.followers]) followed.settled(openRange, now, error);
    times.followers.clear();
  }

  /** The batch, followed if it is one of those; what is sent again of one that is stays so. */
  follow(batch: OutgoingBatch): OutgoingBatch {
    if (batch.followed !== undefined || this.#clock.random() >= this.#tracing.ratio) return batch;
    // Dead letters that are tried again belong to no range.
    if (batch.items[0]?.origin.kind !== 'range') return batch;
    if (this.#open.size >= mostOpen) return batch;
    const followed: FollowedBatch = new FollowedBatch({
      batch,
      about: this.#about,
      onEnded: () => this.#end(followed),
    });
    this.#open.add(followed);
    return { ...batch, followed };
  }

  /** The route ends: what is not settled by now is told as it is. */
  endAll(): void {
    for (const followed of this.#open) {
      followed.leave();
      this.#end(followed);
    }
  }

  #end(followed: FollowedBatch): void {
    this.#open.delete(followed);
    const { now, elapsed } = { now: this.#clock.now(), elapsed: this.#clock.elapsed() };
    this.#tracing.traced(followed.trace(elapsed, now - elapsed));
  }
}
