import { survey, totals } from '../../purge/bounds/survey.ts';
import type { SourceList } from '../../purge/lease/lease.ts';
import type { RedisClient } from '../../redis/client.ts';
import {
  type DeadLetterPile,
  type DeadSelection,
  deadBooks,
  deadPiles,
  listDead,
  purgeDead,
  retryDead,
  showDead,
} from '../../route/dead-letters/desk.ts';
import { type DeadLetter, undecodableRoute } from '../../route/dead-letters/letter.ts';
import { findRunner, type Runner } from '../runners.ts';

/** What the `dead` command does with dead letters. */
export interface DeadDesk {
  piles(): Promise<readonly DeadLetterPile[]>;
  /** Oldest first. */
  list(pile: DeadLetterPile): AsyncIterable<DeadLetter>;
  /** One letter; the route in any letter case. */
  find(route: string, id: string): Promise<DeadLetter | undefined>;
  retry(selection: DeadSelection): Promise<number>;
  purge(selection: DeadSelection): Promise<number>;
  /** Every route that has a position or dead letters. */
  routes(): Promise<readonly string[]>;
  /** Whether an instance runs a route; for what is no record, whether any does. */
  runner(route: string): Promise<Runner>;
}

export const redisDesk = (client: RedisClient, lists: readonly SourceList[]): DeadDesk => ({
  piles: () => deadPiles(client, keysOf(lists)),
  list: ({ list, route }) => listDead(client, list, route),
  async find(route, id) {
    for (const pile of await deadPiles(client, keysOf(lists))) {
      if (pile.route.toLowerCase() !== route.toLowerCase()) continue;
      const letter = await showDead(client, { ...pile, id });
      if (letter !== undefined) return letter;
    }
    return undefined;
  },
  retry: (selection) => retryDead(client, selection),
  purge: (selection) => purgeDead(client, selection),
  async routes() {
    const surveys = await Promise.all(lists.map((list) => survey(client, list)));
    const books = await deadBooks(client, keysOf(lists));
    return [...totals(surveys), ...books].map(({ route }) => route);
  },
  runner: (route) => findRunner(client, lists, route === undecodableRoute ? undefined : route),
});

const keysOf = (lists: readonly SourceList[]): readonly string[] => lists.map(({ key }) => key);
