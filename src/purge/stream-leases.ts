import { Bell } from '../lib/bell.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { type Millis, millis } from '../lib/units.ts';
import type { RedisClient } from '../redis/client.ts';
import { manifestKey, stateKey } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';
import { Acknowledger } from './acknowledger.ts';
import type { Lease, RouteLeases, SourceList, Tally } from './lease.ts';
import { leasesOf, type StreamEntry } from './manifest-entry.ts';
import { leaseRefusals } from './repeated-refusal.ts';
import { untilItSucceeds } from './retrying.ts';
import { holdsScript } from './scripts/holds.ts';
import { leaveScript } from './scripts/release.ts';
import { touchScript } from './scripts/touch.ts';
import { StepOver } from './step-over.ts';

/** How often a route looks for ranges of dead or departing instances while there are manifests with entries. */
const takeoverEvery = millis(1000);

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
  /** Called when Redis has an acknowledgement: the list may have something to reclaim. */
  readonly onSettled: (list: SourceList) => void;
  /** Called when the route has nothing left to read. */
  readonly onIdle: () => void;
  /** Called when the group is gone and must be made again. */
  readonly onGroupMissing: () => void;
}

/**
 * Leases over Redis Streams. New ranges come by XREADGROUP from the lists the purge loop points at; those of a dead
 * instance by XAUTOCLAIM once their lease has run out. Leases held are renewed at a third of their length, so only a
 * process that is gone, stopped or cut off loses them. kill -9 at any point: what is held stays pending and is taken
 * over; what was delivered and not yet acknowledged is delivered again under the same record ids.
 */
export class StreamLeases implements RouteLeases {
  readonly #parts: StreamLeasesParts;
  readonly #acknowledger: Acknowledger;
  readonly #stepOver: StepOver;
  readonly #bell: Bell;
  /** Lists whose manifest may hold entries this group has not read. */
  readonly #unread = new Set<SourceList>();
  /** Lists whose manifest holds entries, as of the last claim. */
  #stocked: readonly SourceList[] = [];
  /** By list key and entry id: what this process holds and renews. */
  readonly #held = new Map<string, Lease>();
  /** Of those, what is on its way out: no longer ours in Redis, perhaps, and nobody has taken it over. */
  readonly #leaving = new Set<string>();
  /** Aborts when leases are kept no longer: an acknowledgement still waiting for Redis then gives up. */
  readonly #ended = new AbortController();
  readonly #refused: ReturnType<typeof leaseRefusals>;
  #lookedForOrphans = Number.NEGATIVE_INFINITY;

  constructor(parts: StreamLeasesParts) {
    this.#parts = parts;
    this.#acknowledger = new Acknowledger(parts.client, parts.route);
    this.#stepOver = new StepOver(parts);
    this.#bell = new Bell(parts.clock);
    this.#refused = leaseRefusals(parts);
  }

  /** The purge loop says which manifests hold entries. */
  announce(stocked: readonly SourceList[]): void {
    this.#stocked = stocked;
    if (stocked.length === 0) return;
    for (const list of stocked) this.#unread.add(list);
    this.#bell.ring();
  }

  async take(most: number, signal: AbortSignal): Promise<readonly Lease[]> {
    while (!signal.aborted) {
      const taken = [...(await this.#takeOver(most))];
      for (const list of [...this.#unread]) {
        if (taken.length >= most) break;
        taken.push(...(await this.#read(list, most - taken.length)));
      }
      for (const lease of taken) this.#held.set(heldKey(lease), lease);
      if (taken.length > 0) return taken;
      if (this.#unread.size === 0) this.#parts.onIdle();
      await this.#bell.sleep(this.#unread.size > 0 ? millis(200) : takeoverEvery, signal);
    }
    return [];
  }

  async settle(lease: Lease, tally: Tally): Promise<void> {
    this.#leaving.add(heldKey(lease));
    await untilItSucceeds(
      () => this.#acknowledger.acknowledge(lease, tally),
      this.#parts,
      this.#ended.signal,
    );
    this.#forget(lease);
    this.#parts.onSettled(lease.range.list);
  }

  async isHeld(lease: Lease, signal: AbortSignal): Promise<boolean> {
    const { client, route, consumer } = this.#parts;
    const { list, segment } = lease.range;
    const keys = [manifestKey(list.key), stateKey(list.key)];
    const ask = () => runScript(client, holdsScript, keys, [route, consumer, lease.id, segment]);
    const isHeld = (await untilItSucceeds(ask, this.#parts, signal)) === 1;
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
    await this.release([...this.#held.values()]);
    await Promise.all(
      lists.map(({ key }) => runScript(client, leaveScript, [manifestKey(key)], [route, consumer])),
    );
  }

  /** Renews what is held until the signal aborts. Runs beside the route. */
  async keep(signal: AbortSignal): Promise<void> {
    const { clock, lease } = this.#parts;
    do {
      await clock.sleep(millis(lease / 3), signal).catch(() => undefined);
      await this.#renew();
    } while (!signal.aborted);
    this.#ended.abort(new Error('leases are no longer kept'));
  }

  async #renew(): Promise<void> {
    try {
      const [held, leaving] = [[...this.#held.values()], new Set(this.#leaving)];
      const missing = await this.#touch(held, { owner: this.#parts.consumer, idle: 0 });
      // Settled or given back meanwhile, they are nobody's loss.
      const lost = missing.filter(
        (key) => this.#held.has(key) && !leaving.has(key) && !this.#leaving.has(key),
      );
      if (lost.length > 0)
        this.#parts.log.warn(
          { ranges: lost.length },
          'Leases ran out: others have taken the ranges over, or Redis has lost them.',
        );
      this.#refused.renewal.succeeded();
    } catch (error) {
      this.#refused.renewal.failed(error);
    }
  }

  async #read(list: SourceList, most: number): Promise<readonly Lease[]> {
    const { client, route, consumer } = this.#parts;
    try {
      const reply = (await client.xreadgroup(
        'GROUP',
        route,
        consumer,
        'COUNT',
        most,
        'STREAMS',
        manifestKey(list.key),
        '>',
      )) as readonly [readonly [string, readonly StreamEntry[]]] | null;
      const entries = reply === null ? [] : reply[0][1];
      if (entries.length < most) this.#unread.delete(list);
      this.#refused.reading.succeeded();
      return await this.#leasesOf(list, entries);
    } catch (error) {
      this.#readFailed(list, error);
      return [];
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
    this.#unread.delete(list);
    this.#parts.onGroupMissing();
  }

  async #takeOver(most: number): Promise<readonly Lease[]> {
    const { client, clock, route, consumer, lease, log } = this.#parts;
    if (clock.elapsed() - this.#lookedForOrphans < takeoverEvery) return [];
    this.#lookedForOrphans = clock.elapsed();
    const taken: Lease[] = [];
    for (const list of this.#stocked) {
      if (taken.length >= most) break;
      try {
        const reply = (await client.xautoclaim(
          manifestKey(list.key),
          route,
          consumer,
          lease,
          '0',
          'COUNT',
          most - taken.length,
        )) as unknown as readonly [string, readonly StreamEntry[]];
        const found = await this.#leasesOf(list, reply[1]);
        taken.push(...found.filter((lease) => !this.#held.has(heldKey(lease))));
      } catch (error) {
        this.#readFailed(list, error);
      }
    }
    if (taken.length > 0) {
      log.info({ ranges: taken.length }, 'Took over ranges of another instance.');
      // There may be more than fit this time.
      this.#lookedForOrphans = Number.NEGATIVE_INFINITY;
    }
    return taken;
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
    const lost: string[] = [];
    for (const [list, ids] of byList) {
      const reply = await runScript(
        client,
        touchScript,
        [manifestKey(list)],
        [route, consumer, owner, idle, ...ids],
      );
      lost.push(...(reply as readonly string[]).map((id) => `${list} ${id}`));
    }
    return lost;
  }
}

const heldKey = ({ id, range }: Lease): string => `${range.list.key} ${id}`;
