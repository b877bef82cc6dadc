import { Cluster, type ClusterOptions } from 'ioredis';
import { type Elements, elementsOf } from '../../lib/elements.ts';
import { explain } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { RedisClient } from '../../redis/client.ts';
import { segmentKey, stateKey } from '../../redis/keys.ts';
import { ListReader, type ListReaderParts } from '../../redis/replies/list-reader.ts';
import { runScript } from '../../redis/script.ts';
import { sizeScript } from '../scripts/size.ts';
import type { Range } from './lease.ts';

/** The elements of a range; fewer where some have vanished. */
export interface ReadElements {
  /** Empty in the place of one that cannot be read. */
  readonly elements: Elements;
  /** By index within the range, the bytes of those that cannot be read. */
  readonly unread: ReadonlyMap<number, number>;
}

/** So often is one element asked for, each time on a new connection that has answered, before it counts as unreadable. */
const attempts = 3;
/** Ranges that were cut off, and what is known of them. */
const mostRemembered = 1000;

/**
 * Reads ranges with LRANGE, as they are: into regions, on a connection beside the client's, and through the client where
 * that does not do. Redis closes the connection of a client whose answers exceed its
 * `client-output-buffer-limit`, and would do so for ever, with whatever else that connection has under way. So a range
 * whose answer was cut off is read again on a connection of its own, in halves, until the parts that can be read are
 * read and each element that cannot is known.
 */
export class RangeReader {
  readonly #client: RedisClient;
  readonly #lists: ListReader;
  readonly #log: Log;
  /** By range: unreadable elements found so far, by their index in the segment. */
  readonly #suspects = new Map<string, Map<number, number>>();
  /** One after the other: what they ask for must not add up. */
  #careful: Promise<unknown> = Promise.resolve();

  constructor(parts: ListReaderParts) {
    this.#client = parts.client;
    this.#lists = new ListReader(parts);
    this.#log = parts.log;
  }

  /** Rejects while Redis is away, and once when an answer is cut off; may be repeated. At the signal, with its reason. */
  async read(range: Range, signal: AbortSignal): Promise<ReadElements> {
    const key = segmentKey(range.list.key, range.segment);
    const name = `${key} ${range.start}`;
    const unread = this.#suspects.get(name);
    if (unread === undefined) {
      try {
        return { elements: await this.#read(key, range, signal), unread: none };
      } catch (error) {
        if (isCut(error)) this.#suspect(name);
        throw error;
      }
    }
    const reading = this.#careful
      .catch(() => undefined)
      .then(() =>
        new CarefulReading(
          this.#client,
          this.#log,
          { key, state: stateKey(range.list.key) },
          unread,
        ).read(range),
      );
    this.#careful = reading;
    const read = await reading;
    // Most were cut off beside another one, or by Redis itself going away.
    if (read.unread.size === 0) this.#suspects.delete(name);
    return read;
  }

  async #read(key: string, range: Range, signal: AbortSignal): Promise<Elements> {
    const { start, count, bytes } = range;
    const elements = await this.#lists.read({ key, start, count, bytes }, signal);
    return elements ?? elementsOf(await lrange(this.#client, key, start, count));
  }

  #suspect(name: string): void {
    this.#suspects.set(name, new Map());
    if (this.#suspects.size <= mostRemembered) return;
    const [oldest] = this.#suspects.keys();
    if (oldest !== undefined) this.#suspects.delete(oldest);
  }
}

/** One reading of a range on a connection of its own. */
class CarefulReading {
  readonly #client: RedisClient;
  readonly #log: Log;
  readonly #key: string;
  /** Of the list. */
  readonly #state: string;
  /** Outlives the reading, so that what was found is not looked for again. */
  readonly #unread: Map<number, number>;
  #side: RedisClient | undefined;
  /** What its connection said last. */
  #reason: unknown;

  constructor(
    client: RedisClient,
    log: Log,
    { key, state }: { readonly key: string; readonly state: string },
    unread: Map<number, number>,
  ) {
    this.#client = client;
    this.#log = log;
    this.#key = key;
    this.#state = state;
    this.#unread = unread;
  }

  async read({ start, count }: Range): Promise<ReadElements> {
    try {
      const elements = elementsOf(await this.#part(start, count));
      const unread = [...this.#unread].map(([at, size]) => [at - start, size] as const);
      return { elements, unread: new Map(unread) };
    } finally {
      this.#side?.disconnect();
    }
  }

  async #part(start: number, count: number): Promise<readonly Buffer[]> {
    if (count === 1) return this.#one(start);
    const end = start + count;
    if (![...this.#unread.keys()].some((at) => at >= start && at < end)) {
      const elements = await this.#tryToRead(start, count);
      if (elements !== undefined) return elements;
    }
    const half = Math.ceil(count / 2);
    const first = await this.#part(start, half);
    // Where the segment has vanished meanwhile, nothing comes after a gap.
    if (first.length < half) return first;
    return [...first, ...(await this.#part(start + half, count - half))];
  }

  async #one(at: number): Promise<readonly Buffer[]> {
    if (this.#unread.has(at)) return [nothing];
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const elements = await this.#tryToRead(at, 1);
      if (elements !== undefined) return elements;
    }
    const bytes = Number(await runScript(this.#client, sizeScript, [this.#key, this.#state], [at]));
    this.#unread.set(at, bytes);
    this.#log.error(
      { segment: this.#key, index: at, bytes, attempts },
      'Redis closes the connection when a record is read: it is larger than client-output-buffer-limit. It becomes a dead letter without being read.',
    );
    return [nothing];
  }

  /** Undefined: the answer was cut off. Rejects where Redis does not answer at all, or not for long. */
  async #tryToRead(start: number, count: number): Promise<readonly Buffer[] | undefined> {
    const side = this.#side ?? (await this.#connect());
    try {
      return await lrange(side, this.#key, start, count);
    } catch (error) {
      side.disconnect();
      this.#side = undefined;
      if (isCut(error) && !isSilence(this.#reason)) return undefined;
      throw error;
    }
  }

  async #connect(): Promise<RedisClient> {
    const side =
      this.#client instanceof Cluster
        ? this.#client.duplicate([], {
            lazyConnect: true,
            clusterRetryStrategy: () => null,
            // Else the client asks sixteen times more for what Redis cuts off each time.
            retryDelayOnFailover: 0,
            redisOptions: { ...(this.#client.options.redisOptions as NodeOptions), ...patient },
          })
        : this.#client.duplicate({ lazyConnect: true, retryStrategy: () => null, ...patient });
    this.#reason = undefined;
    side.on('error', (error: unknown) => {
      this.#reason = error;
    });
    try {
      await side.connect();
      await side.ping();
    } catch (error) {
      side.disconnect();
      throw new Error(`Redis gives no second connection: ${explain(this.#reason ?? error)}`);
    }
    this.#side = side;
    return side;
  }
}

/** An answer may take as long as it wants while bytes of it come: `socketTimeout` counts from the last one. */
const patient = { commandTimeout: undefined };

/** As they may be given; as they are read, the type of one of them does not fit. */
type NodeOptions = Omit<NonNullable<ClusterOptions['redisOptions']>, 'replyMapping'>;

const isSilence = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('Socket timeout');

const none: ReadonlyMap<number, number> = new Map();
const nothing = Buffer.alloc(0);

const lrange = (client: RedisClient, key: string, start: number, count: number) =>
  client.lrangeBuffer(key, start, start + count - 1);

/** The connection was closed while the answer was awaited; of a Cluster the client has tried again by itself. */
export const isCut = (error: unknown): boolean =>
  error instanceof Error && /Connection is closed|Reached the max retries/.test(error.message);
