import type { Clock } from '../../lib/clock.ts';
import { mayExist, type RedisClient } from '../../redis/client.ts';
import { segmentsKey } from '../../redis/keys.ts';
import type { SourceList } from '../lease/lease.ts';

/** To ask a list keeps the routes' last-seen dates there fresh and makes lost groups again. */
const fullRoundEvery = 30_000;

interface Parts {
  readonly client: RedisClient;
  readonly clock: Clock;
  readonly lists: readonly SourceList[];
}

/**
 * What makes idling cheap, and lists that nobody uses: one command that says of all lists in which the last round found
 * nothing that they do not exist, and no segment of ours or of another instance's. Then there is no need to ask them. In a
 * cluster the keys live on several nodes, and each round asks every list.
 */
export class QuietLook {
  readonly #parts: Parts;
  /** Lists in which a round found nothing, and when it did. */
  readonly #quiet = new Map<SourceList, number>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A round has ended that asked these lists, and found nothing in some of them. */
  hasLooked(asked: readonly SourceList[], empty: readonly SourceList[]): void {
    for (const list of asked) this.#quiet.delete(list);
    for (const list of empty) this.#quiet.set(list, this.#parts.clock.elapsed());
  }

  /** Whether a list of the gateway's is there. Rejects where Redis does not answer. */
  hasNews(): Promise<boolean> {
    const { client, lists } = this.#parts;
    return mayExist(
      client,
      lists.map(({ key }) => key),
    );
  }

  /** The lists that a round has to ask; empty: it may be left out. Rejects where Redis does not answer. */
  async toAsk(): Promise<readonly SourceList[]> {
    const { client, clock, lists } = this.#parts;
    const since = clock.elapsed() - fullRoundEvery;
    const quiet = lists.filter((list) => (this.#quiet.get(list) ?? -Infinity) > since);
    const keys = quiet.flatMap(({ key }) => [key, segmentsKey(key)]);
    if (keys.length === 0 || (await mayExist(client, keys))) return lists;
    return lists.filter((list) => !quiet.includes(list));
  }
}
