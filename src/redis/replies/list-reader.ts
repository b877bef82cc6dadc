import { Cluster, Command, type Redis } from 'ioredis';
import type { Clock } from '../../lib/clock.ts';
import type { Elements } from '../../lib/elements.ts';
import { explain } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import { freshMemory, type Memory } from '../../lib/region-pool.ts';
import { type Millis, millis } from '../../lib/units.ts';
import { untilAborted } from '../../lib/waiting.ts';
import type { RedisClient } from '../client.ts';
import { ListConnection, type ListQuestion } from './list-connection.ts';

export interface ListReaderParts {
  readonly client: RedisClient;
  readonly clock: Clock;
  readonly log: Log;
  /** Where the elements go; left out: into memory of their own. */
  readonly memory?: Memory;
}

/** In place of a connection that could not be made, or was lost, the next one is begun so long after it. */
const restBetween = millis(2_000);
/** Of a client without a time of its own. */
const usualTimeout = millis(5_000);

/** A connection beside the client's to one server. */
interface Side {
  readonly lists: ListConnection;
  /** False: it could not be made. */
  readonly isOpen: Promise<boolean>;
  /** When it was begun, on the clock that only goes forward. */
  readonly since: Millis;
}

/**
 * Reads lists on connections beside a client's, one to each server that has some of them: large answers then hold up no
 * command, and go into regions without an object per element. What this way cannot give it leaves to the client.
 */
export class ListReader {
  readonly #client: RedisClient;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #memory: Memory;
  readonly #sides = new Map<Redis, Side>();
  #hasWarned = false;
  #isWatching = false;

  constructor({ client, clock, log, memory = freshMemory }: ListReaderParts) {
    this.#client = client;
    this.#clock = clock;
    this.#log = log;
    this.#memory = memory;
  }

  /**
   * Undefined: the client should ask. So it should where elements are missing: this connection may lead to a server
   * that is no longer the master, which what is written once and never again cannot tell.
   */
  async read(question: ListQuestion, signal: AbortSignal): Promise<Elements | undefined> {
    const node = this.#serverOf(question.key);
    if (node === undefined) return undefined;
    const side = this.#sideOf(node);
    if (side === undefined) return undefined;
    // Most of the time it has been for long: every range comes by here.
    if (!side.lists.isOpen && !(await untilAborted(side.isOpen, signal))) return undefined;
    const elements = await side.lists.read(question, signal);
    return elements?.count === question.count ? elements : undefined;
  }

  /** Undefined while there is none that answers. */
  #serverOf(key: string): Redis | undefined {
    const client = this.#client;
    if (client.status !== 'ready') return undefined;
    if (!(client instanceof Cluster)) return client;
    const [owner] = client.slots[new Command('lrange', [key]).getSlot()] ?? [];
    return client
      .nodes('master')
      .find(({ options: { host, port } }) => `${host}:${port}` === owner);
  }

  #sideOf(node: Redis): Side | undefined {
    const known = this.#sides.get(node);
    const now = this.#clock.elapsed();
    if (known?.lists.isOver === false) return known;
    if (known !== undefined && now - known.since < restBetween) return undefined;
    this.#watch();
    const timeout = millis(node.options.commandTimeout ?? usualTimeout);
    const lists = new ListConnection(node, { timeout, memory: this.#memory });
    const isOpen = lists.connect().then(
      () => true,
      (error: unknown) => {
        this.#warn(error);
        return false;
      },
    );
    const side = { lists, isOpen, since: now };
    this.#sides.set(node, side);
    return side;
  }

  /** Whoever is the server now is the client's to find out, and at a stop its end is the end of all. */
  #watch(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    this.#client.on('close', () => this.#drop());
    if (this.#client instanceof Cluster)
      this.#client.on('-node', (node: Redis) => this.#dropOf(node));
  }

  #warn(error: unknown): void {
    if (this.#hasWarned || this.#client.status !== 'ready') return;
    this.#hasWarned = true;
    this.#log.warn(
      { error: explain(error) },
      'Redis gives no second connection: records are read on the first one, between its commands.',
    );
  }

  #drop(): void {
    for (const node of [...this.#sides.keys()]) this.#dropOf(node);
  }

  #dropOf(node: Redis): void {
    const side = this.#sides.get(node);
    this.#sides.delete(node);
    side?.lists.close();
  }
}
