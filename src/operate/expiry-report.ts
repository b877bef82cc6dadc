import { millis } from '../lib/units.ts';
import { type ListLook, lookAtList } from '../purge/bounds/list-look.ts';
import type { SourceList } from '../purge/lease/lease.ts';
import type { RedisClient } from '../redis/client.ts';
import { stateKey } from '../redis/keys.ts';

/** A list of the gateway's that Redis deletes with all its records unless somebody claims it before. */
export interface ExpiringList {
  readonly list: string;
  readonly records: number;
  readonly expiresInSeconds: number;
}

export interface ExpiryReport {
  /** Records that expired unread, ever, as far as an instance has seen and booked it. */
  readonly expired: number;
  /** Soonest first. */
  readonly expiring: readonly ExpiringList[];
}

/** What the gateway's time-to-live has taken, and is about to take. Changes nothing. Where Redis does not tell when lists expire, there are none. */
export async function reportExpiry(
  client: RedisClient,
  lists: readonly SourceList[],
): Promise<ExpiryReport> {
  const [booked, looks] = await Promise.all([
    Promise.all(lists.map(({ key }) => client.hget(stateKey(key), 'expired'))),
    Promise.all(lists.map(({ key }) => lookAtList({ client, clock: noClock }, key))),
  ]);
  return {
    expired: booked.reduce((sum, figure) => sum + wholeOf(figure), 0),
    expiring: lists
      .flatMap(({ key }, at) => {
        const look = looks[at];
        return look === undefined || 'refusal' in look ? [] : expiringOf(key, look);
      })
      .toSorted((a, b) => a.expiresInSeconds - b.expiresInSeconds),
  };
}

const expiringOf = (list: string, { records, expiresIn }: ListLook): readonly ExpiringList[] =>
  records === 0 || expiresIn === undefined
    ? []
    : [{ list, records, expiresInSeconds: expiresIn / 1000 }];

const wholeOf = (figure: string | null): number =>
  figure !== null && /^\d{1,15}$/.test(figure) ? Number(figure) : 0;

/** No moment of a look is asked for here. */
const noClock = { elapsed: () => millis(0) };
