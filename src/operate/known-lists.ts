import type { SourceList } from '../purge/lease/lease.ts';
import type { RedisClient } from '../redis/client.ts';
import { type ForeignLayout, whyForeign } from '../redis/layout.ts';

/** Lists of one layout that this version does not know. */
export interface ForeignLists {
  readonly keys: readonly string[];
  readonly reason: ForeignLayout;
}

/** Which of the lists this version may touch, and what the others are. */
export async function sortLists(
  client: RedisClient,
  lists: readonly SourceList[],
): Promise<{ readonly known: readonly SourceList[]; readonly foreign: readonly ForeignLists[] }> {
  const reasons = await Promise.all(lists.map(({ key }) => whyForeign(client, key)));
  const byFound = new Map<string, { readonly keys: string[]; readonly reason: ForeignLayout }>();
  for (const [at, { key }] of lists.entries()) {
    const reason = reasons[at];
    if (reason === undefined) continue;
    const same = byFound.get(reason.found);
    if (same === undefined) byFound.set(reason.found, { keys: [key], reason });
    else same.keys.push(key);
  }
  return {
    known: lists.filter((_list, at) => reasons[at] === undefined),
    foreign: [...byFound.values()],
  };
}
