/** Pumps that come, go and change their names, with real processes. */
import { afterEach, describe, expect, it } from 'vitest';
import { until, whyUnavailable } from '../services/process.ts';
import { type RedisServer, startRedis } from '../services/redis.ts';
import { metric, type PumpProcess, startPump } from './pump.ts';
import { pushRecords } from './records.ts';

const unavailable = await whyUnavailable(() => startRedis());
const dead = {
  type: 'elasticsearch',
  meta: { elasticsearch_url: 'http://127.0.0.1:1', index_name: 'records' },
};
const csv = { type: 'csv', meta: { csv_dir: '{dir}' } };
const page = (startAt?: string) => ({
  type: 'prometheus',
  meta: { path: '/counted', serve_on: 'admin' },
  ...(startAt === undefined ? {} : { start_at: startAt }),
});

describe.skipIf(unavailable !== undefined)('pumps of a configuration that changes', () => {
  const started: { stop(): Promise<unknown> }[] = [];
  afterEach(async () => {
    for (const each of started.splice(0).reverse()) await each.stop();
  });
  const use = <T extends { stop(): Promise<unknown> }>(each: T): T => {
    started.push(each);
    return each;
  };
  const delivered = (pump: PumpProcess, route: string) =>
    metric(pump, 'sluice_records_total', { route, outcome: 'delivered' });

  it.each([
    ['now', undefined, 3, 'from now on'],
    ['oldest', 'oldest', 6, 'older records that are still kept'],
  ])('a new one begins at %s', async (_, startAt, counted, said) => {
    const redis: RedisServer = use(await startRedis());
    const before = use(await startPump({ redis, pumps: { csv, dead } }));
    await pushRecords(redis, 3);
    await until('csv has them', async () => (await delivered(before, 'CSV')) === 3);
    await before.stop();
    const after = use(await startPump({ redis, pumps: { csv, dead, page: page(startAt) } }));
    await until('the new one has begun', () => after.output().includes(said));
    await pushRecords(redis, 3);
    await until('csv has the others', async () => (await delivered(after, 'CSV')) === 3);
    await until('both are counted', async () => (await delivered(after, 'PAGE')) === counted);

    const text = await (await fetch(`http://127.0.0.1:${after.healthPort}/counted`)).text();
    expect(text).toContain('tyk_http_status');
    expect(after.output()).toMatch(new RegExp(`${said}.*records=3|records=3.*${said}`));
  });
});
