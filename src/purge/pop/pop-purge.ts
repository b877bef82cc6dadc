import { randomBytes } from 'node:crypto';
import { Bell } from '../../lib/bell.ts';
import { ContractError, explain } from '../../lib/errors.ts';
import type { Millis } from '../../lib/units.ts';
import type { RedisClient } from '../../redis/client.ts';
import type { Chunks, ReadRange } from '../chunks.ts';
import type { Lease, Range, RouteLeases, SourceList } from '../lease.ts';
import { createPurgeMeter, type PurgeMeter } from '../meter.ts';
import type { Purge, PurgeStatus } from '../purge.ts';
import type { PurgeParts } from '../stream-purge.ts';
import { MemoryLeases } from './memory-leases.ts';

/** First guess of a record's size, until lists have been seen; then their own mean. */
const guessedRecordBytes = 4096;
const rangeBytes = 1024 * 1024;
const mostRecords = 10_000;

/** A popped range: its elements live here alone, until every route has answered. */
interface Popped {
  readonly elements: readonly Buffer[];
  readonly bytes: number;
  readonly reading: ReadRange;
  unanswered: number;
  /** Routes that hold it now: none means it can still go back. */
  lent: number;
}

/**
 * The fallback where Redis refuses scripts, streams or our keys (before 6.2, or by ACL): ranges are popped into memory,
 * as Tyk Pump does, so a crash loses what is in memory: `at-most-once`. Bounded by the chunk cache's size: at the bound
 * popping pauses, which also is all the isolation there can be. On a stop, what no route has answered for goes
 * back to the head of its list.
 */
export class PopPurge implements Purge {
  readonly mode = 'at-most-once';
  readonly chunks: Chunks;
  readonly #parts: PurgeParts;
  readonly #meter: PurgeMeter;
  readonly #leases = new Map<string, MemoryLeases>();
  readonly #popped = new Map<string, Popped>();
  readonly #recordBytes = new Map<string, number>();
  readonly #bell: Bell;
  readonly #life = randomBytes(6).toString('hex');
  #sequence = 0;
  #bytes = 0;
  #lastRound: Millis | undefined;

  constructor(parts: PurgeParts) {
    this.#parts = parts;
    this.#meter = createPurgeMeter(parts.metrics);
    this.#bell = new Bell(parts.clock);
    this.chunks = { read: (range) => Promise.resolve(this.#find(range).reading) };
  }

  leasesFor(route: string): RouteLeases {
    const leases = new MemoryLeases(this.#parts.clock, {
      onLent: (lease) => {
        this.#find(lease.range).lent++;
      },
      onSettled: (lease) => this.#settled(lease),
      onReleased: (lease) => {
        this.#find(lease.range).lent--;
      },
    });
    this.#leases.set(route, leases);
    return leases;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, lists, log, purge } = this.#parts;
    while (!signal.aborted) {
      try {
        let popped = 0;
        for (const list of lists) popped += await this.#drain(list, signal);
        this.#lastRound = clock.elapsed();
        if (popped > 0) log.debug({ 'number of records': popped }, 'Popped records.');
      } catch (error) {
        log.debug(
          { error: explain(error) },
          'A list could not be popped; the next round tries again.',
        );
      }
      await this.#bell.sleep(purge.delay, signal);
    }
  }

  status(): PurgeStatus {
    const records = [...this.#popped.values()].reduce(
      (sum, { elements }) => sum + elements.length,
      0,
    );
    return {
      lastRound: this.#lastRound,
      isHolding: this.#isFull,
      retainedBytes: this.#bytes,
      lags: [...this.#leases.keys()].map((route) => ({ route, records, ageMs: 0 })),
    };
  }

  get #isFull(): boolean {
    return this.#bytes >= this.#parts.bounds.cacheBytes;
  }

  /** Pops a list range by range while there is room; returns the records popped. */
  async #drain(list: SourceList, signal: AbortSignal): Promise<number> {
    let total = 0;
    while (!signal.aborted && !this.#isFull) {
      const asked = this.#rangeLength(list);
      const elements = await this.#pop(list, asked);
      if (elements.length === 0) break;
      this.#offer(list, elements);
      total += elements.length;
      if (elements.length < asked) break;
    }
    return total;
  }

  #rangeLength({ key }: SourceList): number {
    const { chunk } = this.#parts.purge;
    const bySize = Math.max(
      1,
      Math.floor(rangeBytes / (this.#recordBytes.get(key) ?? guessedRecordBytes)),
    );
    return Math.min(bySize, mostRecords, chunk > 0 ? chunk : mostRecords);
  }

  async #pop({ key }: SourceList, most: number): Promise<readonly Buffer[]> {
    const replies = await this.#parts.client
      .multi()
      .lrangeBuffer(key, 0, most - 1)
      .ltrim(key, most, -1)
      .exec();
    const [error, elements] = replies?.[0] ?? [null, []];
    if (error instanceof Error) throw error;
    return Array.isArray(elements) ? (elements as readonly Buffer[]) : [];
  }

  #offer(list: SourceList, elements: readonly Buffer[]): void {
    const bytes = elements.reduce((sum, element) => sum + element.length, 0);
    this.#recordBytes.set(list.key, Math.max(1, bytes / elements.length));
    const segment = `pop-${this.#life}-${++this.#sequence}`;
    const range: Range = {
      list,
      segment,
      start: 0,
      count: elements.length,
      bytes,
      claimedAt: this.#parts.clock.now(),
    };
    const reading = { chunk: list.decoder.decode(elements), vanished: 0 };
    this.#popped.set(segment, { elements, bytes, reading, unanswered: this.#leases.size, lent: 0 });
    this.#bytes += bytes;
    this.#meter.claimed(elements.length, bytes);
    this.#meter.retained(this.#bytes);
    for (const leases of this.#leases.values()) leases.offer({ id: segment, range });
  }

  #settled({ range }: Lease): void {
    const popped = this.#find(range);
    popped.unanswered--;
    if (popped.unanswered > 0) return;
    const wasFull = this.#isFull;
    this.#popped.delete(range.segment);
    this.#bytes -= popped.bytes;
    this.#meter.reclaimed(popped.bytes);
    this.#meter.retained(this.#bytes);
    if (wasFull && !this.#isFull) this.#bell.ring();
  }

  #find({ segment }: Range): Popped {
    const popped = this.#popped.get(segment);
    if (popped === undefined) throw new ContractError('a popped range was answered for twice');
    return popped;
  }

  /** Puts what no route holds or has answered for back at the head of its list. */
  async finish(): Promise<void> {
    const { client, log } = this.#parts;
    const untouched = new Map<string, Buffer[]>();
    for (const leases of this.#leases.values()) {
      for (const { range } of leases.withdraw()) {
        const popped = this.#popped.get(range.segment);
        if (popped === undefined || popped.lent > 0 || popped.unanswered < this.#leases.size)
          continue;
        this.#popped.delete(range.segment);
        const elements = untouched.get(range.list.key) ?? [];
        elements.push(...popped.elements);
        untouched.set(range.list.key, elements);
      }
    }
    for (const [key, elements] of untouched) {
      try {
        await lpushAll(client, key, elements.reverse());
        log.info(
          { analytic_key: key, 'number of records': elements.length },
          'Gave back records that no pump had answered for.',
        );
      } catch (error) {
        log.error(
          { analytic_key: key, 'number of records': elements.length, error: explain(error) },
          'Records were lost: they could not be given back on the stop (at-most-once).',
        );
      }
    }
  }
}

const pushAtOnce = 1000;

async function lpushAll(
  client: RedisClient,
  key: string,
  elements: readonly Buffer[],
): Promise<void> {
  for (let at = 0; at < elements.length; at += pushAtOnce)
    await client.lpush(key, ...elements.slice(at, at + pushAtOnce));
}
