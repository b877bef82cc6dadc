import { ListWatch } from '../purge/bounds/list-watch.ts';
import { readLists } from '../purge/lists.ts';
import type { RedisClient } from '../redis/client.ts';
import type { AppParts } from './parts.ts';
import { type Claims, whyUnclaimed } from './why-unclaimed.ts';

/** With rounds further apart than this a list may expire between two of them. */
const slowRound = 10_000;

/** Watches the lists of the configuration; undefined in demo mode, where there are none. */
export function createListWatch(
  { clock, config, feed, log, metrics, pumps }: AppParts,
  client: RedisClient,
  claims: () => Claims,
): ListWatch | undefined {
  if (feed !== undefined) return undefined;
  const routes = pumps.map(({ entry }) => entry);
  return new ListWatch({
    client,
    clock,
    metrics,
    log: log.child({ prefix: 'main' }),
    lists: readLists(config.redis, routes),
    isSlow: config.purge.delay > slowRound,
    whyUnclaimed: (list) => whyUnclaimed(claims(), list),
  });
}
