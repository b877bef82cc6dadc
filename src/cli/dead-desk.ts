import type { RedisClient } from '../redis/client.ts';
import type { DeadLetter } from '../route/dead-letter.ts';
import {
  type DeadLetterPile,
  type DeadSelection,
  deadPiles,
  listDead,
  purgeDead,
  retryDead,
} from '../route/dead-letter-desk.ts';

/** What the `dead` command does with dead letters. */
export interface DeadDesk {
  piles(): Promise<readonly DeadLetterPile[]>;
  /** Oldest first. */
  list(pile: DeadLetterPile): AsyncIterable<DeadLetter>;
  retry(selection: DeadSelection): Promise<number>;
  purge(selection: DeadSelection): Promise<number>;
}

export const redisDesk = (client: RedisClient, lists: readonly string[]): DeadDesk => ({
  piles: () => deadPiles(client, lists),
  list: ({ list, route }) => listDead(client, list, route),
  retry: (selection) => retryDead(client, selection),
  purge: (selection) => purgeDead(client, selection),
});
