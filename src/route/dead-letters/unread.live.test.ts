/** A record that Redis cannot send holds up nothing but itself. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { type RedisServer, startRedis } from '../../../test/services/redis.ts';
import { systemClock } from '../../lib/clock.ts';
import { mebibytes } from '../../lib/units.ts';
import { recordIdOf } from '../../pump/batch.ts';
import type { RouteLeases } from '../../purge/lease/lease.ts';
import { PopPurge } from '../../purge/memory/pop-purge.ts';
import { someParts } from '../../purge/parts.testing.ts';
import { StreamPurge } from '../../purge/stream-purge.ts';
import { aList, allDelivered, textsOf } from '../../purge/testing.ts';
import { stateKey } from '../../redis/keys.ts';
import { deadPiles, listDead, retryDead } from './desk.ts';
import { unreadRoute } from './letter.ts';
import { RedisDeadLetters } from './store.ts';

const list = aList();
const other = aList('analytics-other');
const large = 3 * 1024 * 1024;

let redis: RedisServer;
let stopping: AbortController;
beforeAll(async () => {
  redis = await startRedis({ args: ['--client-output-buffer-limit', 'normal', '1mb', '0', '0'] });
});
afterAll(() => redis.stop());
beforeEach(async () => {
  await redis.client.flushall();
  stopping = new AbortController();
});

const smalls = (from: number, count: number) =>
  Array.from({ length: count }, (_, at) => `record-${from + at}`);

async function drain(purge: StreamPurge, leases: RouteLeases, count: number) {
  const texts: string[] = [];
  const letters = new RedisDeadLetters({
    client: redis.client,
    bound: mebibytes(64),
    lists: 1,
    clock: systemClock,
    mask: (text) => text,
  });
  let stored = 0;
  for (let read = 0; read < count; ) {
    for (const lease of await leases.take(8, AbortSignal.timeout(20_000))) {
      const { chunk } = await purge.chunks.read(lease.range, AbortSignal.timeout(20_000));
      const unread = chunk.undecodable.filter((each) => each.unread !== undefined);
      if (unread.length > 0) stored += (await letters.putUndecodable(lease.range, unread)).stored;
      texts.push(...textsOf(chunk).filter((text) => text !== ''));
      read += lease.range.count;
      await leases.settle(lease, allDelivered(lease));
    }
  }
  return { texts, stored };
}

it('becomes a dead letter within Redis, and the records beside it and other lists go on', async () => {
  const log = memoryLog();
  const client = redis.connect({
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  });
  await expect.poll(() => client.status, { timeout: 5000 }).toBe('ready');
  const purge = new StreamPurge(someParts(client, ['A', 'B'], { log, lists: [list, other] }));
  const [a, b] = [purge.leasesFor('A'), purge.leasesFor('B')];
  const before = smalls(0, 700);
  const after = smalls(700, 700);
  await redis.client.rpush(list.key, ...before, 'x'.repeat(large), ...after);
  await redis.client.rpush(other.key, ...smalls(2000, 50));
  const running = purge.run(stopping.signal);
  const first = await drain(purge, a, 1451);
  expect(new Set(first.texts)).toEqual(new Set([...before, ...after, ...smalls(2000, 50)]));
  expect(first.stored).toBe(1);
  const second = await drain(purge, b, 1451);
  expect(new Set(second.texts)).toEqual(new Set(first.texts));
  expect(second.stored).toBe(0);
  await expect.poll(() => redis.client.keys('*:seg:*'), { timeout: 5000 }).toEqual([]);
  await expect.poll(() => purge.status().unreadBytes, { timeout: 15_000 }).toBeGreaterThan(large);
  stopping.abort();
  await running;

  expect(log.lines.filter(({ level }) => level === 'error')).toMatchObject([
    { fields: { index: 700, bytes: large } },
  ]);
  const [pile] = await deadPiles(redis.client, [list.key]);
  expect(pile).toEqual({ list: list.key, route: unreadRoute });
  const kept = await redis.client.hget(stateKey(list.key), `dead:${unreadRoute}`);
  expect(Number(kept)).toBeGreaterThan(large);
  const letters = [];
  for await (const letter of listDead(redis.client, list.key, unreadRoute)) letters.push(letter);
  expect(letters).toMatchObject([{ kind: 'undecodable', route: unreadRoute }]);
  expect(letters[0]?.reason).toContain(`${large} bytes`);

  const selection = { list: list.key, route: unreadRoute, ids: 'all' } as const;
  expect(await retryDead(redis.client, selection)).toBe(1);
  expect(await redis.client.llen(list.key)).toBe(1);
  expect(await deadPiles(redis.client, [list.key])).toEqual([]);
  const size = await redis.client.eval("return #redis.call('LINDEX', KEYS[1], 0)", 1, list.key);
  expect(size).toBe(large);
});

it('is not kept where it is larger than all dead letters may be, and pushes none of them out', async () => {
  const letters = new RedisDeadLetters({
    client: redis.client,
    bound: mebibytes(1),
    lists: 1,
    clock: systemClock,
    mask: (text) => text,
  });
  const range = { list, segment: 's', start: 0, count: 1, bytes: large, claimedAt: 0 };
  await redis.client.rpush(`{${list.key}}:seg:s`, 'x'.repeat(large));
  const element = { index: 0, bytes: Buffer.alloc(0), reason: 'too large', unread: large };
  expect(await letters.putUndecodable(range, [element])).toEqual({ stored: 0, dropped: 1 });
});

it('is said to be lost where records are popped, and the others go on', async () => {
  const log = memoryLog();
  const client = redis.connect({
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  });
  await expect.poll(() => client.status, { timeout: 5000 }).toBe('ready');
  const purge = new PopPurge(someParts(client, ['A'], { log, lists: [list, other] }));
  const leases = purge.leasesFor('A');
  await redis.client.rpush(list.key, 'x'.repeat(large));
  await redis.client.rpush(other.key, ...smalls(0, 50));
  const running = purge.run(stopping.signal);
  const [lease] = await leases.take(1, AbortSignal.timeout(10_000));
  expect(lease?.range).toMatchObject({ list: other, count: 50 });
  stopping.abort();
  await running;
  expect(log.warnings()).toHaveLength(1);
  expect(log.warnings()[0]).toContain('may be lost');
});

it('does not come up again when many letters are tried again or listed', async () => {
  const letters = new RedisDeadLetters({
    client: redis.client,
    bound: mebibytes(64),
    lists: 1,
    clock: systemClock,
    mask: (text) => text,
  });
  const at = systemClock.now();
  const ids = Array.from({ length: 60 }, (_, index) => recordIdOf('s', index));
  await letters.put(
    list,
    'A',
    ids.map((id) => ({
      id,
      list: list.key,
      route: 'A',
      kind: 'invalid' as const,
      reason: 'refused',
      attempts: 1,
      firstAt: at,
      lastAt: at,
      encoding: 'msgpack' as const,
      bytes: Buffer.alloc(100_000, 'x'),
    })),
  );
  await retryDead(redis.client, { list: list.key, route: 'A', ids: 'all' });
  const taken = await letters.takeRetries(list, 'A', []);
  expect(new Set(taken.map(({ id }) => id))).toEqual(new Set(ids));
  expect(taken.every(({ bytes }) => bytes.length === 100_000)).toBe(true);
});
