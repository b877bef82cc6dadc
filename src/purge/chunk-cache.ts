import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Bytes } from '../lib/units.ts';
import type { Chunk } from '../record/record.ts';
import type { RedisClient } from '../redis/client.ts';
import type { Chunks, ReadRange } from './chunks.ts';
import type { Range } from './lease.ts';
import { RangeReader } from './range-reader.ts';
import { untilItSucceeds } from './retrying.ts';

export interface ChunkCacheParts {
  readonly client: RedisClient;
  /** Bytes of chunks to keep. */
  readonly limit: Bytes;
  /** How many read here: a chunk that each has asked for is kept no longer. */
  readonly routes: () => number;
  readonly clock: Clock;
  readonly log: Log;
}

interface Cached {
  readonly reading: Promise<ReadRange>;
  /** 0 until it has been read. */
  bytes: number;
  /** How often it was asked for. */
  reads: number;
}

/** So many ranges that were let go are remembered by how often they had been asked for. */
const mostRemembered = 10_000;

/**
 * Reads ranges with LRANGE and keeps the decoded chunks, so that every route of the process shares one read and one
 * decode. A chunk goes when it has been asked for as often as there are routes, or, beyond the limit, when it was not
 * used for longest: a route that lags behind the cache reads again. What only that one still needs is not kept then, for
 * it would push out what the others are about to share.
 */
export class ChunkCache implements Chunks {
  readonly #reader: RangeReader;
  readonly #limit: Bytes;
  readonly #routes: () => number;
  readonly #patience: { readonly clock: Clock; readonly log: Log };
  /** In order of use: a Map keeps insertion order. */
  readonly #cached = new Map<string, Cached>();
  /** How often ranges had been asked for that were let go beyond the limit, oldest first. */
  readonly #letGo = new Map<string, number>();
  #bytes = 0;

  constructor(parts: ChunkCacheParts) {
    this.#reader = new RangeReader(parts);
    this.#limit = parts.limit;
    this.#routes = parts.routes;
    this.#patience = parts;
  }

  get bytes(): number {
    return this.#bytes;
  }

  async read(range: Range, signal: AbortSignal): Promise<ReadRange> {
    const key = `${range.list.key} ${range.segment} ${range.start}`;
    return untilItSucceeds(() => this.#shared(key, range), this.#patience, signal);
  }

  #shared(key: string, range: Range): Promise<ReadRange> {
    const known = this.#cached.get(key);
    if (known !== undefined) {
      this.#cached.delete(key);
      known.reads += 1;
      if (known.reads < this.#routes()) this.#cached.set(key, known);
      else this.#bytes -= known.bytes;
      return known.reading;
    }
    const reads = (this.#letGo.get(key) ?? 0) + 1;
    this.#letGo.delete(key);
    const cached: Cached = { reading: this.#fetch(range), bytes: 0, reads };
    if (reads >= this.#routes()) return cached.reading;
    this.#cached.set(key, cached);
    cached.reading.then(
      ({ chunk }) => this.#grew(key, cached, chunk.byteLength),
      () => {
        if (this.#cached.get(key) === cached) this.#cached.delete(key);
      },
    );
    return cached.reading;
  }

  async #fetch(range: Range): Promise<ReadRange> {
    const { elements, unread } = await this.#reader.read(range);
    const chunk = range.list.decoder.decode(elements);
    return {
      chunk: unread.size === 0 ? chunk : withoutUnread(chunk, unread),
      vanished: range.count - elements.length,
    };
  }

  #grew(key: string, cached: Cached, bytes: number): void {
    if (this.#cached.get(key) !== cached) return;
    cached.bytes = bytes;
    this.#bytes += bytes;
    for (const [oldest, { bytes: size, reads }] of this.#cached) {
      if (this.#bytes <= this.#limit) break;
      if (size === 0) continue;
      this.#cached.delete(oldest);
      this.#bytes -= size;
      this.#remember(oldest, reads);
    }
  }

  #remember(key: string, reads: number): void {
    this.#letGo.set(key, reads);
    if (this.#letGo.size <= mostRemembered) return;
    const [oldest] = this.#letGo.keys();
    if (oldest !== undefined) this.#letGo.delete(oldest);
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
    undecodable: [...chunk.undecodable.filter(({ index }) => !unread.has(index)), ...elements],
    record: (index) => (unread.has(index) ? undefined : chunk.record(index)),
  };
}
