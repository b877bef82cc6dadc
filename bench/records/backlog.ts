import type { Redis } from 'ioredis';
import { listNames } from '../../src/redis/keys.ts';
import { type Cell, type Encoding, type RecordEncoding, recordEncodings } from '../cell.ts';
import { benchElement } from './record.ts';

/** The gateway's lists that a backlog is in. */
export const listsOf = (encoding: Encoding): readonly string[] =>
  placesOf(encoding).map(({ list }) => list);

interface Place {
  readonly list: string;
  readonly encoding: RecordEncoding;
}

function placesOf(encoding: Encoding): readonly Place[] {
  const all = recordEncodings.map((one) =>
    listNames('analytics-').map((name) => ({
      list: one === 'msgpack' ? name : `${name}_protobuf`,
      encoding: one,
    })),
  );
  if (encoding === 'both') return all.flat();
  return all
    .flat()
    .filter((place) => place.encoding === encoding)
    .slice(0, 1);
}

/** Where the originals are kept; pumps see database 0. */
const originalDatabase = 1;

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
    await this.#original.flushdb('SYNC');
    for (let first = 0; first < backlog; first += portion) {
      const pipeline = this.#original.pipeline();
      for (const { list, elements } of portionOf({ size, encoding, backlog }, first))
        pipeline.rpush(list, ...elements);
      await pipeline.exec();
      onProgress(Math.min(backlog, first + portion));
    }
    this.#made = wanted;
  }

  /** Empties database 0 and puts the whole backlog into the gateway's lists. */
  async layOut(encoding: Encoding): Promise<void> {
    await this.#redis.flushdb('SYNC');
    for (const list of listsOf(encoding)) await this.#original.copy(list, list, 'DB', 0);
  }

  /** Records that nobody has taken from these lists yet. */
  async waiting(lists: readonly string[]): Promise<number> {
    const lengths = await Promise.all(lists.map((list) => this.#redis.llen(list)));
    return lengths.reduce((sum, length) => sum + length, 0);
  }
}

/** The commands of a portion: lists take turns, so that all of them are about as long. */
export function portionOf(
  { size, encoding, backlog }: Pick<Cell, 'size' | 'encoding' | 'backlog'>,
  first: number,
): readonly { readonly list: string; readonly elements: readonly Buffer[] }[] {
  const places = placesOf(encoding);
  const end = Math.min(backlog, first + portion);
  const commands = [];
  for (let from = first; from < end; from += perCommand) {
    const place = places[(from / perCommand) % places.length];
    if (place === undefined) throw new RangeError('An encoding has no list.');
    const length = Math.min(perCommand, end - from);
    const elements = Array.from({ length }, (_, at) =>
      benchElement(from + at, size, place.encoding),
    );
    commands.push({ list: place.list, elements });
  }
  return commands;
}
