/** What a crash makes of counts, which no record id tells apart. */
import { describe, expect, it } from 'vitest';
import { FakeHttpServer } from '#pump/testing';
import { attributesOf, logsIn, metricsIn } from '../../pumps/otlp/decode.testing.ts';
import { until, whyUnavailable } from '../services/process.ts';
import { needRedis, startRedis } from '../services/redis.ts';
import { stoppedAfterEach } from './ends.ts';
import { metric, startPump, untilDrained } from './pump.ts';
import { pushRecords } from './records.ts';

const unavailable = await whyUnavailable(needRedis);
const duration = 'http.server.request.duration';

/** Keeps what it has answered for. The third request with metrics is never answered. */
async function receiver() {
  const uids: string[] = [];
  let [counted, requests] = [0, 0];
  const server = await FakeHttpServer.start(({ path, body }) => {
    if (path === '/v1/logs') {
      for (const { attributes } of logsIn(body))
        uids.push(String(attributesOf(attributes)['log.record.uid']));
      return { status: 200, body: '' };
    }
    if (body.length === 0) return { status: 200, body: '' };
    requests += 1;
    if (requests === 3) return new Promise(() => undefined);
    const points = metricsIn(body)
      .filter(({ name }) => name === duration)
      .flatMap(({ histogram }) => histogram.dataPoints ?? []);
    for (const { count } of points) counted += Number(count);
    return { status: 200, body: '' };
  });
  return {
    ...{ url: server.url, uids, stop: () => server.close() },
    counted: () => counted,
    requests: () => requests,
  };
}

describe.skipIf(unavailable !== undefined)('killed while a request is unanswered', () => {
  const use = stoppedAfterEach();

  it('the pump otlp loses neither a log nor a count', async () => {
    const redis = use(await startRedis());
    const at = use(await receiver());
    const limits = { records: 500 };
    const config = {
      redis,
      pumps: {
        logs: { type: 'otlp', limits, meta: { url: at.url } },
        metrics: { type: 'otlp', limits, meta: { url: at.url, signal: 'metrics' } },
      },
      own: { lease: '3s' },
    };
    const { good } = await pushRecords(redis, 5_000);
    const victim = use(await startPump(config));
    await until('a request is unanswered', () => Promise.resolve(at.requests() === 3));
    await victim.kill9();
    const before = at.counted();

    const survivor = use(await startPump(config));
    await untilDrained(redis);

    expect(before).toBeGreaterThan(0);
    expect(new Set(at.uids).size).toBe(good.size);
    // What was answered and not yet settled comes again: twice at worst, never not at all.
    expect(at.counted()).toBeGreaterThanOrEqual(good.size);
    expect(at.counted()).toBeLessThanOrEqual(good.size + before);
    expect(await metric(survivor, 'sluice_ledger_mismatches_total')).toBe(0);
  });
});
