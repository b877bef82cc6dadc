import { untilAborted } from '../lib/waiting.ts';
import type { Lease, Range, ReadRange } from '../purge/lease/lease.ts';
import { untilItSucceeds } from '../redis/retrying.ts';
import type { SpillingParts } from './parts.ts';
import type { Spilled } from './reading.ts';
import type { RawRange } from './route-spill.ts';

interface Raw extends RawRange {
  readonly lease: Lease;
}

/** Brings ranges from Redis to disk, and back to a route. */
export class Mover {
  readonly #parts: SpillingParts;

  constructor(parts: SpillingParts) {
    this.#parts = parts;
  }

  /**
   * Moves leased ranges, all with one sync, in this order: on disk, `onMoved`, acknowledged in Redis. Where records have
   * vanished from Redis, a range that a route holds is left to it: it may have read them before.
   */
  async move(
    leases: readonly Lease[],
    { signal, isHeld }: { readonly signal: AbortSignal; readonly isHeld: boolean },
    onMoved: (lease: Lease, spilled: Spilled) => void,
  ): Promise<void> {
    const asked = await Promise.all(
      leases.map(async (lease): Promise<Raw | Lease> => {
        const { range } = lease;
        const raw = () => this.#parts.readRaw(range, signal);
        const elements = await untilItSucceeds(raw, this.#parts, signal);
        return elements === undefined ? lease : { lease, range, elements };
      }),
    );
    const read = asked.filter((each) => 'elements' in each);
    // What Redis cannot send stays there, for the route to answer for.
    const unread = asked.flatMap((each) => ('elements' in each ? [] : [each]));
    if (!isHeld && unread.length > 0) await this.#parts.leases.release(unread);
    const isWhole = ({ range, elements }: Raw): boolean => elements.length === range.count;
    const all = isHeld ? read.filter(isWhole) : await this.#withoutLate(read, isWhole, signal);
    const found = all.filter(({ elements }) => elements.length > 0);
    const spilled = found.length === 0 ? [] : await this.#parts.spill.append(found);
    for (const [index, each] of spilled.entries()) {
      const lease = found[index]?.lease;
      if (lease !== undefined) onMoved(lease, each);
    }
    await Promise.all(all.map((raw) => this.#acknowledge(raw)));
  }

  /** Without those whose records are gone because another instance has answered for them meanwhile. */
  async #withoutLate(
    read: readonly Raw[],
    isWhole: (raw: Raw) => boolean,
    signal: AbortSignal,
  ): Promise<readonly Raw[]> {
    const ours: Raw[] = [];
    for (const raw of read)
      if (isWhole(raw) || (await this.#parts.leases.isHeld(raw.lease, signal))) ours.push(raw);
    return ours;
  }

  /** Rejects with the signal's reason alone: what cannot be read for good is listed as undecodable. */
  readBack(spilled: Spilled, range: Range, signal: AbortSignal): Promise<ReadRange> {
    // A disk that does not answer must not keep the route from its stop.
    const read = () => untilAborted(this.#parts.spill.read(spilled, range), signal);
    return untilItSucceeds(read, this.#parts, signal);
  }

  async #acknowledge({ lease, range, elements }: Raw): Promise<void> {
    const { leases, log, meter, route } = this.#parts;
    const vanished = range.count - elements.length;
    if (vanished > 0)
      log.error(
        { records: vanished, list: range.list.key },
        'Records are no longer in Redis and are lost.',
      );
    const nothing = { delivered: 0, rejected: 0, filtered: 0 };
    await leases.settle(lease, { ...nothing, vanished, spilled: elements.length });
    meter.spilled(route, elements.length);
  }
}
