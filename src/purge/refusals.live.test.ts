/** Redis refuses: it is said with its words, and nothing else stops. */
import { describe, expect, it } from 'vitest';
import { memoryLog } from '../../test/services/memory-log.ts';
import { type Metrics, silentMetrics } from '../lib/metrics.ts';
import { ledgerKey, manifestKey, stateKey } from '../redis/keys.ts';
import { survey } from './bounds/survey.ts';
import { livePurges } from './live.testing.ts';
import { PopPurge } from './memory/pop-purge.ts';
import { someParts } from './parts.testing.ts';
import { aList } from './testing.ts';

const list = aList();
const other = aList('analytics-other');

/** What was counted or set last, by metric and label. */
function measured(): { readonly values: Map<string, number>; readonly metrics: Metrics } {
  const values = new Map<string, number>();
  const nameOf = (name: string, labels = {}) => [name, ...Object.values(labels)].join(' ');
  const metrics: Metrics = {
    counter: ({ name }) => {
      const add = (by: number, labels = {}): void => {
        values.set(nameOf(name, labels), (values.get(nameOf(name, labels)) ?? 0) + by);
      };
      return { add, of: (labels) => ({ add: (by) => add(by, labels) }) };
    },
    gauge: ({ name }) => ({ set: (value, labels) => values.set(nameOf(name, labels), value) }),
    histogram: (definition) => silentMetrics.histogram(definition),
  };
  return { values, metrics };
}

describe('what Redis refuses', () => {
  const { redis, aPurge, start, push, drain } = livePurges();

  it('for one list leaves the others alone, and is said with a reason', async () => {
    const log = memoryLog();
    const { values, metrics } = measured();
    const purge = aPurge(['A'], { log, metrics, lists: [other, list] });
    const leases = purge.leasesFor('A');
    await redis.client.set(other.key, 'no list');
    const texts = await push(5);
    start(purge);
    expect(await drain(purge, leases, 5)).toEqual(texts);
    await expect.poll(() => purge.status().refusals, { timeout: 5000 }).toHaveLength(1);
    expect(purge.status()).toMatchObject({
      isRefused: false,
      refusals: [{ attempt: 'claim', lists: [other.key] }],
    });
    expect(purge.status().refusals[0]?.reason).toMatch(/^WRONGTYPE .*LLEN analytics-other/);
    expect(purge.status().lastRound).toBeDefined();
    await expect
      .poll(() => log.warnings(), { timeout: 5000 })
      .toEqual(['Redis refuses to let lists be claimed: their records wait there.']);
    expect(values.get('sluice_unclaimable_lists')).toBe(1);
    expect(values.get('sluice_redis_refusals_total claim')).toBeGreaterThan(1);

    await redis.client.del(other.key);
    await expect.poll(() => log.text(), { timeout: 5000 }).toContain('permits again');
    await expect.poll(() => values.get('sluice_unclaimable_lists'), { timeout: 5000 }).toBe(0);
    expect(purge.status().refusals).toEqual([]);
  });

  it('for every list is an error, and over when it is permitted again', async () => {
    const log = memoryLog();
    const purge = aPurge(['A'], { log });
    const leases = purge.leasesFor('A');
    await redis.client.config('SET', 'min-replicas-to-write', '1');
    try {
      // What is read of Redis's configuration is not refused: the round is.
      await redis.client.config('SET', 'min-replicas-to-write', '0');
      const texts = await push(3);
      await redis.client.config('SET', 'min-replicas-to-write', '1');
      start(purge);
      await expect.poll(() => purge.status().isRefused, { timeout: 5000 }).toBe(true);
      expect(purge.status().refusals[0]?.reason).toContain('NOREPLICAS');
      expect(log.warnings()).toContain(
        'Redis refuses every claim: all records wait in the gateway’s lists.',
      );
      await redis.client.config('SET', 'min-replicas-to-write', '0');
      expect(await drain(purge, leases, 3)).toEqual(texts);
      await expect.poll(() => purge.status().isRefused, { timeout: 5000 }).toBe(false);
    } finally {
      await redis.client.config('SET', 'min-replicas-to-write', '0');
    }
  });

  it('of what follows a claim is said as well', async () => {
    const log = memoryLog();
    const purge = aPurge(['A'], { log, lists: [list, other] });
    start(purge);
    await redis.client.set(ledgerKey(other.key), 'no hash');
    await expect
      .poll(() => log.text(), { timeout: 5000 })
      .toContain(`WRONGTYPE Operation against a key holding the wrong kind of value (HGET`);
  });

  it('is no reason to stop popping other lists', async () => {
    const log = memoryLog();
    const purge = new PopPurge(someParts(redis.client, ['A'], { log, lists: [other, list] }));
    const leases = purge.leasesFor('A');
    await redis.client.set(other.key, 'no list');
    await push(3);
    const stopping = new AbortController();
    const running = purge.run(stopping.signal);
    const [lease] = await leases.take(1, AbortSignal.timeout(5000));
    expect(lease?.range.count).toBe(3);
    await expect.poll(() => purge.status().refusals, { timeout: 5000 }).toHaveLength(1);
    expect(purge.status().isRefused).toBe(false);
    await expect
      .poll(() => log.warnings(), { timeout: 5000 })
      .toEqual(['Redis refuses to let lists be claimed: their records wait there.']);
    stopping.abort();
    await running;
  });

  it.each(['no number', '-7', '99999999999999999999', '1.5', ''])(
    'is nothing where a number of ours is %s: the records are delivered and the figures stay sane',
    async (value) => {
      const purge = aPurge(['A']);
      const leases = purge.leasesFor('A');
      start(purge);
      await push(3);
      await drain(purge, leases, 3);
      for (const field of await redis.client.hkeys(stateKey(list.key)))
        if (field !== 'layout') await redis.client.hset(stateKey(list.key), field, value);
      for (const field of await redis.client.hkeys(ledgerKey(list.key)))
        await redis.client.hset(ledgerKey(list.key), field, value);
      const texts = await push(3, 10);
      expect(await drain(purge, leases, 3)).toEqual(texts);
      await expect.poll(() => redis.client.xlen(manifestKey(list.key)), { timeout: 5000 }).toBe(0);
      const after = await survey(redis.client, list);
      expect(after.retained).toBe(0);
      for (const { claimed, pending, booked } of after.ledgers) {
        expect(pending).toBe(0);
        for (const each of [claimed, ...Object.values(booked)]) {
          expect(each).toBeGreaterThanOrEqual(0);
          expect(each).toBeLessThan(100);
        }
      }
    },
  );
});
