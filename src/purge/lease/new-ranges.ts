import type { RedisClient } from '../../redis/client.ts';
import { manifestKey } from '../../redis/keys.ts';
import type { Lease, SourceList } from './lease.ts';
import type { StreamEntry } from './manifest-entry.ts';

export interface NewRangesParts {
  readonly client: RedisClient;
  /** The consumer group. */
  readonly route: string;
  readonly consumer: string;
  /** Makes leases of what Redis has lent. */
  readonly leasesOf: (
    list: SourceList,
    entries: readonly StreamEntry[],
  ) => Promise<readonly Lease[]>;
  readonly onAnswer: () => void;
  readonly onFailure: (list: SourceList, error: unknown) => void;
}

/** A list that may have something for this group. */
interface Unread {
  /** How many ranges it is asked for: it had as many the last time. */
  most: number;
  /** Counts what was announced, so that an answer from before does not hide it. */
  announced: number;
}

/**
 * Leases ranges that this group has not seen, by XREADGROUP from every list that may have some, all of them asked at
 * once. The lists take turns, and one that gave all it was asked for is asked for twice as much when its turn comes: many
 * lists with little cost one round trip, one list with much costs few commands.
 */
export class NewRanges {
  readonly #parts: NewRangesParts;
  /** In the order of their turns. */
  readonly #unread = new Map<SourceList, Unread>();

  constructor(parts: NewRangesParts) {
    this.#parts = parts;
  }

  get areExhausted(): boolean {
    return this.#unread.size === 0;
  }

  /** These lists may have something, and no others: what is not named may not be read any more. */
  announce(stocked: readonly SourceList[]): void {
    for (const list of this.#unread.keys()) if (!stocked.includes(list)) this.#unread.delete(list);
    for (const list of stocked) {
      const known = this.#unread.get(list);
      if (known === undefined) this.#unread.set(list, { most: 1, announced: 1 });
      else known.announced += 1;
    }
  }

  /** The group is gone, or the list may not be read. */
  forget(list: SourceList): void {
    this.#unread.delete(list);
  }

  async take(most: number): Promise<readonly Lease[]> {
    const wanted = [...this.#unread].map(([list, { most }]) => ({ list, most }));
    const taken = await Promise.all(
      shares(wanted, most).map(({ list, most }) => this.#read(list, most)),
    );
    return taken.flat();
  }

  async #read(list: SourceList, most: number): Promise<readonly Lease[]> {
    const { client, route, consumer, leasesOf, onAnswer, onFailure } = this.#parts;
    const announced = this.#unread.get(list)?.announced;
    const key = manifestKey(list.key);
    const group = ['GROUP', route, consumer] as const;
    try {
      const reply = await client.xreadgroup(...group, 'COUNT', most, 'STREAMS', key, '>');
      const entries = (reply as Reply)?.[0]?.[1] ?? [];
      this.#learn(list, { announced, isFull: entries.length >= most, most });
      onAnswer();
      return await leasesOf(list, entries);
    } catch (error) {
      onFailure(list, error);
      return [];
    }
  }

  #learn(
    list: SourceList,
    { announced, isFull, most }: { announced: number | undefined; isFull: boolean; most: number },
  ): void {
    const unread = this.#unread.get(list);
    if (unread === undefined) return;
    if (!isFull && unread.announced === announced) {
      this.#unread.delete(list);
      return;
    }
    // Its turn is over.
    this.#unread.delete(list);
    this.#unread.set(list, { ...unread, most: isFull ? Math.max(unread.most, most) * 2 : 1 });
  }
}

type Reply = readonly (readonly [string, readonly StreamEntry[]])[] | null;

interface Share {
  readonly list: SourceList;
  readonly most: number;
}

/** Who is asked for how much, `most` in all: by turns what each is good for, and what is left in even parts. */
export function shares(wanted: readonly Share[], most: number): readonly Share[] {
  const asked: Share[] = [];
  let left = most;
  for (const share of wanted) {
    if (left === 0) break;
    const fits = Math.min(share.most, left);
    asked.push({ list: share.list, most: fits });
    left -= fits;
  }
  const [even, over] = [Math.floor(left / asked.length), left % asked.length];
  return asked.map((share, at) => ({ ...share, most: share.most + even + Number(at < over) }));
}
