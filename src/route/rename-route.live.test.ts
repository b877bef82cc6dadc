/** A route gets another name: nothing is lost, nothing comes twice, and the books close. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../test/services/redis.ts';
import { type RedisCluster, startRedisCluster } from '../../test/services/redis-cluster.ts';
import { FakeClock } from '../lib/fake-clock.testing.ts';
import { mebibytes, millis } from '../lib/units.ts';
import { recordIdOf } from '../pump/batch.ts';
import { reclaim } from '../purge/bounds/reclaim.ts';
import { survey } from '../purge/bounds/survey.ts';
import { tidy } from '../purge/bounds/tidy.ts';
import { Claimer } from '../purge/claim/claim.ts';
import { Starts } from '../purge/claim/starts.ts';
import { settledCounts, settleScript } from '../purge/scripts/settle.ts';
import type { RedisClient } from '../redis/client.ts';
import { ledgerKey, manifestKey, segmentKey, stateKey } from '../redis/keys.ts';
import { runScript } from '../redis/script.ts';
import { deadPiles, listDead } from './dead-letters/desk.ts';
import { RedisDeadLetters } from './dead-letters/store.ts';
import { knownOf, type Renaming, renameOn } from './rename-route.ts';
import { aLetter, aList } from './testing/parts.testing.ts';

const list = aList();
const manifest = manifestKey(list.key);
const never = new AbortController().signal;
const renaming: Renaming = {
  from: 'OLD',
  to: 'NEW',
  merges: false,
  lease: millis(1_000),
  quietAfter: millis(130_000),
};

/** What tests do with one list, as the service would. */
function hands(client: RedisClient, key = list.key) {
  const stream = manifestKey(key);
  let pushed = 0;
  const segmentOf = async (fields: readonly string[]): Promise<readonly string[]> => {
    const field = (name: string): string => fields[fields.indexOf(name) + 1] ?? '';
    const [start, count] = [Number(field('start')), Number(field('count'))];
    return client.lrange(segmentKey(key, field('segment')), start, start + count - 1);
  };
  const textsOf = async (entries: readonly (readonly [string, readonly string[]])[]) =>
    (await Promise.all(entries.map(([, fields]) => segmentOf(fields)))).flat();
  return {
    claim: async (routes: readonly string[], count = 0, fromOldest: readonly string[] = []) => {
      const texts = Array.from({ length: count }, () => `r${++pushed}`);
      if (count > 0) await client.rpush(key, ...texts);
      const claimer = new Claimer(client, routes, 1, new Starts(fromOldest));
      await claimer.claim(aList(key), { isClaiming: true, ensuresGroups: true });
    },
    /** Reads so many ranges more, each with one record. */
    read: async (route: string, ranges = 1000) => {
      const reply = (await client.xreadgroup(
        ...(['GROUP', route, 'me', 'COUNT', ranges, 'STREAMS', stream, '>'] as const),
      )) as readonly [readonly [string, readonly (readonly [string, readonly string[]])[]]] | null;
      return textsOf(reply?.[0][1] ?? []);
    },
    /** What was given back. */
    takeOver: async (route: string) => {
      const reply = (await client.xautoclaim(
        ...([stream, route, 'me', 1_000, '0', 'COUNT', 1000] as const),
      )) as unknown as readonly [string, readonly (readonly [string, readonly string[]])[]];
      return textsOf(reply[1]);
    },
    answer: async (route: string, most = 1000) => {
      const pending = (await client.xpending(stream, route, '-', '+', most)) as string[][];
      for (const [id = ''] of pending) {
        const tally = settledCounts.map((outcome) => (outcome === 'delivered' ? 1 : 0));
        await runScript(
          client,
          settleScript,
          [stream, ledgerKey(key), stateKey(key)],
          [route, id, ...tally],
        );
      }
    },
  };
}

const ledgers = async (client: RedisClient, key = list.key) =>
  Object.fromEntries(
    (await survey(client, aList(key))).ledgers.map(({ route, claimed, pending, booked }) => [
      route,
      { claimed, pending, delivered: booked.delivered },
    ]),
  );

describe('a route with another name', () => {
  let redis: RedisServer;
  let on: ReturnType<typeof hands>;

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  beforeEach(async () => {
    await redis.client.flushall();
    on = hands(redis.client);
  });

  const rename = (changes: Partial<Renaming> = {}, client: RedisClient = redis.client) =>
    renameOn(client, list, { ...renaming, ...changes }, never);

  /** All that Redis holds, but for how long leases have been idle. */
  const everything = async (): Promise<unknown> => {
    const keys = (await redis.client.keys('*')).sort();
    const groups = (await redis.client.xinfo('GROUPS', manifest)) as readonly unknown[][];
    const pending = await Promise.all(
      groups.map((group) =>
        redis.client
          .xpending(manifest, String(group[1]), '-', '+', 1000)
          .then((leases) => (leases as unknown[][]).map(([id]) => id)),
      ),
    );
    return [
      keys,
      groups.map((group) => [group[1], group[7]]),
      pending,
      await redis.client.hgetall(ledgerKey(list.key)),
      await redis.client.hgetall(stateKey(list.key)),
    ];
  };

  it.each([[false], [true]])(
    'is still wanted again what an operator had given again (joined: %s)',
    async (isJoined) => {
      await on.claim(isJoined ? ['OLD', 'NEW'] : ['OLD'], 2);
      await redis.client.hset(ledgerKey(list.key), 'OLD|rewound', '17|18-0');
      await rename({ merges: isJoined });
      expect(await redis.client.hget(ledgerKey(list.key), 'NEW|rewound')).toBe('17|18-0');
      expect(await redis.client.hget(ledgerKey(list.key), 'OLD|rewound')).toBeNull();
    },
  );

  it('has what was under way, what was not read yet, and the books', async () => {
    await on.claim(['OLD', 'A'], 6);
    await on.read('OLD', 4);
    await on.answer('OLD', 2);
    const before = (await ledgers(redis.client))['OLD'];

    expect(await rename()).toMatchObject({ outcome: 'moved', ranges: 2 });

    expect((await ledgers(redis.client))['OLD']).toBeUndefined();
    expect((await ledgers(redis.client))['NEW']).toEqual(before);
    await on.claim(['NEW', 'A'], 2);
    expect(await on.takeOver('NEW')).toEqual(['r3', 'r4']);
    expect(await on.read('NEW')).toEqual(['r5', 'r6', 'r7', 'r8']);
    await on.answer('NEW');
    await on.read('A');
    await on.answer('A');
    expect((await reclaim(redis.client, list)).mismatches).toEqual([]);
    expect(await redis.client.xlen(manifest)).toBe(0);
    expect(await knownOf(redis.client, [list], 'OLD')).toMatchObject([
      { hasGroup: false, hasBooks: false, hasLetters: false },
    ]);
  });

  it('has its dead letters, those that are to be tried again too, also after an interruption', async () => {
    const store = new RedisDeadLetters({
      client: redis.client,
      bound: mebibytes(64),
      lists: 1,
      clock: new FakeClock(),
      mask: (text) => text,
    });
    const letters = Array.from({ length: 600 }, (_, index) =>
      aLetter({
        id: recordIdOf('1-1', index),
        list: list.key,
        route: 'OLD',
        reason: '"route":"OLD"\n',
      }),
    );
    await store.put(list, 'OLD', letters);
    await redis.client.zadd(`{${list.key}}:dead:OLD:retry`, 0, letters[599]?.id ?? '');
    const stopping = new AbortController();
    const interrupted = new Proxy(redis.client, {
      get(target, name) {
        if (name === 'evalsha') stopping.abort(new Error('killed'));
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    await expect(renameOn(interrupted, list, renaming, stopping.signal)).rejects.toThrow('killed');
    expect(await redis.client.hlen(`{${list.key}}:dead:NEW`)).toBe(256);

    expect(await rename()).toMatchObject({ outcome: 'nothing', letters: 344 });

    const found: typeof letters = [];
    for await (const letter of listDead(redis.client, list.key, 'NEW')) found.push(letter);
    const byId = (all: typeof letters) => all.toSorted((a, b) => a.id.localeCompare(b.id));
    expect(byId(found)).toEqual(byId(letters.map((letter) => ({ ...letter, route: 'NEW' }))));
    const [pile, ...others] = await deadPiles(redis.client, [list.key]);
    const values = await redis.client.hvalsBuffer(`{${list.key}}:dead:NEW`);
    const bytes = values.reduce((sum, value) => sum + value.length, 0);
    expect([pile, others]).toEqual([{ list: list.key, route: 'NEW' }, []]);
    expect(values).toHaveLength(600);
    expect(await redis.client.hget(stateKey(list.key), 'dead:NEW')).toBe(String(bytes));
    expect(await store.takeRetries(list, 'NEW', [])).toHaveLength(1);
    expect(await redis.client.keys('*:dead:OLD*')).toEqual([]);
  });

  it('leaves alone whose name begins alike', async () => {
    await on.claim(['OLD', 'OLD|X', 'OLDER'], 2);
    const before = await ledgers(redis.client);
    await rename();

    expect(await ledgers(redis.client)).toEqual({
      NEW: before['OLD'],
      'OLD|X': before['OLD|X'],
      OLDER: before['OLDER'],
    });
  });

  it('is refused where the new name has a position of its own, and nothing is changed', async () => {
    await on.claim(['OLD', 'A'], 2);
    await on.claim(['NEW', 'A'], 2);
    const before = await everything();

    expect(await rename()).toMatchObject({ outcome: 'both' });
    expect(await everything()).toEqual(before);
  });

  it('joins a new name that has begun already: it gets what is missing, and nothing twice', async () => {
    await on.claim(['OLD', 'A'], 4);
    await on.read('OLD', 2);
    await on.answer('OLD', 1);
    await on.claim(['OLD', 'NEW', 'A'], 2);
    expect(await on.read('NEW', 1)).toEqual(['r5']);
    await on.answer('NEW');

    expect(await rename({ merges: true })).toMatchObject({ outcome: 'merged', ranges: 3, had: 1 });

    expect(await on.takeOver('NEW')).toEqual(['r2', 'r3', 'r4']);
    expect(await on.read('NEW')).toEqual(['r6']);
    expect((await ledgers(redis.client))['NEW']).toEqual({ claimed: 5, pending: 4, delivered: 1 });
    await on.answer('NEW');
    await on.read('A');
    await on.answer('A');
    expect((await reclaim(redis.client, list)).mismatches).toEqual([]);
  });

  it.each([['-xclaim'], ['-xgroup'], ['-xgroup', '+xgroup|create'], ['-hset'], ['-hdel']])(
    'keeps the old name with everything where Redis refuses %s %s, and gets it later',
    async (...rights) => {
      await on.claim(['OLD', 'A'], 4);
      await on.read('OLD', 2);
      await redis.client.acl('SETUSER', 'few', 'reset', 'on', 'nopass', '~*', '+@all', ...rights);
      const few = redis.client.duplicate({ username: 'few', password: 'x' });
      const before = await everything();

      await expect(rename({}, few)).rejects.toThrow(/NOPERM|permission|can't run/);
      few.disconnect();

      expect(await everything()).toEqual(before);
      expect(await rename()).toMatchObject({ outcome: 'moved', ranges: 2 });
    },
  );

  it('can come back where a route that was forgotten was', async () => {
    await on.claim(['OLD', 'A'], 3);
    await on.read('OLD', 1);
    await on.answer('OLD');
    await redis.client.hset(stateKey(list.key), 'route:OLD', '1');
    for (let look = 0; look < 2; look++) await tidy(redis.client, list, ['A'], millis(60_000));
    expect(await rename()).toMatchObject({ outcome: 'nothing' });

    await on.claim(['NEW', 'A']);
    expect(await on.read('NEW')).toEqual(['r2', 'r3']);
  });
});

it('gets it over all lists of a cluster, interrupted between two of them too', async () => {
  const cluster: RedisCluster = await startRedisCluster();
  try {
    const { client } = cluster;
    const keys = Array.from({ length: 11 }, (_, index) => `analytics-${index}`);
    for (const key of keys) await hands(client, key).claim(['OLD', 'A'], 2);
    const some = keys.slice(0, 5);
    for (const key of some) await renameOn(client, aList(key), renaming, never);
    for (const key of keys) {
      const { outcome } = await renameOn(client, aList(key), renaming, never);
      expect(outcome).toBe(some.includes(key) ? 'nothing' : 'moved');
      expect(await hands(client, key).read('NEW')).toEqual(['r1', 'r2']);
    }
    expect(
      (
        await knownOf(
          client,
          keys.map((key) => aList(key)),
          'OLD',
        )
      ).some((known) => known.hasGroup),
    ).toBe(false);
  } finally {
    await cluster.stop();
  }
});
