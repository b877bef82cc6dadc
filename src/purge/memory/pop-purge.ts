import { explain } from '../../lib/errors.ts';
import type { Millis } from '../../lib/units.ts';
import type { RedisClient } from '../../redis/client.ts';
import type { Chunks } from '../chunks.ts';
import { rangeBytes } from '../claim.ts';
import type { RouteLeases, SourceList } from '../lease.ts';
import { createPurgeMeter } from '../meter.ts';
import type { Purge, PurgeStatus } from '../purge.ts';
import { Refusals } from '../refusals.ts';
import type { PurgeParts } from '../stream-purge.ts';
import { MemoryRanges } from './memory-ranges.ts';

/** First guess of a record's size, until a list has been seen; then its own mean. */
const guessedRecordBytes = 4096;
const mostRecords = 10_000;
const pushAtOnce = 1000;

/**
 * The fallback where Redis refuses scripts, streams or our keys (before 6.2, or by ACL): ranges are popped into memory,
 * as Tyk Pump does, so a crash loses what is in memory: `at-most-once`. Bounded by the chunk cache's size; at the bound
 * popping pauses, and that is all the isolation there can be. On a stop, what no route has answered for goes back to
 * the head of its list.
 */
export class PopPurge implements Purge {
  readonly mode = 'at-most-once';
  readonly chunks: Chunks;
  readonly #parts: PurgeParts;
  readonly #ranges: MemoryRanges;
  readonly #refusals: Refusals;
  readonly #recordBytes = new Map<string, number>();
  #lastRound: Millis | undefined;

  constructor(parts: PurgeParts) {
    const { clock, log, lists, metrics, bounds } = parts;
    const meter = createPurgeMeter(metrics);
    this.#parts = parts;
    this.#refusals = new Refusals({ clock, log, meter, lists: lists.length });
    this.#ranges = new MemoryRanges({
      clock,
      meter,
      bound: bounds.cacheBytes,
    });
    this.chunks = this.#ranges.chunks;
  }

  leasesFor(route: string): RouteLeases {
    return this.#ranges.leasesFor(route);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, lists, purge } = this.#parts;
    while (!signal.aborted) {
      let isWhole = true;
      for (const list of lists) isWhole = (await this.#tryToDrain(list, signal)) && isWhole;
      if (isWhole) this.#lastRound = clock.elapsed();
      this.#refusals.say();
      if (this.#ranges.isFull) await this.#ranges.settled(signal);
      else await clock.sleep(purge.delay, signal).catch(() => undefined);
    }
  }

  status(): PurgeStatus {
    return {
      lastRound: this.#lastRound,
      isHolding: this.#ranges.isFull,
      retainedBytes: this.#ranges.bytes,
      lags: this.#ranges.lags,
      refusals: this.#refusals.current,
      isRefused: this.#refusals.isTotal,
    };
  }

  /** Puts what no route has answered for back at the head of its list. */
  async finish(): Promise<void> {
    const byList = new Map<string, Buffer[]>();
    for (const { range, elements } of this.#ranges.withdraw()) {
      const all = byList.get(range.list.key) ?? [];
      all.push(...elements);
      byList.set(range.list.key, all);
    }
    for (const [key, elements] of byList) await this.#giveBack(key, elements);
    const lost = this.#ranges.recordsHeld;
    if (lost > 0)
      this.#parts.log.error(
        { 'number of records': lost },
        'Records were lost for pumps that had not answered for them (at-most-once).',
      );
  }

  /** False: Redis does not answer. What it refuses for one list is no reason to leave the others alone. */
  async #tryToDrain(list: SourceList, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#drain(list, signal);
      this.#refusals.succeeded('claim', list.key);
      return true;
    } catch (error) {
      this.#parts.log.debug(
        { analytic_key: list.key, error: explain(error) },
        'A list could not be popped; the next round tries again.',
      );
      return this.#refusals.failed('claim', list.key, error);
    }
  }

  /** Pops a list range by range while there is room. */
  async #drain(list: SourceList, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.#ranges.isFull) {
      const asked = this.#rangeLength(list);
      const elements = await this.#pop(list, asked);
      if (elements.length === 0) return;
      this.#ranges.offer(list, elements);
      const bytes = elements.reduce((sum, element) => sum + element.length, 0);
      this.#recordBytes.set(list.key, Math.max(1, bytes / elements.length));
      if (elements.length < asked) return;
    }
  }

  #rangeLength({ key }: SourceList): number {
    const { chunk } = this.#parts.purge;
    const recordBytes = this.#recordBytes.get(key) ?? guessedRecordBytes;
    const bySize = Math.max(1, Math.floor(rangeBytes / recordBytes));
    return Math.min(bySize, mostRecords, chunk > 0 ? chunk : mostRecords);
  }

  async #pop({ key }: SourceList, most: number): Promise<readonly Buffer[]> {
    const transaction = this.#parts.client
      .multi()
      .lrangeBuffer(key, 0, most - 1)
      .ltrim(key, most, -1);
    const [read, trimmed] = (await transaction.exec()) ?? [];
    const [error, elements] = read ?? [];
    // What is still in the list comes again.
    for (const refusal of [error, trimmed?.[0]]) if (refusal instanceof Error) throw refusal;
    return Array.isArray(elements) ? (elements as readonly Buffer[]) : [];
  }

  async #giveBack(key: string, elements: readonly Buffer[]): Promise<void> {
    const { client, log } = this.#parts;
    const fields = { analytic_key: key, 'number of records': elements.length };
    try {
      await pushToHead(client, key, elements);
      log.info(fields, 'Gave back records that no pump had answered for.');
    } catch (error) {
      log.error(
        { ...fields, error: explain(error) },
        'Records were lost: they could not be given back on the stop (at-most-once).',
      );
    }
  }
}

async function pushToHead(
  client: RedisClient,
  key: string,
  elements: readonly Buffer[],
): Promise<void> {
  const lastFirst = elements.toReversed();
  for (let at = 0; at < lastFirst.length; at += pushAtOnce)
    await client.lpush(key, ...lastFirst.slice(at, at + pushAtOnce));
}
