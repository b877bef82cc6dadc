/** What became of one record: `sluice explain RECORD-ID`. Looks, and changes nothing. */

import type { Lease, SourceList } from '../purge/lease/lease.ts';
import { compareEntries, leasesOf } from '../purge/lease/manifest-entry.ts';
import type { RedisClient } from '../redis/client.ts';
import { manifestKey, segmentKey } from '../redis/keys.ts';
import { deadPiles, showDead } from '../route/dead-letters/desk.ts';
import type { DeadLetter } from '../route/dead-letters/letter.ts';

export interface RecordFate {
  readonly id: string;
  /** Where its segment still is; undefined: it is gone, and every route has answered for what was in it. */
  readonly place:
    | {
        readonly list: string;
        /** Records of the segment. Fewer than the id's number: there is no such record in it. */
        readonly records: number;
        readonly isInSegment: boolean;
        /** When it was claimed; undefined: nothing names its range, or it is not in the manifest any more. */
        readonly claimed: string | undefined;
      }
    | undefined;
  /** Per route of the list. */
  readonly routes: readonly RouteFate[];
  readonly letters: readonly DeadLetter[];
}

/** `answered`: delivered, filtered, dropped at the bound, or a dead letter that is told of beside it. */
export type RouteFate = { readonly route: string } & (
  | { readonly state: 'answered' | 'waiting' }
  | {
      readonly state: 'leased';
      readonly consumer: string;
      readonly idleSeconds: number;
      readonly deliveries: number;
    }
);

/** Undefined: a text that is no record id. */
export function readRecordId(
  text: string,
): { readonly segment: string; readonly index: number } | undefined {
  const [, segment, index] = /^([\w-]{1,100}):(\d{1,15})$/.exec(text) ?? [];
  return segment === undefined ? undefined : { segment, index: Number(index) };
}

export async function recordFate(
  client: RedisClient,
  lists: readonly SourceList[],
  id: string,
): Promise<RecordFate | undefined> {
  const named = readRecordId(id);
  if (named === undefined) return undefined;
  const letters = await lettersOf(client, lists, id);
  for (const list of lists) {
    const records = await client.llen(segmentKey(list.key, named.segment));
    if (records === 0) continue;
    const lease = await rangeOf(client, list, named);
    const place = {
      ...{ list: list.key, records, isInSegment: named.index < records },
      claimed: lease === undefined ? undefined : new Date(lease.range.claimedAt).toISOString(),
    };
    const routes = lease === undefined ? [] : await fates(client, list, lease.id);
    return { id, place, routes, letters };
  }
  return { id, place: undefined, routes: [], letters };
}

async function lettersOf(
  client: RedisClient,
  lists: readonly SourceList[],
  id: string,
): Promise<readonly DeadLetter[]> {
  const piles = await deadPiles(
    client,
    lists.map(({ key }) => key),
  );
  const found = await Promise.all(piles.map((pile) => showDead(client, { ...pile, id })));
  return found.filter((letter) => letter !== undefined);
}

const pageSize = 500;

/** The entry of the manifest whose range holds it. */
async function rangeOf(
  client: RedisClient,
  list: SourceList,
  { segment, index }: { readonly segment: string; readonly index: number },
): Promise<Lease | undefined> {
  for (let from = '-'; ; ) {
    const entries = await client.xrange(manifestKey(list.key), from, '+', 'COUNT', pageSize);
    const found = leasesOf(list, entries).leases.find(
      ({ range }) =>
        range.segment === segment && range.start <= index && index < range.start + range.count,
    );
    const last = entries.at(-1);
    if (found !== undefined || last === undefined || entries.length < pageSize) return found;
    from = `(${last[0]}`;
  }
}

async function fates(
  client: RedisClient,
  { key }: SourceList,
  entry: string,
): Promise<readonly RouteFate[]> {
  const groups = (await client.xinfo('GROUPS', manifestKey(key))) as readonly unknown[][];
  return Promise.all(
    groups.map(async (fields) => {
      const of = (name: string): string => String(fields[fields.indexOf(name) + 1]);
      const route = of('name');
      if (compareEntries(entry, of('last-delivered-id')) > 0)
        return { route, state: 'waiting' } as const;
      const pending = await client.xpending(manifestKey(key), route, entry, entry, 1);
      const [lease] = pending as readonly (readonly unknown[])[];
      if (lease === undefined) return { route, state: 'answered' } as const;
      return {
        ...{ route, state: 'leased' as const, consumer: String(lease[1]) },
        ...{ idleSeconds: Number(lease[2]) / 1000, deliveries: Number(lease[3]) },
      };
    }),
  );
}
