import { Bell } from '../../lib/bell.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import { type Millis, millis } from '../../lib/units.ts';
import { pause } from '../../lib/waiting.ts';
import type { RedisClient } from '../../redis/client.ts';
import { manifestKey, stateKey } from '../../redis/keys.ts';
import { ForeignLayout } from '../../redis/layout.ts';
import { untilItSucceeds } from '../../redis/retrying.ts';
import { runScript } from '../../redis/script.ts';
import { holdsScript } from '../scripts/holds.ts';
import { leaveScript } from '../scripts/release.ts';
import { touchScript } from '../scripts/touch.ts';
import { Acknowledger } from './acknowledger.ts';
import { HeldLeases, heldKey } from './held-leases.ts';
import type { Lease, RouteLeases, SourceList, Tally } from './lease.ts';
import { leasesOf, type StreamEntry } from './manifest-entry.ts';
import { NewRanges } from './new-ranges.ts';
import { leaseRefusals } from './repeated-refusal.ts';
import { StepOver } from './step-over.ts';
import { Takeover, takeoverEvery } from './takeover.ts';

/** Holds what was given back, until somebody takes it. */
export const nobody = '(released)';

export interface StreamLeasesParts {
  readonly client: RedisClient;
  readonly clock: Clock;
  readonly log: Log;
  /** The route's name: the consumer group. */
  readonly route: string;
  /** This process's name in the group; unique per process life. */
  readonly consumer: string;
  readonly lists: readonly SourceList[];
  readonly lease: Millis;
  /** Called when Redis has the acknowledgement of the last range held of a segment: the list may have something to reclaim. */
  readonly onSettled: (list: SourceList) => void;
  /** Called when the route has nothing left to read. */
  readonly onIdle: () => void;
  /** Called when the group is gone and must be made again. */
  readonly onGroupMissing: () => void;
}

/**
 * Leases over Redis Streams. New ranges come from the lists the purge loop points at (new-ranges.ts), those of a dead
 * instance once their lease has run out (takeover.ts). Leases held are renewed at a third of their length, so only a
 * process that is gone, stopped or cut off loses them. kill -9 at any point: what is held stays pending and is taken
 * over; what was delivered and not yet acknowledged is delivered again under the same record ids.
 */
export class StreamLeases implements RouteLeases {
  readonly #parts: StreamLeasesParts;
  readonly #acknowledger: Acknowledger;
  readonly #stepOver: StepOver;
  readonly #bell: Bell;
  readonly #newRanges: NewRanges;
  readonly #takeover: Takeover;
  /** What this process holds and renews. */
  readonly #held = new HeldLeases();
  /** Of those, what is on its way out: no longer ours in Redis, perhaps, and nobody has taken it over. */
  readonly #leaving = new Set<string>();
  /** Of what is held, what the last renewal did not find: the route may have it on its hands for long. */
  #lost: ReadonlySet<string> = new Set();
  /** Aborts when leases are kept no longer: an acknowledgement still waiting for Redis then gives up. */
  readonly #ended = new AbortController();
  readonly #refused: ReturnType<typeof leaseRefusals>;

  constructor(parts: StreamLeasesParts) {
    this.#parts = parts;
    this.#acknowledger = new Acknowledger({
      ...parts,
      ended: this.#ended.signal,
      onAcknowledged: (leases) => this.#acknowledged(leases),
    });
    this.#stepOver = new StepOver(parts);
    this.#bell = new Bell(parts.clock);
    this.#refused = leaseRefusals(parts);
    const lending = {
      ...parts,
      leasesOf: (list: SourceList, entries: readonly StreamEntry[]) =>
        this.#leasesOf(list, entries),
      onFailure: (list: SourceList, error: unknown) => this.#readFailed(list, error),
    };
    this.#newRanges = new NewRanges({
      ...lending,
      onAnswer: () => this.#refused.reading.succeeded(),
    });
    this.#takeover = new Takeover({
      ...lending,
      isHeld: (lease) => this.#held.has(heldKey(lease)),
      onTaken: (leases) => this.#held.add(leases),
    });
  }

  /** The purge loop says which manifests hold entries. */
  announce(stocked: readonly SourceList[]): void {
    this.#newRanges.announce(stocked);
    this.#takeover.announce(stocked);
    if (stocked.length > 0) this.#bell.ring();
  }

  async take(most: number, signal: AbortSignal): Promise<readonly Lease[]> {
    const [newRanges, takeover] = [this.#newRanges, this.#takeover];
    while (!signal.aborted) {
      // While there is something new a look for what is old may take a part of the room, and nobody waits for it.
      takeover.begin(newRanges.areExhausted ? most : Math.ceil(most / 4));
      const found = takeover.take(most);
      if (found.length > 0) return found;
      const taken = await newRanges.take(Math.max(0, most - takeover.reserved));
      this.#held.add(taken);
      if (taken.length > 0) return taken;
      await takeover.ended();
      if (takeover.isAtIt) continue;
      const isIdle = newRanges.areExhausted;
      if (isIdle) this.#parts.onIdle();
      await this.#bell.sleep(isIdle ? takeoverEvery : millis(200), signal);
    }
    return [];
  }

  settle(lease: Lease, tally: Tally): Promise<void> {
    this.#leaving.add(heldKey(lease));
    return this.#acknowledger.acknowledge(lease, tally);
  }

  #acknowledged(leases: readonly Lease[]): void {
    for (const lease of leases) this.#forget(lease);
    // While another range of a segment is held here, nothing of it can be given back.
    const last = leases.find(({ range }) => !this.#held.hasOf(range));
    if (last !== undefined) this.#parts.onSettled(last.range.list);
  }

  async isHeld(lease: Lease, signal: AbortSignal): Promise<boolean> {
    const { client, route, consumer } = this.#parts;
    const { list, segment } = lease.range;
    const keys = [manifestKey(list.key), stateKey(list.key)];
    const ask = () => runScript(client, holdsScript, keys, [route, consumer, lease.id, segment]);
    // What a newer version has made of it nobody here can tell: then it is not ours.
    const orForeign = () =>
      ask().catch((error: unknown) => {
        if (error instanceof ForeignLayout) return 0;
        throw error;
      });
    const isHeld = (await untilItSucceeds(orForeign, this.#parts, signal)) === 1;
    // Kept in mind it would not be taken over again, should its new owner die.
    if (!isHeld) this.#forget(lease);
    return isHeld;
  }

  async release(leases: readonly Lease[]): Promise<void> {
    for (const lease of leases) this.#leaving.add(heldKey(lease));
    await this.#touch(leases, { owner: nobody, idle: this.#parts.lease * 2 });
    for (const lease of leases) this.#forget(lease);
  }

  /** Gives back everything still held: the last act of a route, also of one that failed. */
  async releaseAll(): Promise<void> {
    const { client, consumer, lists, route } = this.#parts;
    const leave = ({ key }: SourceList) =>
      runScript(client, leaveScript, [manifestKey(key), stateKey(key)], [route, consumer]);
    try {
      await this.release(this.#held.all);
      // What a look has found meanwhile is nobody's to deliver any more.
      await this.#takeover.ended();
      await this.release(this.#held.all);
      this.#takeover.clear();
    } finally {
      await Promise.all(lists.map(leave));
    }
  }

  /** Renews what is held until the signal aborts. Runs beside the route. */
  async keep(signal: AbortSignal): Promise<void> {
    const { clock, lease } = this.#parts;
    do {
      await pause(clock, millis(lease / 3), signal);
      await this.#renew();
    } while (!signal.aborted);
    this.#ended.abort(new Error('leases are no longer kept'));
  }

  async #renew(): Promise<void> {
    try {
      const [held, leaving] = [this.#held.all, new Set(this.#leaving)];
      const missing = await this.#touch(held, { owner: this.#parts.consumer, idle: 0 });
      // Settled or given back meanwhile, they are nobody's loss.
      const lost = missing.filter(
        (key) => this.#held.has(key) && !leaving.has(key) && !this.#leaving.has(key),
      );
      const ranges = lost.filter((key) => !this.#lost.has(key)).length;
      this.#lost = new Set(lost);
      if (ranges > 0)
        this.#parts.log.warn(
          { ranges },
          'Leases ran out: others have taken the ranges over, or Redis has lost them.',
        );
      this.#refused.renewal.succeeded();
    } catch (error) {
      this.#refused.renewal.failed(error);
    }
  }

  async #leasesOf(list: SourceList, entries: readonly StreamEntry[]): Promise<readonly Lease[]> {
    const { leases, malformed } = leasesOf(list, entries);
    // Where Redis does not answer they come again; the ranges beside them are ours and must not be forgotten.
    await this.#stepOver.these(list, malformed).catch(() => undefined);
    return leases;
  }

  #readFailed(list: SourceList, error: unknown): void {
    // NOGROUP: Redis lost its data or somebody destroyed the group. The next claim makes it again.
    if (!(error instanceof Error) || !error.message.startsWith('NOGROUP')) {
      this.#refused.reading.failed(error);
      return;
    }
    this.#newRanges.forget(list);
    this.#parts.onGroupMissing();
  }

  #forget(lease: Lease): void {
    this.#held.delete(heldKey(lease));
    this.#leaving.delete(heldKey(lease));
  }

  /** Gives those that were no longer held. */
  async #touch(
    leases: readonly Lease[],
    { owner, idle }: { readonly owner: string; readonly idle: number },
  ): Promise<readonly string[]> {
    const { client, route, consumer } = this.#parts;
    const byList = new Map<string, string[]>();
    for (const { id, range } of leases) {
      const ids = byList.get(range.list.key);
      if (ids === undefined) byList.set(range.list.key, [id]);
      else ids.push(id);
    }
    const touch = async ([list, ids]: readonly [string, readonly string[]]) => {
      const keys = [manifestKey(list), stateKey(list)];
      try {
        const args = [route, consumer, owner, idle, ...ids];
        const reply = await runScript(client, touchScript, keys, args);
        return (reply as readonly string[]).map((id) => `${list} ${id}`);
      } catch (error) {
        if (!(error instanceof ForeignLayout)) throw error;
        for (const id of ids) this.#held.delete(`${list} ${id}`);
        return [];
      }
    };
    // What is refused for one list must not be missed by the others.
    const touched = await Promise.allSettled([...byList].map(touch));
    return touched.flatMap((outcome) => {
      if (outcome.status === 'rejected') throw outcome.reason;
      return outcome.value;
    });
  }
}
