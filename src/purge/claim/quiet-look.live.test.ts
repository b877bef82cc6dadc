import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../test/services/redis.ts';
import { systemClock } from '../../lib/clock.ts';
import { millis } from '../../lib/units.ts';
import { manifestKey, segmentsKey } from '../../redis/keys.ts';
import { someParts } from '../parts.testing.ts';
import { StreamPurge } from '../stream-purge.ts';
import { aList, textsOf } from '../testing.ts';
import { Claimer } from './claim.ts';
import { QuietLook } from './quiet-look.ts';

const list = aList();
const route = 'CSV';

let redis: RedisServer;
let stopping: AbortController;
let running: Promise<void> | undefined;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  await redis.client.flushall();
  stopping = new AbortController();
});
afterEach(async () => {
  stopping.abort();
  await running;
});

function aQuietPurge(): StreamPurge {
  const purge = { delay: millis(20), chunk: 0 };
  const made = new StreamPurge(someParts(redis.client, [route], { purge }));
  running = made.run(stopping.signal);
  return made;
}

async function calls(command: string): Promise<number> {
  const stats = await redis.client.info('commandstats');
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
}

/** Rests until the purge only looks. */
async function untilQuiet(): Promise<void> {
  await expect.poll(() => calls('exists'), { timeout: 5000 }).toBeGreaterThan(4);
}

it('asks with one command while there is nothing', async () => {
  aQuietPurge();
  await untilQuiet();
  const [scripts, looks] = [await calls('evalsha'), await calls('exists')];

  await expect.poll(() => calls('exists')).toBeGreaterThan(looks + 5);

  expect(await calls('evalsha')).toBe(scripts);
});

it('leaves out lists that nobody uses while others hold records', async () => {
  const [used, unused, theirs] = [aList('used'), aList('unused'), aList('theirs')];
  const lists = [used, unused, theirs];
  let elapsed = 0;
  const clock = { ...systemClock, elapsed: () => millis(elapsed) };
  const look = new QuietLook({ client: redis.client, clock, lists });
  expect(await look.toAsk()).toEqual(lists);
  look.hasLooked(lists, [unused, theirs]);

  expect(await look.toAsk()).toEqual([used]);
  await redis.client.rpush(segmentsKey(theirs.key), 'of another instance');
  expect(await look.toAsk()).toEqual(lists);
  await redis.client.flushall();
  expect(await look.toAsk()).toEqual([used]);
  // Now and then each is asked all the same.
  elapsed = 30_000;
  expect(await look.toAsk()).toEqual(lists);
});

it('claims what comes after a rest', async () => {
  const purge = aQuietPurge();
  const leases = purge.leasesFor(route);
  await untilQuiet();

  await redis.client.rpush(list.key, 'late');

  const [lease] = await leases.take(1, AbortSignal.timeout(5000));
  if (lease === undefined) throw new Error('nothing was leased');
  expect(textsOf((await purge.chunks.read(lease.range, stopping.signal)).chunk)).toEqual(['late']);
});

it('sees what another instance has claimed meanwhile', async () => {
  const purge = aQuietPurge();
  const leases = purge.leasesFor(route);
  await untilQuiet();

  await redis.client.rpush(list.key, 'theirs');
  await new Claimer(redis.client, [route], 0).claim(list, {
    isClaiming: true,
    ensuresGroups: false,
  });

  expect(await leases.take(1, AbortSignal.timeout(5000))).toHaveLength(1);
});

it('makes lost groups again when records come', async () => {
  const purge = aQuietPurge();
  const leases = purge.leasesFor(route);
  await untilQuiet();

  await redis.client.flushall();
  await delay(50);
  expect(await redis.client.exists(manifestKey(list.key))).toBe(0);
  await redis.client.rpush(list.key, 'after');

  expect(await leases.take(1, AbortSignal.timeout(5000))).toHaveLength(1);
});
