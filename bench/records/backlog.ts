import type { Redis } from 'ioredis';
import { type Cell, type Encoding, type Size } from '../cell.ts';
import { benchElement } from './record.ts';

/** The gateway's list for an encoding. */
export const listOf = (encoding: Encoding): string =>
  `analytics-tyk-system-analytics${encoding === 'msgpack' ? '' : '_protobuf'}`;

/** Where the original is kept; pumps see database 0. */
const originalDatabase = 1;
const originalKey = 'bench:original';

/** Commands sent before an answer is waited for, and elements in each. */
const [portion, perCommand] = [4_000, 200];

/**
 * A backlog that can be laid out again and again: encoding a million records takes most of a minute, so it is done once
 * and the server copies the list for each run.
 */
export class Backlog {
  readonly #redis: Redis;
  readonly #original: Redis;
  #made = '';

  /** `original` is a connection of its own, for it stays in another database. */
  constructor(redis: Redis, original: Redis) {
    this.#redis = redis;
    this.#original = original;
  }

  /** Makes the original unless it is there already. */
  async prepare(
    { size, encoding, backlog }: Pick<Cell, 'size' | 'encoding' | 'backlog'>,
    onProgress: (done: number) => void,
  ): Promise<void> {
    const wanted = `${size} ${encoding} ${backlog}`;
    if (wanted === this.#made) return;
    this.#made = '';
    onProgress(0);
    await this.#original.select(originalDatabase);
    await this.#original.del(originalKey);
    for (let first = 0; first < backlog; first += portion) {
      await this.#push(first, Math.min(portion, backlog - first), size, encoding);
      onProgress(Math.min(backlog, first + portion));
    }
    this.#made = wanted;
  }

  /** Empties database 0 and puts the whole backlog into the gateway's list. */
  async layOut(encoding: Encoding): Promise<void> {
    await this.#redis.flushdb('SYNC');
    await this.#original.copy(originalKey, listOf(encoding), 'DB', 0);
  }

  async #push(first: number, number: number, size: Size, encoding: Encoding): Promise<void> {
    const pipeline = this.#original.pipeline();
    for (let from = first; from < first + number; from += perCommand) {
      const length = Math.min(perCommand, first + number - from);
      const elements = Array.from({ length }, (_, index) =>
        benchElement(from + index, size, encoding),
      );
      pipeline.rpush(originalKey, ...elements);
    }
    await pipeline.exec();
  }
}
