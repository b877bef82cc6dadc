import { millis } from '../lib/units.ts';
import type { SourceList } from '../purge/lease/lease.ts';
import type { RedisClient } from '../redis/client.ts';
import { stateKey } from '../redis/keys.ts';

/** Whether anybody delivers to a route now. */
export type Runner =
  | { readonly state: 'runs' }
  /** It was there so many seconds ago; Redis does not tell who is connected. */
  | { readonly state: 'seen'; readonly secondsAgo: number }
  | { readonly state: 'none' };

/** An instance dates its routes about once a minute, at the latest with the full round after that. */
export const longestSilence = millis(130_000);

/**
 * Looks for an instance that runs a route, or any: who dated the route lately, and is there a connection of ours besides
 * this one? An instance at rest reads nothing, so that its consumers tell nothing.
 */
export async function findRunner(
  client: RedisClient,
  lists: readonly Pick<SourceList, 'key'>[],
  route: string | undefined,
): Promise<Runner> {
  const [seconds = '0'] = (await client.time()).map(String);
  const now = Number(seconds) * 1000;
  let last = 0;
  for (const { key } of lists)
    for (const [field, date] of Object.entries(await client.hgetall(stateKey(key))))
      if (route === undefined ? field.startsWith('route:') : field === `route:${route}`)
        last = Math.max(last, Number(date) || 0);
  if (now - last > longestSilence) return { state: 'none' };
  const others = await otherConnections(client);
  if (others === undefined)
    return { state: 'seen', secondsAgo: Math.max(0, Math.round((now - last) / 1000)) };
  return { state: others > 0 ? 'runs' : 'none' };
}

/** Connections with our name but this command's; undefined where the user may not ask. */
async function otherConnections(client: RedisClient): Promise<number | undefined> {
  try {
    const own = String(await client.client('ID'));
    const lines = String(await client.client('LIST')).split('\n');
    return lines.filter(
      (line) => / name=sluice(?: |$)/.test(line) && !line.startsWith(`id=${own} `),
    ).length;
  } catch {
    return undefined;
  }
}
