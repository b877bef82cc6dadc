import { sortLists } from '../operate/known-lists.ts';
import type { SourceList } from '../purge/lease/lease.ts';
import type { RedisClient } from '../redis/client.ts';
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
  const { known, foreign } = await sortLists(client, lists);
  for (const { keys, reason } of foreign) {
    const [key = '', ...others] = keys;
    const also = others.length === 0 ? '' : ` (and ${others.length} other lists)`;
    stderr.write(`sluice: error: ${key}${also}: ${reason.message}\n`);
  }
  return known;
}
