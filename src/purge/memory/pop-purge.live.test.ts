import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { until } from '../../../test/services/process.ts';
import { type RedisServer, startRedis } from '../../../test/services/redis.ts';
import { startRedisCluster } from '../../../test/services/redis-cluster.ts';
import { bytes, millis } from '../../lib/units.ts';
import type { RouteLeases } from '../lease/lease.ts';
import { someBounds, someParts } from '../parts.testing.ts';
import { aList, allDelivered, textsOf } from '../testing.ts';
import { PopPurge } from './pop-purge.ts';

const list = aList();

describe('PopPurge on a real Redis', () => {
  let redis: RedisServer;
  let stopping: AbortController;

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  beforeEach(async () => {
    await redis.client.flushall();
    stopping = new AbortController();
  });

  const soon = (): AbortSignal => AbortSignal.timeout(5000);

  async function push(count: number): Promise<readonly string[]> {
    const texts = Array.from({ length: count }, (_, at) => `record-${at}`);
    await redis.client.rpush(list.key, ...texts);
    return texts;
  }

  async function drain(purge: PopPurge, leases: RouteLeases, count: number): Promise<string[]> {
    const texts: string[] = [];
    while (texts.length < count) {
      for (const lease of await leases.take(4, soon())) {
        texts.push(...textsOf((await purge.chunks.read(lease.range, soon())).chunk));
        await leases.settle(lease, allDelivered(lease));
      }
    }
    return texts;
  }

  it('gives every route every record with plain list commands only', async () => {
    const purge = new PopPurge(someParts(redis.client, ['A', 'B']));
    const all = ['A', 'B'].map((route) => purge.leasesFor(route));
    const texts = await push(700);
    const running = purge.run(stopping.signal);
    for (const leases of all) expect(await drain(purge, leases, 700)).toEqual(texts);
    stopping.abort();
    await running;
    expect(await redis.client.keys('*')).toEqual([]);
  });

  it('pops soon while records flow', async () => {
    const delays = { delay: millis(60_000), flowingDelay: millis(100), chunk: 0 };
    const purge = new PopPurge(someParts(redis.client, ['A'], { purge: delays }));
    const leases = purge.leasesFor('A');
    await push(1);
    const running = purge.run(stopping.signal);
    for (let sent = 1; sent <= 5; sent++) {
      await drain(purge, leases, 1);
      await push(1);
    }
    await drain(purge, leases, 1);
    stopping.abort();
    await running;
  });

  it('loses nothing when Redis begins to refuse transactions, and takes no more until it permits them', async () => {
    await redis.client.call('ACL', 'SETUSER', 'pump', 'on', '>p', '~*', '+@all', '-@transaction');
    const client = redis.connect({ username: 'pump', password: 'p', enableReadyCheck: false });
    const log = memoryLog();
    const purge = new PopPurge(someParts(client, ['A'], { log }));
    const leases = purge.leasesFor('A');
    const first = await push(328);
    const running = purge.run(stopping.signal);

    // Redis carries out what stands behind a MULTI that it refuses.
    const taken = await drain(purge, leases, 256);
    expect(taken).toEqual(first.slice(0, 256));
    const left = async (): Promise<number> => redis.client.llen(list.key);
    expect(await left()).toBe(72);
    await until('it has tried again', () => log.lines.length >= 4);
    const removed = log.warnings().filter((message) => message.includes('removed records'));
    expect(removed).toHaveLength(1);
    expect(await left()).toBe(72);

    await redis.client.call('ACL', 'SETUSER', 'pump', '+@transaction');
    expect(await drain(purge, leases, 72)).toEqual(first.slice(256));
    stopping.abort();
    await running;
  });

  it('leaves a list that is none alone, and says so', async () => {
    const log = memoryLog();
    await redis.client.set(list.key, 'no list');
    const purge = new PopPurge(someParts(redis.client, ['A'], { log }));
    const running = purge.run(stopping.signal);
    await until('it has tried', () => log.text().includes('WRONGTYPE'));
    stopping.abort();
    await running;
    expect(await redis.client.get(list.key)).toBe('no list');
  });

  it('takes from a Cluster', async () => {
    const cluster = await startRedisCluster();
    try {
      const purge = new PopPurge(someParts(cluster.client, ['A']));
      const leases = purge.leasesFor('A');
      await cluster.client.rpush(list.key, 'a', 'b');
      const running = purge.run(stopping.signal);
      expect(await drain(purge, leases, 2)).toEqual(['a', 'b']);
      stopping.abort();
      await running;
    } finally {
      await cluster.stop();
    }
  });

  it('stops popping while its memory is full and goes on when routes have answered', async () => {
    const bounds = someBounds({ cacheBytes: bytes(500) });
    const purge = new PopPurge(someParts(redis.client, ['A'], { bounds }));
    const leases = purge.leasesFor('A');
    await push(1000);
    const running = purge.run(stopping.signal);
    const [first] = await leases.take(1, soon());
    expect(await redis.client.llen(list.key)).toBe(1000 - first!.range.count);
    await leases.settle(first!, allDelivered(first!));
    expect(await drain(purge, leases, 1000 - first!.range.count)).toHaveLength(
      1000 - first!.range.count,
    );
    stopping.abort();
    await running;
  });

  it('puts what nobody has answered for back at the head of the list, in order', async () => {
    const purge = new PopPurge(someParts(redis.client, ['A']));
    const leases = purge.leasesFor('A');
    const texts = await push(600);
    const running = purge.run(stopping.signal);
    const held = await leases.take(1, soon());
    stopping.abort();
    await running;
    await redis.client.rpush(list.key, 'newer');
    await leases.release(held);
    await purge.finish();
    expect(await redis.client.lrange(list.key, 0, -1)).toEqual([...texts, 'newer']);
  });
});
