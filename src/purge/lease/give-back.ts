import { type Millis, millis } from '../../lib/units.ts';
import type { RedisClient } from '../../redis/client.ts';
import { manifestKey, stateKey } from '../../redis/keys.ts';
import { ForeignLayout } from '../../redis/layout.ts';
import { runScript } from '../../redis/script.ts';
import { readersOf } from '../lists.ts';
import { leaveScript } from '../scripts/release.ts';
import { touchScript } from '../scripts/touch.ts';
import type { SourceList } from './lease.ts';
import { nobody } from './stream-leases.ts';

export interface Holdings {
  readonly lists: readonly SourceList[];
  readonly routes: readonly string[];
  readonly consumer: string;
  readonly lease: Millis;
}

const atOnce = 1000;

/**
 * Gives back whatever a consumer holds that is known to be dead, so that nobody waits for its leases to run out.
 * Resolves with the number of ranges. Rejects while Redis is away; may be repeated at any time.
 */
export async function giveBackAll(
  client: RedisClient,
  { lists, routes, consumer, lease }: Holdings,
): Promise<number> {
  const one = async (list: string, group: string): Promise<number> => {
    const keys = [manifestKey(list), stateKey(list)];
    let ranges = 0;
    for (;;) {
      const ids = await pendingOf(client, keys[0] ?? '', { group, consumer });
      if (ids.length === 0) break;
      const idle = millis(lease * 2);
      const lost = await runScript(client, touchScript, keys, [
        group,
        consumer,
        nobody,
        idle,
        ...ids,
      ]);
      ranges += ids.length - (lost as readonly string[]).length;
    }
    await runScript(client, leaveScript, keys, [group, consumer]);
    return ranges;
  };
  const orForeign = (error: unknown): number => {
    if (error instanceof ForeignLayout) return 0;
    throw error;
  };
  const given = await Promise.all(
    lists.flatMap((list) =>
      readersOf(list, routes).map((route) => one(list.key, route).catch(orForeign)),
    ),
  );
  return given.reduce((sum, ranges) => sum + ranges, 0);
}

async function pendingOf(
  client: RedisClient,
  manifest: string,
  { group, consumer }: { readonly group: string; readonly consumer: string },
): Promise<readonly string[]> {
  try {
    const reply = (await client.xpending(
      manifest,
      group,
      '-',
      '+',
      atOnce,
      consumer,
    )) as readonly (readonly [string, ...unknown[]])[];
    return reply.map(([id]) => id);
  } catch (error) {
    // No manifest or no group: nothing is held there.
    if (error instanceof Error && error.message.startsWith('NOGROUP')) return [];
    throw error;
  }
}
