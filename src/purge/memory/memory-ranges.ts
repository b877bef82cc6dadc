import { randomBytes } from 'node:crypto';
import { Bell } from '../../lib/bell.ts';
import type { Clock } from '../../lib/clock.ts';
import { ContractError } from '../../lib/errors.ts';
import { type Bytes, millis } from '../../lib/units.ts';
import type { Chunks, Lease, Range, ReadRange, SourceList } from '../lease/lease.ts';
import { readersOf } from '../lists.ts';
import type { PurgeMeter } from '../meter.ts';
import { MemoryLeases } from './memory-leases.ts';

interface Held {
  readonly range: Range;
  readonly elements: readonly Buffer[];
  readonly reading: ReadRange;
  /** Routes that read it, and those of them that have not answered yet. */
  readers: number;
  unanswered: number;
  /** Routes that hold it now. */
  lent: number;
}

interface Parts {
  readonly clock: Clock;
  readonly meter: PurgeMeter;
  /** Most bytes held; one more range may go over it. */
  readonly bound: Bytes;
}

/** Ranges that live in this process alone, until every route has answered: what a crash loses. Bounded. */
export class MemoryRanges {
  readonly chunks: Chunks = { read: (range) => Promise.resolve(this.#find(range).reading) };
  readonly #parts: Parts;
  readonly #leases = new Map<string, MemoryLeases>();
  readonly #held = new Map<string, Held>();
  readonly #room: Bell;
  readonly #life = randomBytes(6).toString('hex');
  #sequence = 0;
  #bytes = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#room = new Bell(parts.clock);
  }

  get isFull(): boolean {
    return this.#bytes >= this.#parts.bound;
  }

  get isEmpty(): boolean {
    return this.#held.size === 0;
  }

  leasesFor(route: string): MemoryLeases {
    const leases = new MemoryLeases(this.#parts.clock, {
      onLent: ({ range }) => {
        this.#find(range).lent++;
      },
      onReleased: ({ range }) => {
        this.#find(range).lent--;
      },
      onSettled: (lease) => this.#settled(lease),
    });
    this.#leases.set(route, leases);
    return leases;
  }

  /** A route has ended for good, and everything that it was lent is back: gives how many records it had not answered for. */
  forget(route: string): number {
    const left = this.#leases.get(route)?.withdraw() ?? [];
    this.#leases.delete(route);
    for (const { range } of left) {
      const held = this.#find(range);
      held.readers--;
      held.unanswered--;
      this.#clear(held);
    }
    return left.reduce((sum, { range }) => sum + range.count, 0);
  }

  offer(list: SourceList, elements: readonly Buffer[]): void {
    const bytes = elements.reduce((sum, element) => sum + element.length, 0);
    const segment = `memory-${this.#life}-${++this.#sequence}`;
    const claimedAt = this.#parts.clock.now();
    const range: Range = { list, segment, start: 0, count: elements.length, bytes, claimedAt };
    const reading = { chunk: list.decoder.decode(elements), vanished: 0 };
    const readers = readersOf(list, [...this.#leases.keys()]);
    const unanswered = readers.length;
    this.#held.set(segment, { range, elements, reading, readers: unanswered, unanswered, lent: 0 });
    this.#bytes += bytes;
    this.#parts.meter.claimed(elements.length, bytes);
    this.#parts.meter.retained(this.#bytes);
    for (const route of readers) this.#leases.get(route)?.offer({ id: segment, range });
  }

  /** Waits a while, or until something was answered for. */
  async settled(signal: AbortSignal): Promise<void> {
    await this.#room.sleep(millis(1000), signal);
  }

  /** Takes out the ranges no route has begun to answer for, oldest first. */
  withdraw(): readonly { readonly range: Range; readonly elements: readonly Buffer[] }[] {
    const untouched = [...this.#held.values()].filter(
      ({ lent, readers, unanswered }) => lent === 0 && unanswered === readers,
    );
    for (const { range } of untouched) {
      this.#held.delete(range.segment);
      this.#bytes -= range.bytes;
    }
    return untouched;
  }

  /** Records that would be lost if the process ended now. */
  get recordsHeld(): number {
    return [...this.#held.values()].reduce((sum, { elements }) => sum + elements.length, 0);
  }

  #settled({ range }: Lease): void {
    const held = this.#find(range);
    held.lent--;
    held.unanswered--;
    this.#clear(held);
  }

  #clear({ range, unanswered }: Held): void {
    if (unanswered > 0) return;
    this.#held.delete(range.segment);
    this.#bytes -= range.bytes;
    const { clock, meter } = this.#parts;
    meter.reclaimed(range.bytes);
    meter.answered(millis(Math.max(0, clock.now() - range.claimedAt)));
    meter.retained(this.#bytes);
    this.#room.ring();
  }

  #find({ segment }: Range): Held {
    const held = this.#held.get(segment);
    if (held === undefined) throw new ContractError('a range in memory was answered for twice');
    return held;
  }
}
