/**
 * What an operator changes of a route's place: records that it is given again, and records that it is to leave out. Each is one
 * script for each list, so that a kill in between leaves lists that are done and lists that are not, and no half of one.
 */
import type { Millis } from '../lib/units.ts';
import type { SourceList } from '../purge/lease/lease.ts';
import { nobody } from '../purge/lease/stream-leases.ts';
import { rewindScript } from '../purge/scripts/rewind.ts';
import { shedScript } from '../purge/scripts/shed.ts';
import type { RedisClient } from '../redis/client.ts';
import { ledgerKey, manifestKey, stateKey } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';

export interface Rewound {
  readonly records: number;
  /** When the oldest was claimed that is kept, whether it was wanted or not; undefined: nothing is kept. */
  readonly oldest: number | undefined;
}

/** Gives the route again what it has answered for and was claimed at `since` or later, as far as it is kept. */
export async function rewindOn(
  client: RedisClient,
  { key }: SourceList,
  {
    route,
    since,
    lease,
  }: { readonly route: string; readonly since: number; readonly lease: Millis },
): Promise<Rewound> {
  const keys = [manifestKey(key), stateKey(key), ledgerKey(key)];
  const args = [route, Math.max(0, Math.floor(since)), nobody, lease * 2];
  const [, records, oldest] = (await runScript(client, rewindScript, keys, args)) as [
    number,
    number,
    number,
  ];
  return { records, oldest: oldest === 0 ? undefined : oldest };
}

/** Leaves out all that the route has not answered for and that is claimed: booked as `skipped`. Gives the records. */
export async function skipOn(
  client: RedisClient,
  { key }: SourceList,
  route: string,
): Promise<number> {
  if ((await client.exists(manifestKey(key))) === 0) return 0;
  const [last] = await client.xrevrange(manifestKey(key), '+', '-', 'COUNT', 1);
  if (last === undefined) return 0;
  const keys = [manifestKey(key), ledgerKey(key), stateKey(key)];
  const reply = await runScript(client, shedScript, keys, [route, last[0], 'skipped']);
  const [, records] = reply as [number, number];
  return records;
}
