import type { Clock } from '../lib/clock.ts';
import type { RedisClient } from '../redis/client.ts';
import { mayExist } from '../redis/exist.ts';
import { segmentsKey } from '../redis/keys.ts';
import type { SourceList } from './lease.ts';

/** Rounds that ask every list keep the routes' last-seen dates fresh and make lost groups again. */
const fullRoundEvery = 30_000;

interface Parts {
  readonly client: RedisClient;
  readonly clock: Clock;
  readonly lists: readonly SourceList[];
}

/**
 * What makes idling cheap: one command that says that no list of the gateway's exists, and no segment of ours or of
 * another instance's. Then a round over all lists would find nothing. In a cluster the keys live on several nodes, and
 * each round asks every list.
 */
export class QuietLook {
  readonly #parts: Parts;
  readonly #keys: readonly string[];
  /** Of the last full round that found nothing; undefined after one that found something or failed. */
  #quietSince: number | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#keys = parts.lists.flatMap(({ key }) => [key, segmentsKey(key)]);
  }

  /** A full round has ended. */
  hasLooked({ isEmpty }: { readonly isEmpty: boolean }): void {
    this.#quietSince = isEmpty ? this.#parts.clock.elapsed() : undefined;
  }

  /** Whether this round may be left out. Rejects where Redis does not answer. */
  async isQuiet(): Promise<boolean> {
    const { client, clock } = this.#parts;
    if (this.#quietSince === undefined) return false;
    if (clock.elapsed() - this.#quietSince >= fullRoundEvery) return false;
    return !(await mayExist(client, this.#keys));
  }
}
