import { performance } from 'node:perf_hooks';
import type { Clock } from '../../lib/clock.ts';
import { type Millis, millis } from '../../lib/units.ts';
import { isAborted, unlessAborted } from '../../lib/waiting.ts';

/** Somebody behind was given a chunk from the cache within this time: he is on his way. */
const recently = 200;
/** So long the one ahead waits before he looks again. */
const turn = millis(10);
/** Less busy than this the process has time for both. */
const busy = 0.9;
/** So long nobody waits then. */
const freely = 250;

export interface LeadParts {
  readonly clock: Clock;
  /** Share of the time since it was last asked in which this thread was at work, 0 … 1. */
  readonly load?: () => number;
  /** Hears how long somebody has waited, at each turn. */
  readonly leadWaited?: (time: Millis) => void;
}

/**
 * How far the fastest route may be ahead of the others, in a thread that has no time to spare. Each gets its turns there, and
 * the one with the least to do for a record runs away from the cache: in the end all read every range for themselves, which
 * costs each of them time that none has. So whoever is the first to ask for a chunk waits while the cache is full of what
 * others are about to ask for.
 *
 * Nobody waits for a sink. Where those behind stand still, nothing is taken from the cache; where they are slow for another
 * reason than this thread's time, the thread comes to rest while the first one waits; in either case he goes on.
 */
export class Lead {
  readonly #clock: Clock;
  readonly #load: () => number;
  readonly #waited: (time: Millis) => void;
  #sharedAt = -Infinity;
  #freeUntil = -Infinity;
  #turn: Promise<void> | undefined;

  constructor({ clock, load = loadOfThread(), leadWaited = () => undefined }: LeadParts) {
    this.#clock = clock;
    this.#load = load;
    this.#waited = leadWaited;
  }

  /** A chunk was taken from the cache. */
  shared(): void {
    this.#sharedAt = this.#clock.elapsed();
  }

  /** Resolves when whoever asks first should read on, or at the signal. */
  async goOn(isFull: () => boolean, signal: AbortSignal): Promise<void> {
    for (;;) {
      const before = this.#clock.elapsed();
      if (!isFull() || !this.#isAwaited(before) || isAborted(signal)) return;
      this.#turn ??= this.#nextTurn();
      await unlessAborted(this.#turn, undefined, signal);
      this.#waited(millis(this.#clock.elapsed() - before));
    }
  }

  #isAwaited(now: Millis): boolean {
    return now - this.#sharedAt < recently && now >= this.#freeUntil;
  }

  /** One for all who wait. */
  async #nextTurn(): Promise<void> {
    this.#load();
    await new Promise<void>((resolve) => {
      this.#clock.after(turn, resolve);
    });
    if (this.#load() < busy) this.#freeUntil = this.#clock.elapsed() + freely;
    this.#turn = undefined;
  }
}

function loadOfThread(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}
