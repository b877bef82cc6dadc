import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Bytes } from '../lib/units.ts';
import type { RedisClient } from '../redis/client.ts';
import { segmentKey } from '../redis/keys.ts';
import type { Chunks, ReadRange } from './chunks.ts';
import type { Range } from './lease.ts';
import { untilItSucceeds } from './retrying.ts';

interface Cached {
  readonly reading: Promise<ReadRange>;
  /** 0 until it has been read. */
  bytes: number;
}

/**
 * Reads ranges with LRANGE and keeps the decoded chunks, least recently used first to go, so that every route of the
 * process shares one read and one decode. A route that lags behind the cache reads again.
 */
export class ChunkCache implements Chunks {
  readonly #client: RedisClient;
  readonly #limit: Bytes;
  readonly #patience: { readonly clock: Clock; readonly log: Log };
  /** In order of use: a Map keeps insertion order. */
  readonly #cached = new Map<string, Cached>();
  #bytes = 0;

  constructor(
    client: RedisClient,
    limit: Bytes,
    patience: { readonly clock: Clock; readonly log: Log },
  ) {
    this.#client = client;
    this.#limit = limit;
    this.#patience = patience;
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
      this.#cached.set(key, known);
      return known.reading;
    }
    const cached: Cached = { reading: this.#fetch(range), bytes: 0 };
    this.#cached.set(key, cached);
    cached.reading.then(
      ({ chunk }) => this.#grew(key, cached, chunk.byteLength),
      () => this.#cached.delete(key),
    );
    return cached.reading;
  }

  async #fetch({ list, segment, start, count }: Range): Promise<ReadRange> {
    const elements = await this.#client.lrangeBuffer(
      segmentKey(list.key, segment),
      start,
      start + count - 1,
    );
    return { chunk: list.decoder.decode(elements), vanished: count - elements.length };
  }

  #grew(key: string, cached: Cached, bytes: number): void {
    if (this.#cached.get(key) !== cached) return;
    cached.bytes = bytes;
    this.#bytes += bytes;
    for (const [oldest, { bytes: size }] of this.#cached) {
      if (this.#bytes <= this.#limit) break;
      if (size === 0) continue;
      this.#cached.delete(oldest);
      this.#bytes -= size;
    }
  }
}
