import { Bell } from '../lib/bell.ts';
import type { Clock } from '../lib/clock.ts';
import { ContractError } from '../lib/errors.ts';
import { millis } from '../lib/units.ts';
import { isAborted, unlessAborted } from '../lib/waiting.ts';
import type {
  Chunks,
  Lease,
  Range,
  ReadRange,
  RouteLeases,
  SourceList,
  Tally,
} from '../purge/lease/lease.ts';
import type { Source } from '../purge/purge.ts';

/** A record that comes from elsewhere than Redis, with the id under which it is delivered. */
export interface FedRecord {
  /** Where a dead letter of it says that it came from; its decoder reads the bytes. */
  readonly list: SourceList;
  readonly segment: string;
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** What has become of them so far. */
export type Answered = Pick<Tally, 'delivered' | 'rejected' | 'filtered'>;

const longestWait = millis(1000);

/**
 * Records of a stream as ranges of one record each: what is answered for is known record by record, and each keeps its id. A
 * record is read when the route has room for it, and held until the route has answered. Nothing else remembers it: the next
 * time it comes from where it came from.
 */
export class FedRecords implements Source, RouteLeases, Chunks {
  readonly mode = 'at-least-once';
  readonly chunks: Chunks = this;
  readonly #clock: Clock;
  readonly #records: AsyncIterator<FedRecord>;
  readonly #bell: Bell;
  readonly #read = new WeakMap<Range, ReadRange>();
  readonly #held = new Set<Lease>();
  /** Given back, and to be taken again. */
  #returned: Lease[] = [];
  /** Asked of the stream; still wanted where the wait for it was ended. */
  #next: Promise<IteratorResult<FedRecord>> | undefined;
  #isOver = false;
  #failure: { readonly error: unknown } | undefined;
  #answered = { delivered: 0, rejected: 0, filtered: 0 };

  constructor(clock: Clock, records: AsyncIterable<FedRecord>) {
    this.#clock = clock;
    this.#records = records[Symbol.asyncIterator]();
    this.#bell = new Bell(clock);
  }

  get answered(): Answered {
    return this.#answered;
  }

  /** Every record of the stream is answered for. */
  get isDone(): boolean {
    return this.#isOver && this.#held.size === 0 && this.#returned.length === 0;
  }

  /** The stream broke: what it has not given is nowhere here. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  leasesFor(): RouteLeases {
    return this;
  }

  forget(): void {
    // There is one route, and nothing is kept for it.
  }

  /** Once nobody takes any more. Where the stream keeps us waiting, its end is that of the process. */
  async close(): Promise<void> {
    if (this.#next === undefined) await this.#records.return?.();
  }

  async take(most: number, signal: AbortSignal): Promise<readonly Lease[]> {
    while (!signal.aborted) {
      const taken = this.#returned.splice(0, most);
      while (taken.length < most && !this.#isOver) {
        const lease = await this.#pull(signal);
        if (lease === undefined) break;
        taken.push(lease);
      }
      if (isAborted(signal)) {
        this.#returned.unshift(...taken);
        return [];
      }
      for (const lease of taken) this.#held.add(lease);
      if (taken.length > 0) return taken;
      if (this.#isOver) await this.#bell.sleep(longestWait, signal);
    }
    return [];
  }

  settle(lease: Lease, { delivered, rejected, filtered }: Tally): Promise<void> {
    if (this.#held.delete(lease)) {
      this.#answered.delivered += delivered;
      this.#answered.rejected += rejected;
      this.#answered.filtered += filtered;
    }
    return Promise.resolve();
  }

  isHeld(lease: Lease): Promise<boolean> {
    return Promise.resolve(this.#held.has(lease));
  }

  release(leases: readonly Lease[]): Promise<void> {
    this.#returned.unshift(...leases.filter((lease) => this.#held.delete(lease)));
    this.#bell.ring();
    return Promise.resolve();
  }

  releaseAll(): Promise<void> {
    return this.release([...this.#held]);
  }

  keep(): Promise<void> {
    return Promise.resolve();
  }

  read(range: Range): Promise<ReadRange> {
    const read = this.#read.get(range);
    if (read === undefined) throw new ContractError('a fed record is read from its own range');
    return Promise.resolve(read);
  }

  /** Undefined: there is none any more, or the signal has aborted. */
  async #pull(signal: AbortSignal): Promise<Lease | undefined> {
    this.#next ??= this.#records.next();
    try {
      const next = await unlessAborted(this.#next, undefined, signal);
      if (next === undefined) return undefined;
      this.#next = undefined;
      if (next.done !== true) return this.#leaseOf(next.value);
    } catch (error) {
      this.#failure = { error };
    }
    this.#isOver = true;
    return undefined;
  }

  #leaseOf({ list, segment, index, bytes }: FedRecord): Lease {
    const claimedAt = this.#clock.now();
    const range = { list, segment, start: index, count: 1, bytes: bytes.length, claimedAt };
    this.#read.set(range, { chunk: list.decoder.decode([bytes]), vanished: 0 });
    return { id: `${segment}:${index}`, range };
  }
}
