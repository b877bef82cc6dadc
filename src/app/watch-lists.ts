import type { Config } from '../config/config.ts';
import { ListWatch } from '../purge/bounds/list-watch.ts';
import type { SourceList } from '../purge/lease/lease.ts';
import { readLists } from '../purge/lists.ts';
import type { RedisClient } from '../redis/client.ts';
import type { AppParts } from './parts.ts';
import { type Claims, whyUnclaimed } from './why-unclaimed.ts';

/** With rounds further apart than this a list may expire between two of them. */
const slowRound = 10_000;

/** What a reload may change. */
export const watchedIn = ({
  config,
  lists,
}: {
  readonly config: Pick<Config, 'purge'>;
  readonly lists: readonly SourceList[];
}) => ({ lists, isSlow: config.purge.delay > slowRound });

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
    ...watchedIn({ config, lists: readLists(config.redis, routes) }),
    whyUnclaimed: (list) => whyUnclaimed(claims(), list),
  });
}
