import type { SourceList } from '../purge/lease/lease.ts';
import type { RedisClient } from '../redis/client.ts';
import { type ForeignLayout, whyForeign } from '../redis/layout.ts';
import type { CommandContext } from './command-context.ts';

/**
 * The lists of which this version may touch something. What the others are is said as an error: whoever only shows goes on
 * with those it knows and fails in the end, whoever changes something leaves all as it is.
 */
export async function knownLists(
  client: RedisClient,
  lists: readonly SourceList[],
  { stderr }: CommandContext,
): Promise<readonly SourceList[]> {
  const reasons = await Promise.all(lists.map(({ key }) => whyForeign(client, key)));
  const byFound = new Map<
    string,
    { readonly key: string; reason: ForeignLayout; others: number }
  >();
  for (const [at, { key }] of lists.entries()) {
    const reason = reasons[at];
    if (reason === undefined) continue;
    const same = byFound.get(reason.found);
    if (same === undefined) byFound.set(reason.found, { key, reason, others: 0 });
    else same.others += 1;
  }
  for (const { key, reason, others } of byFound.values()) {
    const also = others === 0 ? '' : ` (and ${others} other lists)`;
    stderr.write(`sluice: error: ${key}${also}: ${reason.message}\n`);
  }
  return lists.filter((_list, at) => reasons[at] === undefined);
}
