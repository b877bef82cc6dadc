/** Somebody else's key stands where the dead letters of one list belong, on a real Redis. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { type RedisServer, startRedis } from '../../../test/services/redis.ts';
import { systemClock } from '../../lib/clock.ts';
import { mebibytes } from '../../lib/units.ts';
import { Delivery } from '../../pump/delivery.ts';
import { delivered, reject } from '../../pump/verdict.ts';
import { survey, totals } from '../../purge/bounds/survey.ts';
import type { SourceList } from '../../purge/lease/lease.ts';
import { someParts } from '../../purge/parts.testing.ts';
import { StreamPurge } from '../../purge/stream-purge.ts';
import { msgpackDecoder } from '../../record/msgpack/decoder.ts';
import { encodeRecord } from '../../record/testing.ts';
import { deadKey } from '../../redis/keys.ts';
import { RouteBench, said } from '../testing/bench.testing.ts';
import { FakeSink, failure } from '../testing/fake-sink.testing.ts';
import { RedisDeadLetters } from './store.ts';

const route = 'TEST';
const [broken, sound]: readonly [SourceList, SourceList] = [
  { key: 'broken', decoder: msgpackDecoder },
  { key: 'sound', decoder: msgpackDecoder },
];
const lists = [broken, sound];
let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(() => redis.client.flushall());
afterAll(() => redis.stop());

const strictSink = (): FakeSink =>
  new FakeSink((batch) =>
    Promise.resolve(
      Delivery.each(batch, ({ record }) =>
        record.integer('response_code') === 400 ? reject(failure('invalid')) : delivered(),
      ),
    ),
  );

/** One that the sink refuses, one that is no record, three good ones. */
const push = (list: SourceList): Promise<number> =>
  redis.client.rpush(
    list.key,
    ...[200, 400, 200, 200].map((response_code) => encodeRecord({ response_code })),
    'no record',
  );

const booked = async (list: SourceList) => totals([await survey(redis.client, list)])[0];

it('holds up its own records alone, and nothing once the key is gone', async () => {
  for (const of of [route, 'undecodable']) await redis.client.set(deadKey(broken.key, of), 'mine');
  const { client } = redis;
  const log = memoryLog();
  const purge = new StreamPurge(someParts(client, [route], { lists }));
  const purging = new AbortController();
  const purged = purge.run(purging.signal);
  const bench = new RouteBench(strictSink(), {
    clock: systemClock,
    log,
    leases: purge.leasesFor(route),
    chunks: purge.chunks,
    letters: new RedisDeadLetters({
      client,
      bound: mebibytes(64),
      lists: 2,
      clock: systemClock,
      mask: (text) => text,
    }),
    lists,
  });
  const running = bench.start();
  await push(broken);
  await expect.poll(() => bench.records('delivered'), { timeout: 5000 }).toBe(3);
  await push(sound);
  await client.rpush(broken.key, encodeRecord({ response_code: 200 }));
  await expect
    .poll(() => booked(sound), { timeout: 5000 })
    .toMatchObject({ claimed: 5, pending: 0, booked: { delivered: 3, rejected: 2 } });
  await expect.poll(() => bench.records('delivered'), { timeout: 5000 }).toBe(7);

  await expect
    .poll(async () => (await booked(broken))?.booked.delivered, { timeout: 5000 })
    .toBe(1);
  expect(await booked(broken)).toMatchObject({ claimed: 6, pending: 5 });
  expect(said(log, 'Dead letters cannot be stored')[0]).toMatchObject({ list: 'broken' });
  expect((await bench.route.check()).problem).toMatch(/^2 records wait .*WRONGTYPE/);

  for (const of of [route, 'undecodable']) await client.del(deadKey(broken.key, of));
  await expect.poll(async () => (await booked(broken))?.pending, { timeout: 20_000 }).toBe(0);
  expect(await booked(broken)).toMatchObject({ booked: { delivered: 4, rejected: 2 } });
  for (const of of [route, 'undecodable'])
    expect(await client.hlen(deadKey(broken.key, of))).toBe(1);
  bench.stop.abort();
  await running;
  purging.abort();
  await purged;
}, 60_000);
