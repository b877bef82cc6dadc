import type { Clock } from '../../lib/clock.ts';
import type { Instruments } from '../../lib/instruments.ts';
import type { Metrics } from '../../lib/metrics.ts';
import type { Bytes } from '../../lib/units.ts';
import type { Chunks, RouteLeases, SourceList } from '../lease/lease.ts';
import { createPurgeMeter } from '../meter.ts';
import type { Purge, PurgeStatus } from '../purge.ts';
import { MemoryRanges } from './memory-ranges.ts';

export interface FeedParts {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly list: SourceList;
  /** Encoded records, one range after the other. */
  readonly feed: AsyncIterable<readonly Buffer[]> | Iterable<readonly Buffer[]>;
  readonly bound: Bytes;
  /** Undefined: nobody wants to know how long things take. */
  readonly instruments: Instruments | undefined;
}

/** Feeds the routes from a generator instead of from Redis: the demo mode. Ends when every route has answered. */
export class FeedPurge implements Purge {
  readonly mode = 'at-most-once';
  readonly chunks: Chunks;
  readonly #parts: FeedParts;
  readonly #ranges: MemoryRanges;

  constructor(parts: FeedParts) {
    const { clock, metrics, bound, instruments } = parts;
    this.#parts = parts;
    this.#ranges = new MemoryRanges({
      clock,
      meter: createPurgeMeter(metrics, clock, [], instruments),
      bound,
    });
    this.chunks = this.#ranges.chunks;
  }

  leasesFor(route: string): RouteLeases {
    return this.#ranges.leasesFor(route);
  }

  forget(route: string): void {
    this.#ranges.forget(route);
  }

  async run(signal: AbortSignal): Promise<void> {
    for await (const elements of this.#parts.feed) {
      while (this.#ranges.isFull && !signal.aborted) await this.#ranges.settled(signal);
      if (signal.aborted) return;
      this.#ranges.offer(this.#parts.list, elements);
    }
    while (!this.#ranges.isEmpty && !signal.aborted) await this.#ranges.settled(signal);
  }

  /** What was made up can be made again. */
  finish(): Promise<number> {
    return Promise.resolve(0);
  }

  status(): PurgeStatus {
    return {
      lastRound: this.#parts.clock.elapsed(),
      isHolding: this.#ranges.isFull,
      refusals: [],
      isRefused: false,
      unreadBytes: 0,
    };
  }
}
