import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import { type Millis, millis } from '../../lib/units.ts';
import type { RedisClient } from '../../redis/client.ts';
import { ledgerKey, manifestKey } from '../../redis/keys.ts';
import { rewoundField } from '../scripts/settle.ts';
import type { Lease, SourceList } from './lease.ts';
import { compareEntries, type StreamEntry } from './manifest-entry.ts';
import { shares } from './new-ranges.ts';

/** How often a route looks for ranges of dead or departing instances while it finds some. */
export const takeoverEvery = millis(1000);
/** And while it finds none: each look is a command for each list. At most a twelfth of the lease. */
const seldom = millis(5000);

export interface TakeoverParts {
  readonly client: RedisClient;
  readonly clock: Clock;
  readonly log: Log;
  /** The consumer group. */
  readonly route: string;
  readonly consumer: string;
  readonly lease: Millis;
  /** Makes leases of what Redis has lent. */
  readonly leasesOf: (
    list: SourceList,
    entries: readonly StreamEntry[],
  ) => Promise<readonly Lease[]>;
  readonly isHeld: (lease: Lease) => boolean;
  /** Ranges were taken over: they are held from now on, and wait here. */
  readonly onTaken: (leases: readonly Lease[]) => void;
  readonly onFailure: (list: SourceList, error: unknown) => void;
}

/**
 * Takes over ranges whose lease has run out, by XAUTOCLAIM. It looks beside whoever reads new ranges, who waits for it
 * only where there is nothing new; what a look may find has its place kept meanwhile, and what it found is handed out
 * before anything else. Lists take turns where there are more of them than ranges that fit.
 */
export class Takeover {
  readonly #parts: TakeoverParts;
  /** In the order of their turns. */
  #stocked: readonly SourceList[] = [];
  #looked = Number.NEGATIVE_INFINITY;
  #pause: number = takeoverEvery;
  /** Lists that are still to be asked before it is time for a pause. */
  #left = 0;
  #looking: Promise<void> | undefined;
  #reserved = 0;
  #found: readonly Lease[] = [];

  constructor(parts: TakeoverParts) {
    this.#parts = parts;
  }

  announce(stocked: readonly SourceList[]): void {
    const known = this.#stocked.filter((list) => stocked.includes(list));
    if (stocked.length === 0) this.#left = 0;
    this.#stocked = [...known, ...stocked.filter((list) => !known.includes(list))];
  }

  /** Ranges that the look under way may still find. */
  get reserved(): number {
    return this.#reserved;
  }

  /** What was found. */
  take(most: number): readonly Lease[] {
    const taken = this.#found.slice(0, most);
    this.#found = this.#found.slice(most);
    return taken;
  }

  /** Something waits to be taken, or the lists have not all been asked. */
  get isAtIt(): boolean {
    return this.#found.length > 0 || this.#left > 0;
  }

  /** What was found and not handed out has been given back. */
  clear(): void {
    this.#found = [];
  }

  /** Begins to look for at most so many, if it is time and nothing is under way. */
  begin(most: number): void {
    const now = this.#parts.clock.elapsed();
    if (this.#looking !== undefined || this.#stocked.length === 0 || most === 0) return;
    if (this.#left === 0) {
      if (now - this.#looked < this.#pause) return;
      this.#looked = now;
      this.#left = this.#stocked.length;
      this.#pause = this.#nextPause;
    }
    this.#reserved = most;
    this.#looking = this.#look(most).finally(() => {
      this.#looking = undefined;
      this.#reserved = 0;
    });
  }

  get #nextPause(): number {
    const longest = Math.max(takeoverEvery, Math.min(seldom, this.#parts.lease / 12));
    return Math.min(longest, this.#pause * 2);
  }

  /** Resolves when no look is under way. */
  async ended(): Promise<void> {
    await this.#looking;
  }

  async #look(most: number): Promise<void> {
    const { log, isHeld, onTaken } = this.#parts;
    const asked = shares(
      this.#stocked.slice(0, this.#left).map((list) => ({ list, most: 1 })),
      most,
    );
    const lists = asked.map(({ list }) => list);
    this.#left = Math.max(0, this.#left - lists.length);
    this.#stocked = [...this.#stocked.filter((list) => !lists.includes(list)), ...lists];
    const claimed = await Promise.all(asked.map(({ list, most }) => this.#claim(list, most)));
    const taken = claimed.flat().filter((lease) => !isHeld(lease));
    if (taken.length === 0) return;
    log.info({ ranges: taken.length }, 'Took over ranges of another instance.');
    this.#found = [...this.#found, ...taken];
    onTaken(taken);
    // There may be more than fit this time.
    this.#left = this.#stocked.length;
    this.#pause = takeoverEvery;
  }

  async #claim(list: SourceList, most: number): Promise<readonly Lease[]> {
    const { client, route, consumer, lease, leasesOf, onFailure } = this.#parts;
    const key = manifestKey(list.key);
    try {
      const reply = (await client.xautoclaim(
        ...([key, route, consumer, lease, '0'] as const),
        ...(['COUNT', most] as const),
      )) as unknown as readonly [string, readonly StreamEntry[]];
      return await this.#marked(list, await leasesOf(list, reply[1]));
    } catch (error) {
      onFailure(list, error);
      return [];
    }
  }

  /** Which of them an operator has had given again. Where Redis does not say, all of them may be: they are ours already. */
  async #marked(list: SourceList, leases: readonly Lease[]): Promise<readonly Lease[]> {
    if (leases.length === 0) return leases;
    const { client, route } = this.#parts;
    try {
      const mark = await client.hget(ledgerKey(list.key), `${route}|${rewoundField}`);
      const [, from, upTo = ''] = /^(\d{1,15})\|(\d+-\d+)$/.exec(mark ?? '') ?? [];
      if (from === undefined) return leases;
      const isAgain = ({ id, range }: Lease): boolean =>
        range.claimedAt >= Number(from) && compareEntries(id, upTo) <= 0;
      return leases.map((lease) => (isAgain(lease) ? { ...lease, isAgain: true } : lease));
    } catch {
      return leases.map((lease) => ({ ...lease, isAgain: true }));
    }
  }
}
