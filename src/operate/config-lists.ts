import type { Config } from '../config/config.ts';
import type { SourceList } from '../purge/lease/lease.ts';
import { sourceLists, uptimeList } from '../purge/lists.ts';
import { decoders } from '../record/decoders.ts';
import type { RedisClient } from '../redis/client.ts';
import { isOutage } from '../redis/connect-outage.ts';
import { manifestKey, stateKey } from '../redis/keys.ts';

/**
 * The gateway's lists of a configuration. That of uptime records is among them where a pump takes them or one has: else
 * it is none of ours, and Redis may forbid us to look at it.
 */
export async function configLists(
  client: RedisClient,
  { redis, pumps }: Pick<Config, 'redis' | 'pumps'>,
): Promise<readonly SourceList[]> {
  const lists = sourceLists(redis.keyPrefix, decoders);
  const uptime = uptimeList(redis);
  const isOurs =
    pumps.some(({ records }) => records === 'uptime') || (await holdsOurs(client, uptime));
  return isOurs ? [...lists, uptime] : lists;
}

async function holdsOurs(client: RedisClient, { key }: SourceList): Promise<boolean> {
  try {
    return (await client.exists(manifestKey(key), stateKey(key))) > 0;
  } catch (error) {
    if (isOutage(error)) throw error;
    return false;
  }
}
