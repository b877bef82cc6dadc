import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Chunks, ReadRange } from '../purge/chunks.ts';
import type { Leases } from '../purge/lease.ts';
import type { AnalyticsRecord } from '../record/record.ts';
import type { Answers } from './answers.ts';
import type { Courier } from './courier.ts';
import { isAborted } from './deadline.ts';
import type { Filter } from './filter.ts';
import { type Account, Item } from './item.ts';
import type { Ledger } from './ledger.ts';
import type { RouteEvents } from './route-events.ts';

/**
 * What a route's configuration does to a record before the sink sees it (tyk-pump.md, "What a pump's entry does to a
 * record").
 */
export type Edit = (record: AnalyticsRecord) => AnalyticsRecord;

export interface ReaderParts {
  readonly leases: Leases;
  readonly chunks: Chunks;
  readonly answers: Answers;
  readonly ledger: Ledger;
  readonly courier: Courier;
  readonly events: RouteEvents;
  readonly filter: Filter | undefined;
  readonly edit: Edit | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** Leases ranges as room allows, reads, filters and edits them, and hands what is left to the courier. */
export class Reader {
  readonly #parts: ReaderParts;

  constructor(parts: ReaderParts) {
    this.#parts = parts;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { leases, ledger, courier } = this.#parts;
    try {
      while (!isAborted(signal)) {
        courier.inputIs('resting');
        await ledger.untilRoom(signal);
        if (isAborted(signal)) return;
        // Admitted even when the signal has aborted meanwhile: they are ours until given back.
        const accounts = ledger.admit(await leases.take(ledger.room, signal));
        courier.inputIs('flowing');
        for await (const [account, read] of this.#readAhead(accounts, signal)) {
          if (isAborted(signal)) return;
          await this.#hand(account, read, signal);
        }
      }
    } catch (error) {
      if (!isAborted(signal)) throw error;
    } finally {
      courier.inputIs('ended');
    }
  }

  /** One range ahead: Redis answers for the next one while this one is decoded and its records are on their way. */
  async *#readAhead(
    accounts: readonly Account[],
    signal: AbortSignal,
  ): AsyncGenerator<readonly [Account, ReadRange]> {
    let ahead: Promise<ReadRange> | undefined;
    for (const [at, account] of accounts.entries()) {
      const reading = ahead ?? this.#fetch(account, signal);
      const next = accounts[at + 1];
      ahead = next && this.#fetch(next, signal);
      yield [account, await reading];
    }
  }

  #fetch({ lease }: Account, signal: AbortSignal): Promise<ReadRange> {
    const reading = this.#parts.chunks.read(lease.range, signal);
    // It rejects at the signal, when nobody may be waiting for it yet.
    reading.catch(() => undefined);
    return reading;
  }

  async #hand(account: Account, read: ReadRange, signal: AbortSignal): Promise<void> {
    const { answers, ledger, courier, events } = this.#parts;
    const { lease } = account;
    const { range } = lease;
    if (read.vanished > 0) {
      if (!(await this.#parts.leases.isHeld(lease, signal))) {
        this.#forget(account);
        return;
      }
      events.vanished(read.vanished, range.list.key);
    }
    const { undecodable } = read.chunk;
    const { items, bytes, filtered } = this.#select(account, read);
    if (filtered > 0) events.filtered(filtered);
    ledger.wasRead(account, {
      records: items.length + undecodable.length,
      bytes: undecodable.reduce((sum, element) => sum + element.bytes.length, bytes),
      filtered,
      vanished: read.vanished,
    });
    if (undecodable.length > 0) answers.undecodable(account, undecodable);
    courier.add(items, bytes);
  }

  /** The lease ran out (a process that stood still), and others have delivered the range: nothing is lost. */
  #forget(account: Account): void {
    const { ledger, log } = this.#parts;
    const { id, range } = account.lease;
    log.debug(
      { list: range.list.key, entry: id, records: range.count },
      'A range was answered for by another instance before it was read here.',
    );
    ledger.forget(account);
  }

  #select(
    account: Account,
    { chunk }: ReadRange,
  ): { readonly items: readonly Item[]; readonly bytes: number; readonly filtered: number } {
    const { filter, edit } = this.#parts;
    const { segment, start } = account.lease.range;
    const items: Item[] = [];
    let bytes = 0;
    let filtered = 0;
    for (let index = 0; index < chunk.size; index++) {
      const record = chunk.record(index);
      if (record === undefined) continue;
      if (filter !== undefined && !filter(record)) {
        filtered += 1;
        continue;
      }
      const size = record.bytes.length;
      bytes += size;
      const edited = edit === undefined ? record : edit(record);
      items.push(new Item(account, segment, start + index, edited, size));
    }
    return { items, bytes, filtered };
  }
}
