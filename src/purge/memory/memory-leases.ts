import { Bell } from '../../lib/bell.ts';
import type { Clock } from '../../lib/clock.ts';
import { millis } from '../../lib/units.ts';
import type { Lease, RouteLeases } from '../lease/lease.ts';

const longestWait = millis(1000);

interface Events {
  onLent(lease: Lease): void;
  onReleased(lease: Lease): void;
  onSettled(lease: Lease): void;
}

/** Leases of ranges in memory: a queue. Nothing to renew, and nobody to take over. */
export class MemoryLeases implements RouteLeases {
  readonly #events: Events;
  readonly #bell: Bell;
  readonly #held = new Set<Lease>();
  readonly #waiting: Lease[] = [];

  constructor(clock: Clock, events: Events) {
    this.#bell = new Bell(clock);
    this.#events = events;
  }

  offer(lease: Lease): void {
    this.#waiting.push(lease);
    this.#bell.ring();
  }

  async take(most: number, signal: AbortSignal): Promise<readonly Lease[]> {
    while (!signal.aborted) {
      const taken = this.#waiting.splice(0, most);
      for (const lease of taken) {
        this.#held.add(lease);
        this.#events.onLent(lease);
      }
      if (taken.length > 0) return taken;
      await this.#bell.sleep(longestWait, signal);
    }
    return [];
  }

  settle(lease: Lease): Promise<void> {
    if (this.#held.delete(lease)) this.#events.onSettled(lease);
    return Promise.resolve();
  }

  isHeld(lease: Lease): Promise<boolean> {
    return Promise.resolve(this.#held.has(lease));
  }

  release(leases: readonly Lease[]): Promise<void> {
    const returned = leases.filter((lease) => this.#held.delete(lease));
    for (const lease of returned) this.#events.onReleased(lease);
    this.#waiting.unshift(...returned);
    if (returned.length > 0) this.#bell.ring();
    return Promise.resolve();
  }

  /** Takes out what was lent to nobody and answered for by nobody. */
  withdraw(): readonly Lease[] {
    return this.#waiting.splice(0);
  }

  releaseAll(): Promise<void> {
    return this.release([...this.#held]);
  }

  keep(): Promise<void> {
    return Promise.resolve();
  }
}
