import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import type { Bytes, Millis } from '../../lib/units.ts';
import type { RedisClient } from '../../redis/client.ts';
import { listsOf, readersOf } from '../lists.ts';
import type { Source } from '../purge.ts';
import { ChunkCache } from './chunk-cache.ts';
import type { RouteLeases, SourceList } from './lease.ts';
import { StreamLeases } from './stream-leases.ts';

/** What those who lease tell the loop that claims, which may run in another thread. */
export interface PurgeNews {
  /** Redis has an acknowledgement: the list may have something to reclaim. */
  settled(list: SourceList): void;
  /** A route has nothing left to read. */
  idle(): void;
  /** A consumer group is gone and must be made again. */
  groupMissing(): void;
}

export interface StreamSourceParts {
  readonly client: RedisClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly lists: readonly SourceList[];
  readonly lease: Millis;
  readonly cacheBytes: Bytes;
  /** Name in every consumer group; unique per life of a process or worker. */
  readonly consumer: string;
  readonly news: PurgeNews;
  /** As in `Lead`. */
  readonly leadWaited?: (time: Millis) => void;
}

/** What a set of routes reads from over Redis Streams. Claims nothing: whoever claims announces it here. */
export class StreamSource implements Source {
  readonly mode = 'at-least-once';
  readonly chunks: ChunkCache;
  readonly #parts: StreamSourceParts;
  readonly #leases = new Map<string, StreamLeases>();
  #lists: readonly SourceList[];
  /** As announced last, for a route that comes later. */
  #stocked: readonly SourceList[] = [];

  constructor(parts: StreamSourceParts) {
    this.#parts = parts;
    this.#lists = parts.lists;
    this.chunks = new ChunkCache({
      ...parts,
      limit: parts.cacheBytes,
      routes: (list) => readersOf(list, [...this.#leases.keys()]).length,
    });
  }

  leasesFor(route: string): RouteLeases {
    const { client, clock, log, consumer, lease, news } = this.#parts;
    const lists = listsOf(route, this.#lists);
    const leases = new StreamLeases({
      client,
      clock,
      log: log.child({ route }),
      route,
      consumer,
      lists,
      lease,
      onSettled: (list) => news.settled(list),
      onIdle: () => news.idle(),
      onGroupMissing: () => news.groupMissing(),
    });
    this.#leases.set(route, leases);
    leases.announce(listsOf(route, this.#stocked));
    return leases;
  }

  forget(route: string): void {
    this.#leases.delete(route);
  }

  /** For routes that come later. */
  follow(lists: readonly SourceList[]): void {
    this.#lists = lists;
  }

  /** The chunk cache may hold so much from now on. */
  resize(cacheBytes: Bytes): void {
    this.chunks.resize(cacheBytes);
  }

  /** The manifests of these lists hold entries. */
  announce(stocked: readonly SourceList[]): void {
    this.#stocked = stocked;
    for (const [route, leases] of this.#leases) leases.announce(listsOf(route, stocked));
  }
}
