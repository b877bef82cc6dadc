import { unlessAborted } from '../../lib/waiting.ts';
import type { Chunks, Lease, Leases, Range, ReadRange, Tally } from '../../purge/lease/lease.ts';
import type { AnalyticsRecord } from '../../record/record.ts';
import { aList, chunkOf } from './parts.testing.ts';

/** A source of ranges in memory: both the leases and the chunks of one route. */
export class FakeSource implements Leases, Chunks {
  readonly settled: string[] = [];
  readonly tallies: Tally[] = [];
  readonly released: string[] = [];
  /** Segments whose records the route reads no more: they are spoilt. */
  readonly letGo: string[] = [];
  /** Leases taken, ever. */
  taken = 0;
  /** Ids of leases that somebody else has taken over. */
  readonly takenOver = new Set<string>();
  /** Called before a settle resolves. */
  onSettle: (lease: Lease) => Promise<void> = () => Promise.resolve();
  /** Ranges asked for and not settled, at most, ever. */
  #waiting: Lease[] = [];
  readonly #chunks = new Map<string, ReadRange>();
  #wake: (() => void) | undefined;
  #ids = 0;

  /** Makes a range available; returns its lease's id, which is its segment too. */
  add(
    records: readonly (AnalyticsRecord | undefined)[],
    { list = aList(), vanished = 0, rangeBytes = 0, isAgain = false, claimedAt = 0 } = {},
  ): string {
    this.#ids += 1;
    const id = `${this.#ids}-0`;
    const range: Range = {
      list,
      segment: id,
      start: 0,
      count: records.length + vanished,
      bytes: rangeBytes || records.reduce((sum, record) => sum + (record?.bytes.length ?? 6), 0),
      claimedAt,
    };
    this.#chunks.set(id, {
      chunk: chunkOf(records),
      vanished,
      letGo: () => this.#spoil(id, records),
    });
    this.#waiting.push({ id, range, isAgain });
    this.#wake?.();
    return id;
  }

  #spoil(id: string, records: readonly (AnalyticsRecord | undefined)[]): void {
    this.letGo.push(id);
    for (const record of records) record?.bytes.fill(0xdd);
  }

  /** Its segment is gone. */
  vanish(id: string): void {
    this.#chunks.set(id, { chunk: chunkOf([]), vanished: 1 });
  }

  async take(most: number, signal: AbortSignal): Promise<readonly Lease[]> {
    while (this.#waiting.length === 0 && !signal.aborted)
      await unlessAborted(
        new Promise<void>((resolve) => {
          this.#wake = resolve;
        }),
        undefined,
        signal,
      );
    if (signal.aborted) return [];
    const taken = this.#waiting.splice(0, most);
    this.taken += taken.length;
    return taken;
  }

  async settle(lease: Lease, tally: Tally): Promise<void> {
    await this.onSettle(lease);
    this.tallies.push({ ...tally });
    this.settled.push(lease.id);
  }

  isHeld({ id }: Lease): Promise<boolean> {
    return Promise.resolve(!this.takenOver.has(id));
  }

  release(leases: readonly Lease[]): Promise<void> {
    this.released.push(...leases.map(({ id }) => id));
    return Promise.resolve();
  }

  read(range: Range, signal: AbortSignal): Promise<ReadRange> {
    signal.throwIfAborted();
    const read = this.#chunks.get(range.segment);
    return read === undefined ? Promise.reject(new Error('no such range')) : Promise.resolve(read);
  }
}
