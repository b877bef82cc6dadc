import { Bell } from '../lib/bell.ts';
import type { Clock } from '../lib/clock.ts';
import { ContractError, explain } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { type Bytes, type Millis, millis } from '../lib/units.ts';
import type { Lease, Leases, Tally } from '../purge/lease.ts';
import { type Account, recordCost } from './item.ts';

const mebibyte = 1024 * 1024;
/** More would keep ranges from the other instances without making this one faster. */
const mostLeasesAtOnce = 8;
/** Nothing depends on it: room is announced by the bell. */
const longestSleep = millis(60_000);

/** Records of a range that never reach the sink. */
type AnsweredByReading = Pick<Tally, 'filtered' | 'vanished'>;

/**
 * What a route has on its hands: memory, against the bound in flight, and for each leased range how many of its records
 * are unanswered. At zero the range is settled: acknowledged in Redis, once.
 */
export class Ledger {
  readonly #leases: Leases;
  readonly #bound: Bytes;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #bell: Bell;
  readonly #onSettling: (ranges: number) => void;
  /** Leased and not yet acknowledged. */
  readonly #open = new Set<Account>();
  /** Acknowledgements under way, and since when. */
  readonly #settling = new Map<Promise<void>, Millis>();
  #held = 0;
  #largestRange = mebibyte;

  constructor(parts: {
    leases: Leases;
    bound: Bytes;
    clock: Clock;
    log: Log;
    /** Told how many acknowledgements are under way. */
    onSettling: (ranges: number) => void;
  }) {
    this.#onSettling = parts.onSettling;
    this.#leases = parts.leases;
    this.#bound = parts.bound;
    this.#log = parts.log;
    this.#clock = parts.clock;
    this.#bell = new Bell(parts.clock);
  }

  get heldBytes(): number {
    return this.#held;
  }

  /** Ranges leased and not yet acknowledged. */
  get openRanges(): number {
    return this.#open.size;
  }

  /** Ranges that are answered for in full and not acknowledged yet. */
  get unacknowledged(): { readonly ranges: number; readonly since: Millis } | undefined {
    const [since] = this.#settling.values();
    return since === undefined ? undefined : { ranges: this.#settling.size, since };
  }

  /** How many ranges fit. One always fits into emptiness, whatever its size. */
  get room(): number {
    const fits = Math.floor((this.#bound - this.#held) / this.#largestRange);
    return Math.max(this.#held === 0 ? 1 : 0, Math.min(fits, mostLeasesAtOnce));
  }

  /** Resolves when there is room for a range, or at the signal. */
  async untilRoom(signal: AbortSignal): Promise<void> {
    while (this.room === 0 && !signal.aborted) await this.#bell.sleep(longestSleep, signal);
  }

  /** Takes leases on; until it is read a range counts with its estimated bytes. */
  admit(leases: readonly Lease[]): readonly Account[] {
    return leases.map((lease) => {
      const account: Account = {
        kind: 'range',
        list: lease.range.list,
        lease,
        pending: undefined,
        tally: { delivered: 0, rejected: 0, filtered: 0, vanished: 0, spilled: 0 },
      };
      this.#open.add(account);
      const weight = weightOfRange(lease);
      this.#held += weight;
      this.#largestRange = Math.max(this.#largestRange, weight);
      return account;
    });
  }

  /** The range has been read: `records` of it, of `bytes`, want an answer. The others are answered already. */
  wasRead(
    account: Account,
    { records, bytes, ...answered }: { records: number; bytes: number } & AnsweredByReading,
  ): void {
    if (account.pending !== undefined) throw new ContractError('a range is read once');
    account.pending = records;
    Object.assign(account.tally, answered);
    this.#held += bytes + records * recordCost;
    this.free(weightOfRange(account.lease));
    if (records === 0) this.#settle(account);
  }

  /** The range turned out to be somebody else's by now: neither settled nor given back. */
  forget(account: Account): void {
    if (account.pending !== undefined)
      throw new ContractError('a range that was read is answered for');
    this.#open.delete(account);
    this.free(weightOfRange(account.lease));
  }

  answer(account: Account, records: number, outcome: 'delivered' | 'rejected' | 'vanished'): void {
    const pending = (account.pending ?? 0) - records;
    if (pending < 0) throw new ContractError('a record is answered once');
    account.pending = pending;
    account.tally[outcome] += records;
    if (pending === 0) this.#settle(account);
  }

  hold(weight: number): void {
    this.#held += weight;
  }

  free(weight: number): void {
    this.#held -= weight;
    this.#bell.ring();
  }

  /** Resolves when every acknowledgement under way has ended, well or not. */
  async settled(): Promise<void> {
    while (this.#settling.size > 0) await Promise.all(this.#settling.keys());
  }

  /** Gives back what has records without an answer. Resolves with how many ranges that were. */
  async releaseRest(): Promise<number> {
    // What is answered in full is left alone, acknowledged or not: giving it back would have it delivered again.
    const rest = [...this.#open].filter(({ pending }) => pending !== 0).map(({ lease }) => lease);
    if (rest.length > 0) await this.#leases.release(rest);
    return rest.length;
  }

  #settle(account: Account): void {
    const settling = this.#acknowledge(account).finally(() => {
      this.#settling.delete(settling);
      this.#onSettling(this.#settling.size);
    });
    this.#settling.set(settling, this.#clock.elapsed());
    this.#onSettling(this.#settling.size);
  }

  async #acknowledge(account: Account): Promise<void> {
    try {
      await this.#leases.settle(account.lease, account.tally);
      this.#open.delete(account);
    } catch (error) {
      // The lease runs out, and the range is delivered again under the same record ids.
      this.#log.warn({ error: explain(error) }, 'A range could not be acknowledged.');
    }
  }
}

const weightOfRange = ({ range }: Lease): number => range.bytes + range.count * recordCost;
