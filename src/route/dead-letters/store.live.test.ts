import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/services/redis.ts';
import { FakeClock } from '../../lib/fake-clock.testing.ts';
import { type Bytes, bytes, mebibytes } from '../../lib/units.ts';
import { recordIdOf } from '../../pump/batch.ts';
import { survey } from '../../purge/bounds/survey.ts';
import { deadKey, ledgerKey, stateKey } from '../../redis/keys.ts';
import { aLetter, aList } from '../testing/parts.testing.ts';
import { deadBooks, deadPiles, listDead, purgeDead, retryDead, showDead } from './desk.ts';
import type { DeadLetter } from './letter.ts';
import { bytesField, letterField, letterKeys } from './scripts/keys.ts';
import { RedisDeadLetters } from './store.ts';

const list = aList();
const route = 'TEST';
const clock = new FakeClock();
const mask = (text: string): string => text.replaceAll('hunter2', '[secret]');
let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(() => redis.client.flushall());
afterAll(() => redis.stop());

const store = (bound: Bytes = mebibytes(64), lists = 1): RedisDeadLetters =>
  new RedisDeadLetters({ client: redis.client, bound, lists, clock, mask });

const letterAt = (index: number, overrides: Partial<DeadLetter> = {}): DeadLetter =>
  aLetter({ id: recordIdOf('1-1', index), ...overrides });

async function listed(of = route): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  for await (const letter of listDead(redis.client, list.key, of)) letters.push(letter);
  return letters;
}

const heldBytes = async (of = route): Promise<number> =>
  Number(await redis.client.hget(stateKey(list.key), bytesField(of)));

async function storedBytes(of = route): Promise<number> {
  const values = await redis.client.hvalsBuffer(deadKey(list.key, of));
  return values.reduce((sum, value) => sum + value.length, 0);
}

describe('dead letters in Redis', () => {
  it('come back as they were stored, bytes and all', async () => {
    const letter = aLetter({ reason: 'line\nbreak', bytes: Buffer.from([0, 10, 255, 10, 128]) });

    expect(await store().put(list, route, [letter])).toEqual({ stored: 1, dropped: 0 });

    expect(await listed()).toEqual([letter]);
    expect(await showDead(redis.client, { list: list.key, route, id: letter.id })).toEqual(letter);
  });

  it('are listed once each, also where others go and come meanwhile', async () => {
    const all = Array.from({ length: 1_000 }, (_, index) => letterAt(index));
    await store().put(list, route, all);
    const listed: string[] = [];
    for await (const { id } of listDead(redis.client, list.key, route)) {
      listed.push(id);
      // So many that the next page would begin behind letters that were never seen.
      if (listed.length === 500)
        await purgeDead(redis.client, { list: list.key, route, ids: listed.slice(0, 450) });
      if (listed.length === 700) await store().put(list, route, [letterAt(1_000)]);
    }
    expect(listed.toSorted()).toEqual(
      [...all.map(({ id }) => id), recordIdOf('1-1', 1_000)].toSorted(),
    );
  });

  it('hold no secret that a server repeated, also not where its reason is cut', async () => {
    const reason = `${'x'.repeat(1018)} hunter2`;
    await store().put(list, route, [letterAt(0, { reason })]);
    await store().replace(list, route, [letterAt(0, { reason: 'again hunter2' })]);
    await store().put(list, route, [letterAt(1, { reason })]);

    expect((await listed()).map((letter) => letter.reason)).toEqual([
      'again [secret]',
      expect.stringMatching(/x \[s.*…$/),
    ]);
  });

  it('make no second letter when they are stored again', async () => {
    const letters = store();
    await letters.put(list, route, [letterAt(0, { reason: 'first' })]);

    const again = await letters.put(list, route, [letterAt(0, { reason: 'second' })]);

    expect(again).toEqual({ stored: 0, dropped: 0 });
    expect((await listed()).map(({ reason }) => reason)).toEqual(['first']);
  });

  it('count their bytes', async () => {
    const letters = store();
    await letters.put(list, route, [letterAt(0), letterAt(1), letterAt(2)]);
    await letters.replace(list, route, [letterAt(1, { reason: 'longer than it was before' })]);
    await letters.remove(list, route, [letterAt(0).id]);

    expect(await heldBytes()).toBe(await storedBytes());
  });

  it('drop the oldest at their bound, and say how many', async () => {
    const letters = store(bytes(10_000));
    const large = { bytes: Buffer.alloc(3_000) };
    let dropped = 0;
    for (let index = 0; index < 5; index++)
      dropped += (await letters.put(list, route, [letterAt(index, large)])).dropped;

    expect(dropped).toBe(2);
    expect((await listed()).map(({ id }) => id)).toEqual(['1-1:2', '1-1:3', '1-1:4']);
    expect(await heldBytes()).toBe(await storedBytes());
  });

  it('leave a list its share of the bound when another has used all of it', async () => {
    const letters = store(bytes(10_000), 2);
    const other = aList('other');
    const large = { bytes: Buffer.alloc(4_000) };
    await letters.put(other, route, [letterAt(0, large), letterAt(1, large)]);

    expect(await letters.put(list, route, [letterAt(2, large)])).toEqual({ stored: 1, dropped: 0 });
  });

  it('travel in calls of bounded size', async () => {
    const many = Array.from({ length: 700 }, (_, index) =>
      letterAt(index, { bytes: Buffer.alloc(5_000) }),
    );

    expect(await store().put(list, route, many)).toEqual({ stored: 700, dropped: 0 });
    expect(await listed()).toHaveLength(700);
  });

  it('hold one letter for an undecodable element, whichever route comes first', async () => {
    const range = { list, segment: '5-5', start: 10, count: 3, bytes: 30, claimedAt: 0 };
    const elements = [{ index: 1, bytes: Buffer.from('x'), reason: 'it is no map' }];
    const [mine, otherProcess] = [store(), store()];

    const stored = await Promise.all([
      mine.putUndecodable(range, elements),
      mine.putUndecodable(range, elements),
      otherProcess.putUndecodable(range, elements),
    ]);

    expect(stored.reduce((sum, one) => sum + one.stored, 0)).toBe(1);
    expect((await listed('undecodable')).map(({ id }) => id)).toEqual(['5-5:11']);
  });

  it('survive a restart of the scripts', async () => {
    const letters = store();
    await letters.put(list, route, [letterAt(0)]);
    await redis.client.script('FLUSH');

    expect(await letters.put(list, route, [letterAt(1)])).toEqual({ stored: 1, dropped: 0 });
  });
});

describe('retrying dead letters', () => {
  const ask = (ids: readonly string[] | 'all', of = route): Promise<number> =>
    retryDead(redis.client, { list: list.key, route: of, ids });

  it('lends each letter to one route at a time and keeps it until it is answered', async () => {
    const letters = store();
    await letters.put(list, route, [letterAt(0), letterAt(1)]);
    expect(await ask(['1-1:1', 'unknown'])).toBe(1);

    expect((await letters.takeRetries(list, route, [])).map(({ id }) => id)).toEqual(['1-1:1']);
    expect(await store().takeRetries(list, route, [])).toEqual([]);
    expect(await listed()).toHaveLength(2);
  });

  it('lends a letter again when its time ran out, but not while it is renewed', async () => {
    const letters = store();
    const [, , retries = ''] = letterKeys(list.key, route);
    await letters.put(list, route, [letterAt(0), letterAt(1)]);
    await ask('all');
    await letters.takeRetries(list, route, []);
    await redis.client.zadd(retries, 1, '1-1:0', 1, '1-1:1');

    const again = await letters.takeRetries(list, route, [letterAt(0).id]);

    expect(again.map(({ id }) => id)).toEqual(['1-1:1']);
  });

  it('forgets what was delivered', async () => {
    const letters = store();
    await letters.put(list, route, [letterAt(0)]);
    await ask('all');
    await letters.takeRetries(list, route, []);
    await letters.remove(list, route, [letterAt(0).id]);

    const keys = letterKeys(list.key, route).slice(0, 3);
    expect(await redis.client.exists(...keys)).toBe(0);
    expect(await heldBytes()).toBe(0);
  });

  it('keeps what was rejected again, with its new reason, and no longer as a retry', async () => {
    const letters = store();
    await letters.put(list, route, [letterAt(0)]);
    await ask('all');
    await letters.replace(list, route, [letterAt(0, { reason: 'still no number' })]);

    expect(await listed()).toMatchObject([{ reason: 'still no number' }]);
    expect(await letters.takeRetries(list, route, [])).toEqual([]);
  });

  it('does not bring back a letter that was purged meanwhile', async () => {
    const letters = store();
    await letters.put(list, route, [letterAt(0)]);
    await ask('all');
    await purgeDead(redis.client, { list: list.key, route, ids: 'all' });
    await letters.replace(list, route, [letterAt(0)]);

    expect(await listed()).toEqual([]);
    expect(await letters.takeRetries(list, route, [])).toEqual([]);
  });

  it('pushes undecodable elements back to the gateway’s list as they were', async () => {
    const raw = Buffer.from([1, 10, 255]);
    await store().put(list, 'undecodable', [letterAt(0, { bytes: raw })]);

    expect(await ask('all', 'undecodable')).toBe(1);

    expect(await redis.client.lrangeBuffer(list.key, 0, -1)).toEqual([raw]);
    expect(await listed('undecodable')).toEqual([]);
    expect(await heldBytes('undecodable')).toBe(0);
  });
});

describe('the books', () => {
  const book = async (of = route) =>
    (await deadBooks(redis.client, [list.key])).find((each) => each.route === of);
  const booked = { stored: 0, redelivered: 0, purged: 0, dropped: 0, returned: 0 };

  it('say what became of every letter', async () => {
    const letters = store();
    await letters.put(
      list,
      route,
      [0, 1, 2, 3, 4].map((index) => letterAt(index)),
    );
    await letters.put(list, route, [letterAt(0)]);
    await retryDead(redis.client, { list: list.key, route, ids: [letterAt(0).id] });
    await letters.remove(list, route, [letterAt(0).id]);
    await purgeDead(redis.client, { list: list.key, route, ids: [letterAt(1).id, letterAt(2).id] });
    await letters.remove(list, route, [letterAt(1).id]);

    expect(await book()).toEqual({
      ...{ route, now: 2, lost: 0 },
      booked: { ...booked, stored: 5, redelivered: 1, purged: 2 },
    });
    await purgeDead(redis.client, { list: list.key, route, ids: 'all' });
    expect(await book()).toMatchObject({ now: 0, lost: 0, booked: { stored: 5, purged: 4 } });
  });

  it('count what went at the bound', async () => {
    const letters = store(bytes(500));
    for (const index of [0, 1, 2, 3, 4]) await letters.put(list, route, [letterAt(index)]);

    const { now = 0, booked: all } = (await book()) ?? {};
    expect(all).toEqual({ ...booked, stored: 5, dropped: 5 - now });
    expect(now).toBeLessThan(5);
  });

  it('count what Redis has lost', async () => {
    await store().put(list, route, [letterAt(0), letterAt(1)]);
    await redis.client.del(deadKey(list.key, route));

    expect(await book()).toMatchObject({ now: 0, lost: 2, booked: { stored: 2 } });
  });

  it('begin with what there is where no version with books has written, or somebody else', async () => {
    await store().put(list, route, [letterAt(0), letterAt(1)]);
    await redis.client.hdel(stateKey(list.key), letterField(route, 'stored'));
    expect(await book()).toMatchObject({ now: 2, lost: 0, booked: { stored: 2 } });
    const written = {
      [letterField(route, 'stored')]: 'many',
      [letterField(route, 'purged')]: '-7',
    };
    await redis.client.hset(stateKey(list.key), written);
    expect(await book()).toMatchObject({ now: 2, lost: 0, booked: { stored: 2, purged: 0 } });

    await purgeDead(redis.client, { list: list.key, route, ids: [letterAt(0).id] });
    expect(await book()).toMatchObject({ now: 1, lost: 0, booked: { stored: 2, purged: 1 } });
  });

  it('count an element that is claimed again as claimed once, for every route', async () => {
    const { client } = redis;
    const ledger = ledgerKey(list.key);
    await client.hset(stateKey(list.key), 'claimed', 10);
    // A has counted both, B one of them and NEW none yet.
    await client.hset(ledger, { 'A|from': 0, 'A|rejected': 5, 'A|delivered': 5 });
    await client.hset(ledger, { 'B|from': 9, 'B|rejected': 1, 'NEW|from': 10 });
    await store().put(list, 'undecodable', [letterAt(0), letterAt(1)]);

    await retryDead(client, { list: list.key, route: 'undecodable', ids: 'all' });

    const { ledgers } = await survey(client, list);
    const of = (name: string) => ledgers.find((each) => each.route === name);
    expect(of('A')).toMatchObject({ claimed: 8, booked: { rejected: 3 }, pending: 0 });
    expect(of('B')).toMatchObject({ claimed: 0, booked: { rejected: 0 }, pending: 0 });
    expect(of('NEW')).toMatchObject({ claimed: 0, pending: 0 });
    expect(await book('undecodable')).toMatchObject({ now: 0, booked: { stored: 2, returned: 2 } });
  });
});

describe('the desk', () => {
  it('knows which routes have dead letters', async () => {
    await store().put(list, route, [letterAt(0), letterAt(1)]);
    await store().put(list, 'EMPTIED', [letterAt(0)]);
    await purgeDead(redis.client, { list: list.key, route: 'EMPTIED', ids: ['1-1:0'] });

    expect(await deadPiles(redis.client, [list.key, 'other'])).toEqual([{ list: list.key, route }]);
  });

  it('purges all letters of a pile, page by page', async () => {
    const many = Array.from({ length: 600 }, (_, index) => letterAt(index));
    await store().put(list, route, many);

    expect(await purgeDead(redis.client, { list: list.key, route, ids: 'all' })).toBe(600);
    expect(await heldBytes()).toBe(0);
  });
});
