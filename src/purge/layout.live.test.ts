/** A list whose keys have a layout that this version does not know: nothing of it is touched, and nothing else stops. */
import { describe, expect, it } from 'vitest';
import { memoryLog } from '../../test/services/memory-log.ts';
import { manifestKey, segmentKey, stateKey } from '../redis/keys.ts';
import { survey } from './bounds/survey.ts';
import { giveBackAll } from './lease/give-back.ts';
import { livePurges } from './live.testing.ts';
import { someDelivery } from './parts.testing.ts';
import { aList, allDelivered } from './testing.ts';

const list = aList();
const other = aList('analytics-other');
const soon = { timeout: 5000 };

describe('a list of another layout', () => {
  const { redis, aPurge, start, keep, push, drain } = livePurges();
  const setLayout = (layout: string, { key } = other) =>
    redis.client.hset(stateKey(key), 'layout', layout);
  /** Every key of the list as Redis would save it, and those that are a list's of ours. */
  const everything = async (): Promise<unknown> => {
    const keys = (await redis.client.keys('*analytics-other*')).toSorted();
    return Promise.all(keys.map(async (key) => [key, await redis.client.dumpBuffer(key)]));
  };

  it('says its layout from the first round on', async () => {
    start(aPurge(['A']));
    await expect.poll(() => redis.client.hget(stateKey(list.key), 'layout'), soon).toBe('1');
  });

  it('is read as layout 1 where it says none, as before 0.2.0, and says it from then on', async () => {
    const earlier = aPurge(['A']);
    const texts = await push(3);
    start(earlier);
    await expect.poll(() => redis.client.hget(stateKey(list.key), 'layout'), soon).toBe('1');
    await redis.client.hdel(stateKey(list.key), 'layout');
    expect(await drain(earlier, earlier.leasesFor('A'), 3)).toEqual(texts);
    await push(1);
    await expect.poll(() => redis.client.hget(stateKey(list.key), 'layout'), soon).toBe('1');
  });

  it.each([
    ['999', 'its layout is 999, of a newer version of Sluice'],
    ['what?', 'its layout is "what?", which no version of Sluice writes'],
  ])('(%s) is left alone, and said', async (layout, words) => {
    await setLayout(layout);
    await redis.client.rpush(other.key, 'waits', 'too');
    await redis.client.rpush(segmentKey(other.key, 'unnamed'), 'of a newer version');
    await redis.client.xadd(manifestKey(other.key), '1-1', 'another', 'shape');
    const before = await everything();
    const log = memoryLog();
    const purge = aPurge(['A'], { log, lists: [other, list] });
    const leases = purge.leasesFor('A');
    const texts = await push(5);
    start(purge);
    expect(await drain(purge, leases, 5)).toEqual(texts);
    await expect.poll(() => redis.client.exists(manifestKey(list.key)), soon).toBe(1);

    expect(purge.status()).toMatchObject({
      isRefused: false,
      refusals: [{ attempt: 'know the layout', lists: [other.key] }],
    });
    expect(purge.status().refusals[0]?.reason).toContain(words);
    expect(log.warnings()).toEqual([
      'The keys of lists have a layout that this version does not know: nothing of them is touched, and their records wait in the gateway’s lists.',
    ]);
    await purge.finish();
    await leases.releaseAll().catch(() => undefined);
    expect(await everything()).toEqual(before);

    await redis.client.del(manifestKey(other.key));
    await redis.client.hdel(stateKey(other.key), 'layout');
    await expect.poll(() => purge.status().refusals, soon).toEqual([]);
    await expect.poll(() => log.text(), soon).toContain('have a layout again');
    await expect.poll(() => redis.client.exists(other.key), soon).toBe(0);
  });

  it('is a reason not to be ready where every list is', async () => {
    await setLayout('2');
    await setLayout('2', list);
    const purge = aPurge(['A'], { lists: [other, list] });
    start(purge);
    await expect.poll(() => purge.status().isRefused, soon).toBe(true);
  });

  it('migrated under a running instance keeps what that holds, and the other lists go on', async () => {
    const log = memoryLog();
    const delivery = someDelivery();
    const purge = aPurge(['A'], { log, lists: [other, list], delivery, consumer: 'me' });
    const leases = keep(purge.leasesFor('A'));
    await redis.client.rpush(other.key, 'held');
    start(purge);
    const [held] = await leases.take(1, AbortSignal.timeout(5000));
    await push(1);
    const [own] = await leases.take(1, AbortSignal.timeout(5000));
    await setLayout('2');
    const settled = leases.settle(held!, allDelivered(held!));
    expect(await leases.isHeld(held!, AbortSignal.timeout(5000))).toBe(false);
    // Renewed, although the other list comes first.
    await expect.poll(() => purge.status().refusals, soon).toHaveLength(1);
    await expect
      .poll(async () => (await pendingOf(list.key))[0]?.[2], { ...soon, interval: 10 })
      .toBeLessThan(100);
    await leases.settle(own!, allDelivered(own!));
    const texts = await push(3);
    expect(await drain(purge, leases, 3)).toEqual(texts);
    const lists = [other, list];
    await giveBackAll(redis.client, {
      lists,
      routes: ['A'],
      consumer: 'me',
      lease: delivery.lease,
    });
    expect((await pendingOf(other.key)).map(([id, holder]) => [id, holder])).toEqual([
      [held!.id, 'me'],
    ]);

    await setLayout('1');
    await settled;
    const [ledger] = (await survey(redis.client, other)).ledgers;
    expect(ledger).toMatchObject({ claimed: 1, pending: 0, booked: { delivered: 1 } });
  });

  const pendingOf = async (key: string) =>
    (await redis.client.xpending(manifestKey(key), 'A', '-', '+', 10)) as [
      string,
      string,
      number,
      number,
    ][];
});
