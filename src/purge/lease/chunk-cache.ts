import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import { type Memory, RegionPool } from '../../lib/region-pool.ts';
import type { Bytes, Millis } from '../../lib/units.ts';
import { untilAborted } from '../../lib/waiting.ts';
import { ChunkMemo } from '../../record/chunk-memo.ts';
import type { Chunk } from '../../record/record.ts';
import type { RedisClient } from '../../redis/client.ts';
import { untilItSucceeds } from '../../redis/retrying.ts';
import { ChunkHolders } from './chunk-holders.ts';
import { Lead } from './lead.ts';
import type { Chunks, Range, ReadRange, SourceList } from './lease.ts';
import { RangeReader } from './range-reader.ts';

export interface ChunkCacheParts {
  readonly client: RedisClient;
  /** Bytes of chunks to keep. */
  readonly limit: Bytes;
  /** How many read a list here: a chunk that each has asked for is kept no longer. */
  readonly routes: (list: SourceList) => number;
  readonly clock: Clock;
  readonly log: Log;
  /** Of the chunks. */
  readonly memory?: Memory;
  /** How busy this thread is, as in `Lead`. */
  readonly load?: () => number;
  /** As in `Lead`. */
  readonly leadWaited?: (time: Millis) => void;
}

interface Cached {
  readonly reading: Promise<ReadRange>;
  /** Those who wait for the reading; when the last of them has gone it is given up. */
  waiting: number;
  /** Undefined where nobody else can come to wait for it: the reading listens to the signal of the one who does. */
  readonly givenUp: AbortController | undefined;
  /** Of the chunk and its memo; 0 until it has been read. */
  bytes: number;
  /** How often it was asked for. */
  reads: number;
  /** Who asked for it, and the cache while others may ask. */
  readonly holders: ChunkHolders;
}

/** So many ranges that were let go are remembered by how often they had been asked for. */
const mostRemembered = 10_000;

/**
 * Reads ranges with LRANGE and keeps the decoded chunks, so that every route of the process shares one read and one
 * decode. A chunk goes when it has been asked for as often as there are routes, or, beyond the limit, when it was not
 * used for longest: a route that lags behind the cache reads again. What only that one still needs is not kept then, for
 * it would push out what the others are about to share.
 *
 * The memory of a chunk is used again when all who asked for it have let go of it. Who never does (a reading that was given
 * up, a sink that did not answer as it should) leaves it to the collector: too late costs memory, too early a record.
 */
export class ChunkCache implements Chunks {
  readonly #reader: RangeReader;
  #limit: Bytes;
  readonly #routes: (list: SourceList) => number;
  readonly #memory: Memory;
  readonly #lead: Lead;
  readonly #retrying: { readonly clock: Clock; readonly log: Log };
  /** In order of use: a Map keeps insertion order. */
  readonly #cached = new Map<string, Cached>();
  /** How often ranges had been asked for that were let go beyond the limit, oldest first. */
  readonly #letGo = new Map<string, number>();
  #bytes = 0;

  constructor(parts: ChunkCacheParts) {
    // As much as a route has in flight by default: a sink that answers for all of that gives it back at once.
    this.#memory = parts.memory ?? new RegionPool({ most: () => this.#limit / 2 });
    this.#reader = new RangeReader({ ...parts, memory: this.#memory });
    this.#limit = parts.limit;
    this.#routes = parts.routes;
    this.#lead = new Lead(parts);
    this.#retrying = parts;
  }

  /** What is over it goes with what comes next. */
  resize(limit: Bytes): void {
    this.#limit = limit;
  }

  async read(range: Range, signal: AbortSignal): Promise<ReadRange> {
    const key = `${range.list.key} ${range.segment} ${range.start}`;
    if (this.#isFull && !this.#isKnown(key)) await this.#lead.goOn(() => this.#isFull, signal);
    const read = () => waitFor(this.#shared(key, range, signal), signal);
    return untilItSucceeds(read, this.#retrying, signal);
  }

  /** As full as it may be beside what is being read. */
  get #isFull(): boolean {
    return this.#bytes > (this.#limit / 8) * 7;
  }

  /** Somebody has asked for it before. */
  #isKnown(key: string): boolean {
    return this.#cached.has(key) || this.#letGo.has(key);
  }

  #shared(key: string, range: Range, signal: AbortSignal): Cached {
    const known = this.#cached.get(key);
    if (known !== undefined) {
      this.#lead.shared();
      this.#cached.delete(key);
      known.reads += 1;
      known.holders.add();
      if (known.reads < this.#routes(range.list)) this.#cached.set(key, known);
      else this.#forget(known);
      return known;
    }
    const reads = (this.#letGo.get(key) ?? 0) + 1;
    this.#letGo.delete(key);
    const isLast = reads >= this.#routes(range.list);
    const givenUp = isLast ? undefined : new AbortController();
    const holders = new ChunkHolders(this.#memory);
    holders.add();
    const memo = isLast ? undefined : new ChunkMemo((bytes) => this.#grew(key, cached, bytes));
    const reading = this.#fetch(range, { holders, memo }, givenUp?.signal ?? signal);
    const cached: Cached = { reading, waiting: 0, givenUp, bytes: 0, reads, holders };
    if (isLast) return cached;
    holders.add();
    this.#cached.set(key, cached);
    cached.reading.then(
      ({ chunk }) => this.#grew(key, cached, chunk.byteLength),
      () => {
        if (this.#cached.get(key) === cached) this.#cached.delete(key);
      },
    );
    return cached;
  }

  async #fetch(
    range: Range,
    { holders, memo }: { readonly holders: ChunkHolders; readonly memo: ChunkMemo | undefined },
    signal: AbortSignal,
  ): Promise<ReadRange> {
    const { elements, unread } = await this.#reader.read(range, signal);
    const chunk = range.list.decoder.scan(elements, this.#memory);
    holders.wasRead(chunk);
    return {
      chunk: unread.size === 0 ? chunk : withoutUnread(chunk, unread),
      vanished: range.count - elements.count,
      letGo: () => holders.letGo(),
      ...(memo && { memo }),
    };
  }

  /** It is not in the cache any more. */
  #forget({ bytes, holders }: Cached): void {
    this.#bytes -= bytes;
    holders.letGo();
  }

  #grew(key: string, cached: Cached, bytes: number): void {
    if (this.#cached.get(key) !== cached) return;
    cached.bytes += bytes;
    this.#bytes += bytes;
    for (const [oldest, chunk] of this.#cached) {
      if (this.#bytes <= this.#limit) break;
      if (chunk.bytes === 0) continue;
      this.#cached.delete(oldest);
      this.#forget(chunk);
      this.#remember(oldest, chunk.reads);
    }
  }

  #remember(key: string, reads: number): void {
    this.#letGo.set(key, reads);
    if (this.#letGo.size <= mostRemembered) return;
    const [oldest] = this.#letGo.keys();
    if (oldest !== undefined) this.#letGo.delete(oldest);
  }
}

/** Rejects with the signal's reason, also while Redis is still sending: over a slow link that takes its time. */
async function waitFor(cached: Cached, signal: AbortSignal): Promise<ReadRange> {
  cached.waiting += 1;
  try {
    return await untilAborted(cached.reading, signal);
  } finally {
    cached.waiting -= 1;
    if (cached.waiting === 0 && signal.aborted) cached.givenUp?.abort();
  }
}

/** What could not be read is no record for anybody, whatever the decoder makes of nothing. */
function withoutUnread(chunk: Chunk, unread: ReadonlyMap<number, number>): Chunk {
  const elements = [...unread].map(([index, size]) => ({
    index,
    bytes: Buffer.alloc(0),
    reason: `the record has ${size} bytes, more than Redis sends (client-output-buffer-limit)`,
    unread: size,
  }));
  return {
    size: chunk.size,
    byteLength: chunk.byteLength,
    memory: chunk.memory,
    undecodable: [...chunk.undecodable.filter(({ index }) => !unread.has(index)), ...elements],
    record: (index) => (unread.has(index) ? undefined : chunk.record(index)),
  };
}
