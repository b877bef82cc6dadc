import { Bell } from '../lib/bell.ts';
import { explain } from '../lib/errors.ts';
import { millis } from '../lib/units.ts';
import { inTime, later } from '../lib/waiting.ts';
import type { Chunks, Lease, Range, ReadRange, RouteLeases, Tally } from '../purge/lease/lease.ts';
import { compareEntries } from '../purge/lease/manifest-entry.ts';
import { Mover } from './mover.ts';
import type { SpillingParts } from './parts.ts';
import type { Spilled } from './reading.ts';
import { SpillPause } from './spill-pause.ts';

/** What a route holds. */
interface Held {
  /** Set once it is on disk: Redis knows nothing of it any more. */
  spilled: Spilled | undefined;
  /** Its way to the disk, while it is on it. */
  moving: Promise<unknown> | undefined;
  isSettling: boolean;
}

const rangesAtOnce = 4;
/** A little longer than a route waits between two looks for ranges of dead instances. */
const longestLook = millis(1500);
const longestEnd = millis(1500);

/**
 * A route's leases and chunks with a spill in between: spilled ranges come first, then those of Redis. The route does
 * not notice. While it goes on trying, ranges it holds, which keep the oldest segments in Redis, are moved to disk
 * under it: written, synced, acknowledged in Redis as spilled, and from then on its answer is booked on disk. What it
 * does not hold is taken and moved in the same way.
 *
 * kill -9 at any point: before the sync, Redis still has the range (a torn tail is cut); between sync and
 * acknowledgement both have it, and it is delivered twice under the same record ids; after it the disk has it.
 */
export class SpillingLeases implements RouteLeases, Chunks {
  readonly #parts: SpillingParts;
  readonly #mover: Mover;
  readonly #bell: Bell;
  readonly #held = new Map<Lease, Held>();
  /** Where ranges are that are handed out from disk or were moved there. */
  readonly #onDisk = new WeakMap<Range, Spilled>();
  /** Leases of Redis that could be neither spilled nor given back: the route gets them. */
  #leftOver: Lease[] = [];
  #interrupt = new AbortController();
  #taking: Promise<unknown> = Promise.resolve();
  /** Per list up to where Redis has to be relieved; empty: it need not. */
  readonly #targets = new Map<string, string>();
  #relieving: Promise<void> | undefined;
  #stopRelief = new AbortController();
  readonly #pause: SpillPause;

  constructor(parts: SpillingParts) {
    this.#parts = parts;
    this.#mover = new Mover(parts);
    this.#bell = new Bell(parts.clock);
    this.#pause = new SpillPause(parts.clock, parts.used);
  }

  /** Starts moving the route's ranges of a list up to an entry. False: it cannot at present. */
  relieve(list: string, upTo: string): boolean {
    if (this.#pause.isOn) return false;
    this.#targets.set(list, upTo);
    this.#relieving ??= this.#relieve(this.#stopRelief.signal).finally(() => {
      this.#relieving = undefined;
    });
    return true;
  }

  async take(most: number, signal: AbortSignal): Promise<readonly Lease[]> {
    while (!signal.aborted) {
      const spilled = this.#parts.spill.next(most);
      if (spilled.length > 0) return spilled.map((each) => this.#lend(each));
      if (this.#relieving !== undefined) await this.#bell.sleep(millis(1000), signal);
      else {
        const leases = await this.#takeFromRedis(most, signal);
        if (leases.length > 0) return leases;
      }
    }
    return [];
  }

  async settle(lease: Lease, tally: Tally): Promise<void> {
    const held = this.#held.get(lease);
    if (held?.moving !== undefined) await held.moving;
    // An answer may also come after everything was given back: Redis must not be asked about what is on disk.
    const spilled = held === undefined ? this.#onDisk.get(lease.range) : held.spilled;
    if (spilled !== undefined) {
      this.#held.delete(lease);
      await this.#parts.spill.done(spilled);
      return;
    }
    if (held !== undefined) held.isSettling = true;
    await this.#parts.leases.settle(lease, tally);
    this.#held.delete(lease);
  }

  async isHeld(lease: Lease, signal: AbortSignal): Promise<boolean> {
    // On disk it is ours alone.
    if (this.#onDisk.has(lease.range)) return true;
    const isHeld = await this.#parts.leases.isHeld(lease, signal);
    // It may have been moved to disk meanwhile, and so have been acknowledged in Redis.
    if (isHeld || this.#onDisk.has(lease.range)) return true;
    this.#held.delete(lease);
    return false;
  }

  async release(leases: readonly Lease[]): Promise<void> {
    const ofRedis: Lease[] = [];
    const ofDisk: Spilled[] = [];
    for (const lease of leases) {
      const held = this.#held.get(lease);
      await held?.moving;
      if (held?.spilled === undefined) ofRedis.push(lease);
      else ofDisk.push(held.spilled);
      this.#held.delete(lease);
    }
    this.#parts.spill.giveBack(ofDisk);
    await this.#parts.leases.release(ofRedis);
  }

  async releaseAll(): Promise<void> {
    await this.#endRelief();
    this.#leftOver = [];
    const ofDisk = [...this.#held.values()].flatMap(({ spilled }) => spilled ?? []);
    this.#held.clear();
    this.#parts.spill.giveBack(ofDisk);
    await this.#parts.leases.releaseAll();
  }

  keep(signal: AbortSignal): Promise<void> {
    return this.#parts.leases.keep(signal);
  }

  async read(range: Range, signal: AbortSignal): Promise<ReadRange> {
    const before = this.#onDisk.get(range);
    if (before !== undefined) return this.#mover.readBack(before, range, signal);
    const read = await this.#parts.chunks.read(range, signal);
    // It may have gone to disk, and from Redis, while it was being read.
    const after = read.vanished > 0 ? this.#onDisk.get(range) : undefined;
    return after === undefined ? read : this.#mover.readBack(after, range, signal);
  }

  async #takeFromRedis(most: number, signal: AbortSignal): Promise<readonly Lease[]> {
    const { leases } = this.#parts;
    this.#interrupt = new AbortController();
    const left = this.#leftOver.splice(0, most);
    const taking =
      left.length > 0
        ? Promise.resolve(left)
        : leases.take(most, AbortSignal.any([signal, this.#interrupt.signal]));
    const lent = taking.then((taken) => {
      for (const lease of taken)
        this.#held.set(lease, { spilled: undefined, moving: undefined, isSettling: false });
      return taken;
    });
    this.#taking = lent.catch(() => undefined);
    return lent;
  }

  #lend(spilled: Spilled): Lease {
    const { file, offset, range } = spilled;
    // An object of its own: the same range may be lent again after it was given back.
    const lease = { id: `${file.name}:${offset}`, range: { ...range } };
    this.#onDisk.set(lease.range, spilled);
    this.#held.set(lease, { spilled, moving: undefined, isSettling: false });
    return lease;
  }

  /** With Redis away a relief may be stuck in acknowledging: then a stop goes on without it. */
  async #endRelief(): Promise<void> {
    this.#stopRelief.abort(new Error('the route has ended'));
    this.#stopRelief = new AbortController();
    if (this.#relieving === undefined) return;
    const deadline = { clock: this.#parts.clock, time: longestEnd };
    await inTime(this.#relieving, deadline, () => undefined);
  }

  async #relieve(stop: AbortSignal): Promise<void> {
    this.#interrupt.abort();
    await this.#taking;
    try {
      await this.#moveHeld(stop);
      await this.#moveUnread(stop);
      this.#pause.clear();
    } catch (error) {
      if (!stop.aborted) this.#failed(error);
    } finally {
      this.#targets.clear();
      this.#bell.ring();
    }
  }

  /** What the route has on its hands, oldest first. */
  async #moveHeld(stop: AbortSignal): Promise<void> {
    const leases = [...this.#held]
      .filter(([lease, held]) => held.spilled === undefined && this.#isWanted(lease))
      .map(([lease]) => lease)
      .sort((a, b) => compareEntries(a.id, b.id));
    for (let at = 0; at < leases.length; at += rangesAtOnce)
      await this.#moveSome(leases.slice(at, at + rangesAtOnce), stop);
  }

  async #moveSome(leases: readonly Lease[], stop: AbortSignal): Promise<void> {
    stop.throwIfAborted();
    const some = leases.flatMap((lease) => {
      const held = this.#held.get(lease);
      return held === undefined || held.isSettling ? [] : [{ lease, held }];
    });
    const moving = this.#mover.move(
      some.map(({ lease }) => lease),
      { signal: stop, isHeld: true },
      (lease, spilled) => {
        const held = this.#held.get(lease);
        if (held !== undefined) held.spilled = spilled;
        this.#onDisk.set(lease.range, spilled);
      },
    );
    const quietly = moving.catch(() => undefined);
    for (const { held } of some) held.moving = quietly;
    try {
      await moving;
    } finally {
      for (const { held } of some) held.moving = undefined;
    }
  }

  /** What nobody holds, until every target is reached or nothing is left. */
  async #moveUnread(stop: AbortSignal): Promise<void> {
    const { leases, spill } = this.#parts;
    while (this.#targets.size > 0) {
      stop.throwIfAborted();
      const taken = [...this.#leftOver, ...(await this.#look(stop))];
      this.#leftOver = [];
      if (taken.length === 0) return;
      const moved = new Map<Lease, Spilled>();
      try {
        await this.#mover.move(taken, { signal: stop, isHeld: false }, (lease, spilled) =>
          moved.set(lease, spilled),
        );
      } catch (error) {
        // Those not on disk are for whoever looks next; where Redis cannot even hear that, for our own route.
        const rest = taken.filter((lease) => !moved.has(lease));
        await leases.release(rest).catch(() => this.#leftOver.push(...rest));
        throw error;
      } finally {
        spill.offer([...moved.values()]);
      }
      for (const { id, range } of taken)
        if (compareEntries(id, this.#targets.get(range.list.key) ?? '') >= 0)
          this.#targets.delete(range.list.key);
    }
  }

  async #look(stop: AbortSignal): Promise<readonly Lease[]> {
    const looked = new AbortController();
    const either = AbortSignal.any([stop, looked.signal]);
    later(this.#parts.clock, longestLook, () => looked.abort(), either);
    try {
      return await this.#parts.leases.take(rangesAtOnce, either);
    } finally {
      looked.abort();
    }
  }

  #isWanted({ id, range }: Lease): boolean {
    const upTo = this.#targets.get(range.list.key);
    return upTo !== undefined && compareEntries(id, upTo) <= 0;
  }

  #failed(error: unknown): void {
    const { log, meter, route } = this.#parts;
    meter.failed(route);
    this.#pause.note(error);
    log.error({ error: explain(error) }, 'Ranges could not be moved to disk.');
  }

  /** Ends with the relief under way, if there is one. */
  async relieved(): Promise<void> {
    await this.#relieving;
  }

  /** Why nothing is spilled at present; for /ready. */
  get problem(): string | undefined {
    return this.#pause.reason;
  }
}
