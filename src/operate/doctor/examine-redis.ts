import type { Config } from '../../config/config.ts';
import type { Clock } from '../../lib/clock.ts';
import { explain } from '../../lib/errors.ts';
import { lookAtList } from '../../purge/bounds/list-look.ts';
import { readLists } from '../../purge/lists.ts';
import { askWay } from '../../redis/capabilities.ts';
import type { RedisClient } from '../../redis/client.ts';
import { inWords } from '../../redis/connect-reasons.ts';
import { whyForeign } from '../../redis/layout.ts';
import { isRefusal } from '../../redis/retrying.ts';
import { amiss, type Finding } from './finding.ts';
import { judgeExpiry, judgeLayouts } from './judge-lists.ts';
import { judgeRedis, judgeRights } from './judge-redis.ts';
import { redisFacts } from './redis-facts.ts';

/**
 * Everything about the Redis of the configuration. Writes nothing but the keys of `askWay`, which are its own and expire.
 * Rejects where Redis is
 * away; where it does not answer everything, says so and what it did answer.
 */
export async function examineRedis(
  client: RedisClient,
  { config, clock }: { readonly config: Config; readonly clock: Clock },
): Promise<readonly Finding[]> {
  const lists = readLists(config.redis, config.pumps).map(({ key }) => key);
  // First, and alone: what is measured is a Redis that does nothing else for us.
  const facts = await redisFacts(client, clock);
  const rest = await Promise.allSettled([
    askWay(client, lists[0] ?? '').then(judgeRights),
    Promise.all(lists.map((list) => foreignList(client, list))).then((foreign) =>
      judgeLayouts(foreign.flat()),
    ),
    Promise.all(
      lists.map(async (list) => ({ list, look: await lookAtList({ client, clock }, list) })),
    ).then((looks) => [judgeExpiry(looks, config.purge)]),
  ]);
  const failed = rest.find((each) => each.status === 'rejected');
  return [
    ...facts.flatMap((each) => judgeRedis(each, config.bounds)),
    ...rest.flatMap((each) => (each.status === 'fulfilled' ? each.value : [])),
    ...(failed === undefined ? [] : [brokenOff(failed.reason)]),
  ];
}

const brokenOff = (reason: unknown): Finding =>
  amiss('redis connection', 'error', {
    what: `it answers, but not all that is asked: ${inWords(reason)}`,
    why: 'what cannot be asked of it cannot be claimed either, and was not looked at here',
    remedy: 'Mend what is named.',
  });

async function foreignList(
  client: RedisClient,
  list: string,
): Promise<readonly { readonly list: string; readonly reason: string }[]> {
  try {
    const foreign = await whyForeign(client, list);
    return foreign === undefined ? [] : [{ list, reason: explain(foreign) }];
  } catch (error) {
    // That it may not be read is among the rights.
    if (isRefusal(error)) return [];
    throw error;
  }
}
