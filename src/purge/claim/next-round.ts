import type { PurgeConfig } from '../../config/config.ts';
import { Bell } from '../../lib/bell.ts';
import type { Clock } from '../../lib/clock.ts';
import { millis } from '../../lib/units.ts';
import { pause } from '../../lib/waiting.ts';

/** Shortest time between two rounds, so that an emptying backlog does not spin. */
const shortest = 50;
/** While nothing may be claimed, a round looks this often whether it may again. */
const whileHolding = 1_000;
/** Records are taken to flow for so long after some were claimed. */
const flowsFor = 10_000;

interface Parts {
  readonly clock: Clock;
  readonly purge: PurgeConfig;
  /** Whether there may be something to claim: one command, where Redis can say so with one. */
  readonly hasNews: () => Promise<boolean>;
}

/**
 * When the next round comes: after `purge_delay`, or at a ring. While records flow it also comes as soon as the lists hold
 * some, and that is asked every `sluice.flowing_delay`. At rest nothing is asked in between.
 */
export class NextRound {
  readonly #parts: Parts;
  readonly #bell: Bell;
  #flowsUntil = -Infinity;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#bell = new Bell(parts.clock);
  }

  ring(): void {
    this.#bell.ring();
  }

  /** A round has found records. */
  claimed(): void {
    this.#flowsUntil = this.#parts.clock.elapsed() + flowsFor;
  }

  /** Resolves when the round is due. Never rejects. */
  async wait({ isHolding }: { readonly isHolding: boolean }, signal: AbortSignal): Promise<void> {
    const { clock, purge } = this.#parts;
    const longest = isHolding ? Math.min(purge.delay, whileHolding) : purge.delay;
    const flowing = isHolding ? longest : Math.min(longest, purge.flowingDelay ?? longest);
    let last = clock.elapsed();
    const end = last + longest;
    await pause(clock, millis(Math.min(shortest, longest)), signal);
    for (;;) {
      const now = clock.elapsed();
      const next = Math.min(end, now < this.#flowsUntil ? last + flowing : end);
      if (await this.#bell.sleep(millis(Math.max(0, next - now)), signal)) return;
      if (signal.aborted || next >= end || (await this.#hasNews())) return;
      last = clock.elapsed();
    }
  }

  async #hasNews(): Promise<boolean> {
    try {
      return await this.#parts.hasNews();
    } catch {
      // The round at the end of the delay meets with the same, and says so.
      return false;
    }
  }
}
