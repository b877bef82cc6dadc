import type { Lease, Range } from './lease.ts';

/** What a process holds for a route, by list key and entry id, and how much of each segment that is. */
export class HeldLeases {
  readonly #leases = new Map<string, Lease>();
  readonly #bySegment = new Map<string, number>();

  get all(): readonly Lease[] {
    return [...this.#leases.values()];
  }

  has(key: string): boolean {
    return this.#leases.has(key);
  }

  /** Whether any range of this one's segment is held. */
  hasOf(range: Range): boolean {
    return this.#bySegment.has(segmentOf(range));
  }

  add(leases: readonly Lease[]): void {
    for (const lease of leases) {
      if (!this.#leases.has(heldKey(lease))) this.#count(lease.range, 1);
      this.#leases.set(heldKey(lease), lease);
    }
  }

  delete(key: string): void {
    const lease = this.#leases.get(key);
    if (lease === undefined) return;
    this.#leases.delete(key);
    this.#count(lease.range, -1);
  }

  #count(range: Range, change: number): void {
    const segment = segmentOf(range);
    const count = (this.#bySegment.get(segment) ?? 0) + change;
    if (count === 0) this.#bySegment.delete(segment);
    else this.#bySegment.set(segment, count);
  }
}

export const heldKey = ({ id, range }: Lease): string => `${range.list.key} ${id}`;

const segmentOf = ({ list, segment }: Range): string => `${list.key} ${segment}`;
