import type { Log } from '../lib/log.ts';
import type { SourceList } from '../purge/lease/lease.ts';
import { uptimeList } from '../purge/lists.ts';
import type { RedisClient } from '../redis/client.ts';
import { segmentsKey } from '../redis/keys.ts';

interface Parts {
  readonly client: RedisClient;
  readonly redis: Parameters<typeof uptimeList>[0];
  /** What is read here. */
  readonly lists: readonly SourceList[];
  readonly log: Log;
}

/**
 * Says that Redis keeps uptime records which an earlier configuration has claimed and this one delivers nowhere. Never rejects:
 * where Redis forbids the look, there was never anything of ours.
 */
export async function sayLeftUptime({ client, redis, lists, log }: Parts): Promise<void> {
  const { key } = uptimeList(redis);
  if (lists.some((list) => list.key === key)) return;
  const segments = await client.llen(segmentsKey(key)).catch(() => 0);
  if (segments === 0) return;
  log.warn(
    { list: key, segments },
    'Redis keeps claimed uptime records for a pump that is not in this configuration; `sluice release` puts them back.',
  );
}
