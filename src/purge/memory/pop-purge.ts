import { explain } from '../../lib/errors.ts';
import { type Millis, millis } from '../../lib/units.ts';
import type { RedisClient } from '../../redis/client.ts';
import { rangeBytes } from '../claim/claim.ts';
import { NextRound } from '../claim/next-round.ts';
import type { Chunks, RouteLeases, SourceList } from '../lease/lease.ts';
import { isCut } from '../lease/range-reader.ts';
import { createPurgeMeter, type PurgeMeter } from '../meter.ts';
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
  readonly #meter: PurgeMeter;
  readonly #refusals: Refusals;
  readonly #nextRound: NextRound;
  readonly #recordBytes: Map<string, number>;
  #lastRound: Millis | undefined;
  /** MULTI was refused: nothing is removed before a transaction has worked that removes nothing. */
  #isUnsure = false;

  /** `earlier`: the one that this takes the place of, ended. */
  constructor(parts: PurgeParts, earlier?: PopPurge) {
    const { clock, log, lists, metrics, bounds } = parts;
    const meter = createPurgeMeter(metrics, clock, parts.routes, parts.instruments);
    this.#parts = parts;
    this.#meter = meter;
    this.#refusals = new Refusals({ clock, log, meter, lists: lists.length });
    if (earlier === undefined) {
      this.#ranges = new MemoryRanges({ clock, meter, bound: bounds.cacheBytes });
      this.#recordBytes = new Map();
    } else {
      this.#ranges = earlier.#ranges;
      this.#recordBytes = earlier.#recordBytes;
      this.#isUnsure = earlier.#isUnsure;
      this.#lastRound = earlier.#lastRound;
    }
    this.chunks = this.#ranges.chunks;
    // A list is asked by taking from it: where streams are refused, EXISTS may be as well.
    this.#nextRound = new NextRound({ ...parts, hasNews: () => Promise.resolve(true) });
  }

  leasesFor(route: string): RouteLeases {
    return this.#ranges.leasesFor(route);
  }

  forget(route: string): void {
    const records = this.#ranges.forget(route);
    if (records > 0)
      this.#parts.log.error(
        { route, 'number of records': records },
        'Records were lost for a pump that is no longer configured and had not answered for them (at-most-once).',
      );
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, lists } = this.#parts;
    while (!signal.aborted) {
      let isWhole = true;
      const begun = clock.elapsed();
      for (const list of lists) isWhole = (await this.#tryToDrain(list, signal)) && isWhole;
      if (isWhole) this.#lastRound = clock.elapsed();
      this.#meter.round(millis(clock.elapsed() - begun));
      this.#refusals.say();
      if (this.#ranges.isFull) await this.#ranges.settled(signal);
      else await this.#nextRound.wait({ isHolding: false }, signal);
    }
  }

  status(): PurgeStatus {
    return {
      lastRound: this.#lastRound,
      isHolding: this.#ranges.isFull,
      refusals: this.#refusals.current,
      isRefused: this.#refusals.isTotal,
      unreadBytes: 0,
    };
  }

  /** Puts what no route has answered for back at the head of its list. */
  async finish(): Promise<number> {
    const byList = new Map<string, Buffer[]>();
    for (const { range, elements } of this.#ranges.withdraw()) {
      const all = byList.get(range.list.key) ?? [];
      all.push(...elements);
      byList.set(range.list.key, all);
    }
    let lost = 0;
    for (const [key, elements] of byList)
      if (!(await this.#giveBack(key, elements))) lost += elements.length;
    const answeredByOthers = this.#ranges.recordsHeld;
    if (answeredByOthers > 0)
      this.#parts.log.error(
        { 'number of records': answeredByOthers },
        'Records were lost for pumps that had not answered for them (at-most-once).',
      );
    return lost + answeredByOthers;
  }

  /** False: Redis does not answer. What it refuses for one list is no reason to leave the others alone. */
  async #tryToDrain(list: SourceList, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#drain(list, signal);
      this.#refusals.succeeded('claim', list.key);
      return true;
    } catch (error) {
      this.#parts.log.debug(
        { list: list.key, error: explain(error) },
        'A list could not be popped; the next round tries again.',
      );
      // Redis has executed the transaction, and the answer did not come.
      if (isCut(error))
        this.#parts.log.error(
          { list: list.key, 'number of records': this.#rangeLength(list) },
          'The connection broke while records were popped: so many of them at most may be lost (at-most-once). Where that is so again and again, one of them exceeds client-output-buffer-limit.',
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
      this.#nextRound.claimed();
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
    const { client, log } = this.#parts;
    if (this.#isUnsure) {
      await popFrom(client, key, 0);
      this.#isUnsure = false;
    }
    const { elements, refusal } = await popFrom(client, key, most);
    if (refusal === undefined) return elements;
    this.#isUnsure = true;
    if (elements.length === 0) throw refusal;
    log.error(
      { list: key, 'number of records': elements.length, error: explain(refusal) },
      'Redis refuses MULTI and removed records all the same; they are delivered, and nothing more is taken until it permits that.',
    );
    return elements;
  }

  /** False: they are lost. */
  async #giveBack(key: string, elements: readonly Buffer[]): Promise<boolean> {
    const { client, log } = this.#parts;
    const fields = { list: key, 'number of records': elements.length };
    try {
      await pushToHead(client, key, elements);
      log.info(fields, 'Gave back records that no pump had answered for.');
      return true;
    } catch (error) {
      log.error(
        { ...fields, error: explain(error) },
        'Records were lost: they could not be given back on the stop (at-most-once).',
      );
      return false;
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

interface Popped {
  /** They are no longer in the list. */
  readonly elements: readonly Buffer[];
  /** Of MULTI: Redis then carries out what stands behind it, each command on its own. */
  readonly refusal?: Error;
}

/** Takes the first elements out of a list; with 0 it tries whether it may, and takes nothing. */
async function popFrom(client: RedisClient, key: string, most: number): Promise<Popped> {
  // Not `client.multi()`: it forgets what had been answered where the transaction fails as a whole.
  const replies = await client
    .pipeline([
      ['multi'],
      ['lrangeBuffer', key, 0, Math.max(0, most - 1)],
      ['ltrim', key, most, -1],
      ['exec'],
    ])
    .exec();
  const [[refusal] = [], [, list] = [], [keeps] = [], [failure, both] = []] = replies ?? [];
  if (refusal instanceof Error) {
    if (most === 0) throw refusal;
    return { elements: keeps === null ? buffersIn(list) : [], refusal };
  }
  // What is still in the list comes again.
  const failed = [failure, ...(Array.isArray(both) ? (both as readonly unknown[]) : [])].find(
    (reply) => reply instanceof Error,
  );
  if (failed !== undefined) throw failed;
  return { elements: Array.isArray(both) ? buffersIn(both[0]) : [] };
}

const buffersIn = (reply: unknown): readonly Buffer[] =>
  Array.isArray(reply) ? reply.filter((each) => Buffer.isBuffer(each)) : [];
