import type { Clock } from '../../lib/clock.ts';
import { explain } from '../../lib/errors.ts';
import type { RedisClient } from '../../redis/client.ts';
import { stateKey } from '../../redis/keys.ts';
import { isRefusal } from '../../redis/retrying.ts';
import { runScript, script } from '../../redis/script.ts';

/** A list of the gateway's at one moment. */
export interface ListLook {
  /** By whose clock. `redis` is exact, for Redis expires by it; `ours` is when we asked and when the answer was there. */
  readonly by: 'redis' | 'ours';
  /** The moment, in milliseconds: not before, and not after. */
  readonly since: number;
  readonly until: number;
  readonly records: number;
  /** Milliseconds until Redis deletes it; undefined: never, or there is no such list. */
  readonly expiresIn: number | undefined;
  /** Stands for the first record; undefined where it is not known. */
  readonly first: string | undefined;
  /** Records claimed of the list ever; undefined where there are no books. */
  readonly claimed: number | undefined;
}

/** What Redis refuses to tell, in its words. */
export interface Untold {
  readonly refusal: string;
}

/**
 * What a list of the gateway's holds, and when Redis deletes it: for whoever watches it expire (list-watch.ts). All at
 * one moment, by Redis's own clock, by which lists expire. Read-only, and means the same in every layout. The first record stands for the list: what has another first record has lost some. A large one is not hashed whole.
 *
 * KEYS  1 list  2 state
 * Reply {now in milliseconds, records, milliseconds until it expires (-1: never, -2: there is none), a digest of the first
 *        record or '', records claimed of it ever or ''}
 */
const lookAtListScript = script(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local records = redis.pcall('LLEN', KEYS[1])
if type(records) == 'table' then
  if not string.find(records['err'], 'WRONGTYPE', 1, true) then error(records['err'], 0) end
  records = 0
end
local expiresIn = redis.call('PTTL', KEYS[1])
local first = ''
if records > 0 then
  local record = redis.pcall('LINDEX', KEYS[1], 0)
  if type(record) == 'string' then first = redis.sha1hex(#record .. string.sub(record, 1, 4096)) end
end
local claimed = redis.pcall('HGET', KEYS[2], 'claimed')
return {now, records, expiresIn, first, type(claimed) == 'string' and claimed or ''}
`);

/**
 * Looks at a list. Where Redis permits no scripts the commands are sent alone; the ones without which nothing can be known are
 * LLEN and PTTL. Rejects where Redis is away.
 */
export async function lookAtList(
  { client, clock }: { readonly client: RedisClient; readonly clock: Pick<Clock, 'elapsed'> },
  list: string,
): Promise<ListLook | Untold> {
  try {
    const reply = await runScript(client, lookAtListScript, [list, stateKey(list)], []);
    const [now, records, expiresIn, first, claimed] = reply as [
      ...[number, number, number, string, string],
    ];
    return {
      by: 'redis',
      since: now,
      until: now,
      records,
      expiresIn: expiresIn < 0 ? undefined : expiresIn,
      first: first === '' ? undefined : first,
      claimed: numberOf(claimed),
    };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return lookPlainly({ client, clock }, list);
  }
}

async function lookPlainly(
  { client, clock }: { readonly client: RedisClient; readonly clock: Pick<Clock, 'elapsed'> },
  list: string,
): Promise<ListLook | Untold> {
  const since = clock.elapsed();
  const [records, expiresIn, claimed] = await Promise.allSettled([
    client.llen(list),
    client.pttl(list),
    client.hget(stateKey(list), 'claimed'),
  ]);
  for (const { command, outcome } of [
    { command: 'LLEN', outcome: records },
    { command: 'PTTL', outcome: expiresIn },
  ]) {
    if (outcome.status === 'fulfilled' || isOtherType(outcome.reason)) continue;
    if (!isRefusal(outcome.reason)) throw outcome.reason;
    return { refusal: `${command}: ${explain(outcome.reason)}` };
  }
  const left = expiresIn.status === 'fulfilled' ? expiresIn.value : -1;
  return {
    by: 'ours',
    since,
    until: clock.elapsed(),
    records: records.status === 'fulfilled' ? records.value : 0,
    expiresIn: left < 0 ? undefined : left,
    first: undefined,
    claimed: claimed.status === 'fulfilled' ? numberOf(claimed.value ?? '') : undefined,
  };
}

/** A key of that name is no list: then there is none. */
const isOtherType = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('WRONGTYPE');

const numberOf = (text: string): number | undefined =>
  /^\d{1,15}$/.test(text) ? Number(text) : undefined;
