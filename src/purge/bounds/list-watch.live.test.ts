/** Lists expire on a real Redis while nobody claims them: it is said before, and what went is counted. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type MemoryLog, memoryLog } from '../../../test/services/memory-log.ts';
import { type RedisServer, startRedis } from '../../../test/services/redis.ts';
import { type RedisCluster, startRedisCluster } from '../../../test/services/redis-cluster.ts';
import { systemClock } from '../../lib/clock.ts';
import { CountingMetrics } from '../../lib/metrics.testing.ts';
import { millis } from '../../lib/units.ts';
import type { RedisClient } from '../../redis/client.ts';
import { stateKey } from '../../redis/keys.ts';
import { Claimer } from '../claim/claim.ts';
import { aList } from '../testing.ts';
import { ListWatch, type Unclaimed } from './list-watch.ts';

const list = aList();
const held: Unclaimed = { why: 'claiming pauses', remedy: 'mend the pump' };
const before = 'Records in the gateway’s lists expire soon unless they can be claimed again.';
const after =
  'Records in a list of the gateway’s expired before they could be claimed: they are lost.';
/** `SLUICE_LIST_SECONDS=60` plays it with the gateway's own default. */
const seconds = Number(process.env['SLUICE_LIST_SECONDS'] ?? 4);

interface Watching {
  readonly watch: ListWatch;
  readonly log: MemoryLog;
  readonly metrics: CountingMetrics;
  /** Undefined: the lists are claimed. */
  because: Unclaimed | undefined;
}

describe('ListWatch', () => {
  let redis: RedisServer;
  let stop: AbortController;
  let running: Promise<unknown>[];

  beforeAll(async () => {
    redis = await startRedis({
      acl: [
        'blind on >secret ~* +@all -pttl -ttl -eval -evalsha',
        'plain on >secret ~* +@all -eval -evalsha',
        'reader on >secret ~* +@all -hset',
      ],
    });
  });
  afterAll(() => redis.stop());
  beforeEach(async () => {
    await redis.client.flushall();
    stop = new AbortController();
    running = [];
  });
  afterEach(async () => {
    stop.abort();
    await Promise.all(running);
  });

  function watching(client: RedisClient = redis.client, lists = [list]): Watching {
    const log = memoryLog();
    const metrics = new CountingMetrics();
    const found: Watching = {
      ...{ log, metrics, because: held },
      watch: new ListWatch({
        ...{ client, clock: systemClock, log, metrics, lists, isSlow: false },
        whyUnclaimed: () => found.because,
      }),
    };
    running.push(found.watch.run(stop.signal));
    return found;
  }

  const expired = ({ metrics }: Watching, key = list.key) =>
    metrics.of('sluice_expired_records_total', key);
  const errors = ({ log }: Watching, message: string) =>
    log.lines.filter((line) => line.level === 'error' && line.message === message);
  let made = 0;
  /** No two records are alike, as those of a gateway. */
  const push = async (count: number, ttl: number, key = list.key) => {
    await redis.client.rpush(key, ...Array.from({ length: count }, () => `record-${made++}`));
    await redis.client.pexpire(key, ttl);
  };

  it('says it before, counts it after, and books it once over two instances', async () => {
    const [one, other] = [watching(), watching()];
    await push(12_000, 3000);
    await expect.poll(() => errors(one, before).length, { timeout: 5000 }).toBe(1);
    expect(errors(one, before)[0]?.fields).toMatchObject({
      ...{ list: list.key, records: 12_000, why: 'claiming pauses', 'what to do': 'mend the pump' },
    });
    expect(one.watch.reasons[0]).toMatch(
      /^12000 records of analytics-test expire in [123] s: claiming pauses$/,
    );
    const { gauges } = one.metrics;
    expect(gauges.get(`sluice_list_expiring_records ${list.key}`)).toBe(12_000);
    const at = gauges.get(`sluice_list_expiry_timestamp_seconds ${list.key}`) ?? 0;
    expect(Math.abs(at - Date.now() / 1000)).toBeLessThan(3.5);

    await expect.poll(() => expired(one) + expired(other), { timeout: 8000 }).toBe(12_000);
    await expect
      .poll(() => one.watch.reasons.length + other.watch.reasons.length, { timeout: 5000 })
      .toBe(2);
    expect(expired(one) + expired(other)).toBe(12_000);
    expect(errors(one, after).length + errors(other, after).length).toBe(1);
    expect(await redis.client.hget(stateKey(list.key), 'expired')).toBe('12000');
    expect(one.watch.reasons).toEqual(['12000 records of analytics-test expired unread']);
    expect(gauges.get(`sluice_list_expiring_records ${list.key}`)).toBe(0);
  });

  it(`counts within 1 % where the gateway pushes until a list of ${seconds} s expires`, {
    timeout: (seconds + 60) * 1000,
  }, async () => {
    const one = watching();
    let pushed = 0;
    let lost = 0;
    const end = systemClock.elapsed() + seconds * 1000 + 3000;
    // As some releases do: a list without a time-to-live gets one.
    while (lost === 0 && systemClock.elapsed() < end) {
      const length = await redis.client.rpush(list.key, ...Array<string>(10).fill(`${pushed}`));
      if (length === 10) await redis.client.expire(list.key, seconds);
      if (length < pushed) lost = pushed;
      pushed = length;
      await systemClock.sleep(millis(5), stop.signal);
    }
    expect(lost).toBeGreaterThan(0);
    await expect.poll(() => expired(one), { timeout: 5000 }).toBeGreaterThan(0);
    expect(Math.abs(expired(one) - lost)).toBeLessThanOrEqual(Math.max(10, lost * 0.01));
  });

  it('counts nothing of what is claimed, by whomever, and when', async () => {
    const lists = Array.from({ length: 12 }, (_, at) => aList(`analytics-${String(at)}`));
    const one = watching(redis.client, lists);
    // Of another instance.
    const claimer = new Claimer(redis.connect(), ['A'], 0);
    let claimed = 0;
    let pushed = 0;
    await Promise.all(
      lists.map(async (each, at) => {
        for (let round = 0; round < 4; round++) {
          await push(50 + round, 1400, each.key);
          pushed += 50 + round;
          // Some before, some after, some at the very moment.
          await systemClock.sleep(millis(1340 + (((at * 4 + round) * 7) % 120)), stop.signal);
          const options = { isClaiming: true, ensuresGroups: round === 0 };
          claimed += (await claimer.claim(each, options)).records;
        }
      }),
    );
    const sum = () => lists.reduce((all, { key }) => all + expired(one, key), 0);
    // On a busy machine the watch itself may come so late that it did not see a list before the end of it.
    await expect.poll(() => sum() + claimed, { timeout: 5000 }).toBeGreaterThan(pushed * 0.8);
    await systemClock.sleep(millis(1_500), stop.signal);
    expect(sum() + claimed).toBeLessThanOrEqual(pushed);
    expect(claimed).toBeGreaterThan(0);
    expect(sum()).toBeGreaterThan(0);
  });

  it('says and counts nothing while the gateway gives a list more time at every push', async () => {
    const one = watching();
    for (let round = 0; round < 8; round++) {
      await push(10, 60_000);
      await systemClock.sleep(millis(200), stop.signal);
    }
    expect(errors(one, before)).toEqual([]);
    expect(one.watch.reasons).toEqual([expect.stringMatching(/^\d+ records .* expire in 60 s/)]);
    one.because = undefined;
    await expect.poll(() => one.watch.reasons, { timeout: 5000 }).toEqual([]);
  });

  it('asks Redis for nothing while everything is claimed', async () => {
    const one = watching();
    one.because = undefined;
    await systemClock.sleep(millis(1500), stop.signal);
    await redis.client.config('RESETSTAT');
    await systemClock.sleep(millis(2500), stop.signal);
    expect(await redis.client.info('commandstats')).not.toMatch(/cmdstat_(evalsha|pttl|llen):/);
  });

  it('takes a key of another type for no list', async () => {
    const one = watching();
    await redis.client.set(list.key, 'no list', 'PX', 300);
    await systemClock.sleep(millis(800), stop.signal);
    expect(one.log.warnings()).toEqual([]);
    expect(expired(one)).toBe(0);
  });

  const as = (username: string) => redis.connect({ username, password: 'secret' });

  it('counts without scripts', async () => {
    const one = watching(as('plain'));
    await push(700, 1500);
    await expect.poll(() => expired(one), { timeout: 8000 }).toBe(700);
    expect(errors(one, before)).toHaveLength(1);
  });

  it('counts what it may not book', async () => {
    const one = watching(as('reader'));
    await push(30, 1600);
    await expect.poll(() => expired(one), { timeout: 8000 }).toBe(30);
    expect(await redis.client.exists(stateKey(list.key))).toBe(0);
  });

  it('counts and does not book in a list of another layout', async () => {
    await redis.client.hset(stateKey(list.key), 'layout', '9');
    const one = watching();
    await push(30, 1600);
    await expect.poll(() => expired(one), { timeout: 8000 }).toBe(30);
    expect(await redis.client.hgetall(stateKey(list.key))).toEqual({ layout: '9' });
  });

  it('says once that it cannot be known where Redis does not permit to look', async () => {
    const one = watching(as('blind'), [list, aList('analytics-other')]);
    await push(30, 1600);
    await systemClock.sleep(millis(2500), stop.signal);
    expect(one.log.warnings()).toEqual([
      expect.stringContaining('does not permit this user to see'),
    ]);
    expect(one.watch.reasons).toEqual([expect.stringMatching(/cannot be known: PTTL: NOPERM/)]);
    expect(expired(one)).toBe(0);
  });
});

describe('ListWatch in a cluster', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  }, 60_000);
  afterAll(() => cluster.stop());

  it('looks at lists on several nodes', async () => {
    const { client } = cluster;
    const lists = [aList('a-0'), aList('a-1'), aList('a-2'), aList('a-3')];
    const metrics = new CountingMetrics();
    const stop = new AbortController();
    const clock = systemClock;
    const watch = new ListWatch({
      ...{ client, clock, log: memoryLog(), metrics, lists, isSlow: false },
      whyUnclaimed: () => held,
    });
    const running = watch.run(stop.signal);
    for (const { key } of lists) {
      await client.rpush(key, 'x', 'y');
      await client.pexpire(key, 1500);
    }
    const counted = () => lists.map(({ key }) => metrics.of('sluice_expired_records_total', key));
    await expect.poll(counted, { timeout: 8000 }).toEqual([2, 2, 2, 2]);
    stop.abort();
    await running;
  });
});
