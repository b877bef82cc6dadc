/** In a Cluster a script may touch keys of one slot alone, also where it only asks what it may do. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RedisCluster, startRedisCluster } from '../../../test/services/redis-cluster.ts';
import { aRedisConfig } from '../../../test/services/redis-config.ts';
import { silentLog } from '../../lib/log.ts';
import { millis } from '../../lib/units.ts';
import { probe } from '../../redis/capabilities.ts';
import { connectRedis } from '../../redis/connect.ts';
import { manifestKey, segmentKey, segmentsKey } from '../../redis/keys.ts';
import { survey } from '../bounds/survey.ts';
import { tidy } from '../bounds/tidy.ts';
import type { RouteLeases } from '../lease/lease.ts';
import { someParts } from '../parts.testing.ts';
import { release } from '../release.ts';
import { StreamPurge } from '../stream-purge.ts';
import { aList, allDelivered, textsOf } from '../testing.ts';
import { Claimer } from './claim.ts';

const lists = Array.from({ length: 11 }, (_, index) => aList(`analytics-${index}`));
const large = 3 * 1024 * 1024;

let cluster: RedisCluster;
beforeAll(async () => {
  cluster = await startRedisCluster();
});
afterAll(() => cluster.stop());

async function drain(purge: StreamPurge, leases: RouteLeases, count: number): Promise<Set<string>> {
  const texts = new Set<string>();
  for (let read = 0; read < count; )
    for (const lease of await leases.take(8, AbortSignal.timeout(20_000))) {
      const { chunk } = await purge.chunks.read(lease.range, AbortSignal.timeout(20_000));
      for (const text of textsOf(chunk)) texts.add(text);
      read += lease.range.count;
      await leases.settle(lease, allDelivered(lease));
    }
  return texts;
}

it('claims, adopts, recovers, reads what Redis cannot send, tidies and releases lists in any slot', async () => {
  const { addresses, nodes } = cluster;
  const config = aRedisConfig({ mode: 'cluster', addresses, timeout: millis(2000) });
  const connection = await connectRedis(config, { log: silentLog }, new AbortController().signal);
  const { client } = connection;
  expect(await probe(client, lists[0]?.key ?? '')).toMatchObject({
    canScript: true,
    canStream: true,
    lacking: [],
  });
  for (const node of nodes)
    await node.client.config('SET', 'client-output-buffer-limit', 'normal 1mb 0 0');
  const stopping = new AbortController();
  const purge = new StreamPurge(someParts(client, ['A'], { lists }));
  const leases = purge.leasesFor('A');
  for (const { key } of lists) {
    await client.rpush(key, `claimed ${key}`);
    await client.rpush(segmentKey(key, 'orphan'), `orphan ${key}`);
  }
  await client.rpush(lists[3]?.key ?? '', 'x'.repeat(large), 'behind it');
  const running = purge.run(stopping.signal);
  const texts = await drain(purge, leases, 24);
  expect(texts).toEqual(
    new Set(['', 'behind it', ...lists.flatMap(({ key }) => [`claimed ${key}`, `orphan ${key}`])]),
  );

  const untilReclaimed = () =>
    expect
      .poll(
        async () => {
          const left = await Promise.all(lists.map(({ key }) => client.exists(segmentsKey(key))));
          return left.filter((there) => there > 0);
        },
        { timeout: 10_000 },
      )
      .toEqual([]);
  await untilReclaimed();

  for (const { key } of lists) await client.rpush(key, `more ${key}`);
  await expect
    .poll(async () => (await Promise.all(lists.map(({ key }) => client.exists(key)))).join(''), {
      timeout: 10_000,
    })
    .toBe('0'.repeat(11));
  await Promise.all(lists.map(({ key }) => client.del(manifestKey(key))));
  expect(await drain(purge, leases, 11)).toEqual(new Set(lists.map(({ key }) => `more ${key}`)));
  await untilReclaimed();
  stopping.abort();
  await running;
  for (const list of lists) {
    await tidy(client, list, ['A'], millis(60_000));
    expect((await survey(client, list)).ledgers).toMatchObject([{ pending: 0 }]);
    await client.rpush(list.key, 'a', 'b');
    const claimer = new Claimer(client, ['A'], 0);
    await claimer.claim(list, { isClaiming: true, ensuresGroups: true });
    expect((await release(client, list, new AbortController().signal)).records).toBe(2);
    expect(await client.lrange(list.key, 0, -1)).toEqual(['a', 'b']);
  }
  await connection.close();
});
