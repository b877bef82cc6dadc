/** Uptime records in a real Redis. */
import { afterEach, describe, expect, it } from 'vitest';
import { type SourceRedis, systemClock } from '#source';
import { CountingMetrics } from '../../../src/lib/metrics.testing.ts';
import { uptimeDecoder } from '../../../src/record/uptime/decoder.ts';
import { readUptime } from '../../../src/record/uptime/read.ts';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { whyUnavailable } from '../../../test/services/process.ts';
import { needRedis, type RedisServer, startRedis } from '../../../test/services/redis.ts';
import { QuietLog } from '../../shared/listen/quiet-log.ts';
import type { Check } from './check.ts';
import { createHealthMeter } from './health-meter.ts';
import { UptimeRecords } from './uptime-records.ts';

const unavailable = await whyUnavailable(needRedis);
const list = 'host-checker:tyk-uptime-analytics';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function aRedis(): Promise<RedisServer> {
  const redis = await startRedis();
  ends.push(() => redis.stop());
  return redis;
}

function recordsTo(redis: SourceRedis) {
  const metrics = new CountingMetrics();
  const log = memoryLog();
  const records = new UptimeRecords({
    ...{ redis, clock: systemClock, log: new QuietLog(log, systemClock) },
    meter: createHealthMeter(metrics, 'gateway'),
  });
  const count = (outcome: string) =>
    metrics.of('sluice_capture_uptime_records_total', 'gateway', outcome);
  return { records, log, count };
}

const callsOf = ({ client }: RedisServer): SourceRedis => ({
  call: (command, ...args) => client.call(command, ...args),
});

const aCheck = (more: Partial<Check> = {}): Check => ({
  ...{ api: 'api1', organisation: 'org1', url: 'http://up/health', place: 'up:80' },
  probe: {
    kind: 'tcp',
    upstream: { protocol: 'http:', host: 'up', port: 80, connectTimeout: 1 },
    commands: [],
  },
  rhythm: { interval: 10_000, timeout: 1, unhealthyAfter: 1, healthyAfter: 1 },
  ...{ expiresAfter: 60, ...more },
});

const at = Date.UTC(2026, 11, 1, 14, 5, 6, 7);
const passed = { at, took: 12.7, status: 200, failure: undefined };

describe.skipIf(unavailable !== undefined)('uptime records', () => {
  it('are those of a Tyk gateway', async () => {
    const redis = await aRedis();
    const { records, count } = recordsTo(callsOf(redis));
    records.add(aCheck(), passed);
    records.add(aCheck({ url: 'http://up/2', expiresAfter: 0 }), {
      ...passed,
      status: 301,
      failure: 'x',
    });
    records.add(aCheck({ url: 'http://up/3' }), { ...passed, status: undefined, failure: 'x' });
    await records.stop();
    const elements = await redis.client.lrangeBuffer(list, 0, -1);
    // A map of fourteen fields that begins with the address: the gateway knows no ID.
    expect(elements[0]?.subarray(0, 5).toString('latin1')).toBe('\x8e\xa3URL');
    const chunk = uptimeDecoder.decode(elements);
    const read = elements.map((_, index) => readUptime(chunk.record(index)!));
    const second = at / 1000 - 0.007;
    expect(read[0]).toMatchObject({
      ...{ url: 'http://up/health', requestTime: 12, responseCode: 200 },
      ...{ isTcpError: false, isServerError: false, apiId: 'api1', orgId: 'org1' },
      ...{ day: 1, month: 12, year: 2026, hour: 14, minute: 5 },
    });
    expect(JSON.stringify(read[0])).toContain(String(second));
    expect(read.slice(1)).toMatchObject([
      { responseCode: 301, isTcpError: false, isServerError: true },
      { responseCode: 521, isTcpError: true, isServerError: false },
    ]);
    expect(count('written')).toBe(3);
  });

  it('are written by one of several processes with the same check', async () => {
    const redis = await aRedis();
    const [one, two] = [recordsTo(callsOf(redis)), recordsTo(callsOf(redis))];
    const check = aCheck({ rhythm: { ...aCheck().rhythm, interval: 200 } });
    one.records.add(check, passed);
    await expect.poll(() => one.count('written')).toBe(1);
    two.records.add(check, passed);
    two.records.add(aCheck({ api: 'api2' }), passed);
    await expect.poll(() => two.count('written')).toBe(1);
    expect(two.count('elsewhere')).toBe(1);
    await expect
      .poll(async () => (await redis.client.keys('host-checker:sluice-*')).length)
      .toBe(1);
    two.records.add(check, passed);
    await expect.poll(() => two.count('written')).toBe(2);
    expect(await redis.client.llen(list)).toBe(3);
    await Promise.all([one.records.stop(), two.records.stop()]);
  });

  it('wait while Redis is away, in bounds, and are written once', async () => {
    const redis = await aRedis();
    let isAway = true;
    const there = callsOf(redis);
    const { records, count, log } = recordsTo({
      call: (...args) => (isAway ? Promise.reject(new Error('away')) : there.call(...args)),
    });
    for (let i = 0; i < 1003; i++) records.add(aCheck({ url: `http://up/${i}` }), passed);
    await expect.poll(() => log.text()).toContain('Redis does not take them');
    expect(count('dropped')).toBe(3);
    isAway = false;
    await expect.poll(() => redis.client.llen(list), { timeout: 10_000 }).toBe(1000);
    const [first = Buffer.alloc(0)] = await redis.client.lrangeBuffer(list, 0, 0);
    expect(readUptime(uptimeDecoder.decode([first]).record(0)!)).toMatchObject({
      url: 'http://up/3',
    });
    await records.stop();
    expect(count('dropped')).toBe(3);
  });

  it('do not fill a list that nobody reads', async () => {
    const redis = await aRedis();
    await redis.client.rpush(list, ...Array.from({ length: 99_999 }, () => 'x'));
    const { records, count, log } = recordsTo(callsOf(redis));
    for (const name of ['1', '2', '3']) records.add(aCheck({ url: `http://up/${name}` }), passed);
    await records.stop();
    expect(await redis.client.llen(list)).toBe(100_000);
    expect([count('written'), count('dropped')]).toEqual([1, 2]);
    expect(log.text()).toContain('nobody reads their list');
    await redis.client.del(list);
    const later = recordsTo(callsOf(redis));
    later.records.add(aCheck({ url: 'http://up/4' }), passed);
    await later.records.stop();
    expect(later.count('written')).toBe(1);
  });
});
