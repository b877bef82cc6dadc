/** A process that stood still for longer than its lease, on a real Redis. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type MemoryLog, memoryLog } from '../../test/services/memory-log.ts';
import { type RedisServer, startRedis } from '../../test/services/redis.ts';
import { systemClock } from '../lib/clock.ts';
import { millis } from '../lib/units.ts';
import { pause } from '../lib/waiting.ts';
import { survey, totals } from '../purge/bounds/survey.ts';
import type { Lease, Leases } from '../purge/lease/lease.ts';
import { someDelivery, someParts } from '../purge/parts.testing.ts';
import { StreamPurge } from '../purge/stream-purge.ts';
import { aList, allDelivered } from '../purge/testing.ts';
import { segmentKey } from '../redis/keys.ts';
import { RouteBench } from './testing/bench.testing.ts';
import { FakeSink } from './testing/fake-sink.testing.ts';

const list = aList();
const route = 'TEST';

let redis: RedisServer;
let stopping: AbortController;
let running: Promise<unknown>[];
let log: MemoryLog;
let late: { readonly purge: StreamPurge; readonly leases: Leases; readonly lease: Lease };

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  await redis.client.flushall();
  stopping = new AbortController();
  running = [];
  log = memoryLog();
  late = await takeAndStandStill();
});
afterEach(async () => {
  stopping.abort();
  await Promise.all(running);
});

function start(): StreamPurge {
  const delivery = someDelivery({ lease: millis(300) });
  const purge = new StreamPurge(someParts(redis.client, [route], { delivery }));
  running.push(purge.run(stopping.signal));
  return purge;
}

async function take(leases: Leases): Promise<Lease> {
  const [lease] = await leases.take(1, AbortSignal.timeout(5000));
  if (lease === undefined) throw new Error('There was nothing to lease.');
  return lease;
}

/** Five records are leased, and nobody renews the lease. */
async function takeAndStandStill(): Promise<typeof late> {
  const purge = start();
  const leases = purge.leasesFor(route);
  await redis.client.rpush(list.key, ...['a', 'b', 'c', 'd', 'e']);
  return { purge, leases, lease: await take(leases) };
}

/** What the process does when it goes on: it reads what it has leased. */
async function wakeUp(): Promise<RouteBench> {
  const { purge, leases, lease } = late;
  const handedOut = [lease];
  const bench = new RouteBench(new FakeSink(), {
    clock: systemClock,
    log,
    chunks: purge.chunks,
    leases: {
      async take(_most, signal) {
        const taken = handedOut.splice(0);
        while (taken.length === 0 && !signal.aborted) await pause(systemClock, millis(20), signal);
        return taken;
      },
      settle: (...args) => leases.settle(...args),
      isHeld: (...args) => leases.isHeld(...args),
      release: (given) => leases.release(given),
    },
  });
  const life = bench.start();
  await systemClock.sleep(millis(300), stopping.signal);
  bench.stop.abort();
  await life;
  return bench;
}

const booked = async () => totals([await survey(redis.client, list)])[0];
const errors = () => log.lines.filter(({ level }) => level === 'error');

it('says nothing when another instance has delivered the range meanwhile', async () => {
  const other = start().leasesFor(route);
  const lease = await take(other);
  await other.settle(lease, allDelivered(lease));
  const key = segmentKey(list.key, lease.range.segment);
  await expect.poll(() => redis.client.exists(key), { timeout: 5000 }).toBe(0);

  const bench = await wakeUp();
  expect(errors()).toEqual([]);
  expect(bench.records('vanished')).toBe(0);
  expect(await booked()).toMatchObject({ claimed: 5, booked: { delivered: 5, vanished: 0 } });
});

it('takes a range back whose new owner has died as well', async () => {
  const { leases, lease } = late;
  await systemClock.sleep(millis(350), stopping.signal);
  await take(start().leasesFor(route)); // and is never heard of again
  expect(await leases.isHeld(lease, stopping.signal)).toBe(false);

  const again = await take(leases);
  expect(again.id).toBe(lease.id);
  expect(await leases.isHeld(again, stopping.signal)).toBe(true);
});

it('says so when the records of a range it holds are gone', async () => {
  await redis.client.del(segmentKey(list.key, late.lease.range.segment));

  const bench = await wakeUp();
  expect(errors()).toMatchObject([
    { fields: { records: 5 }, message: 'Records are no longer in Redis and are lost.' },
  ]);
  expect(bench.records('vanished')).toBe(5);
  expect(await booked()).toMatchObject({ claimed: 5, booked: { vanished: 5 }, pending: 0 });
});

it('says so when Redis has lost its data, and others have begun anew', async () => {
  await redis.client.flushall();
  await redis.client.rpush(list.key, 'f');
  await take(start().leasesFor(route));

  const bench = await wakeUp();
  expect(errors()).toHaveLength(1);
  expect(bench.records('vanished')).toBe(5);
});
