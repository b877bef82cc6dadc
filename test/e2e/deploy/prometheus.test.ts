/**
 * Alerts and dashboards before a real Prometheus that scrapes the built service: nothing is refused, and whatever a panel asks
 * for is there.
 */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { panelExpressions } from '../../deploy/dashboards.ts';
import { readExpression, withoutVariables } from '../../deploy/promql.ts';
import { readAlerts, rulesFolder } from '../../deploy/rules.ts';
import { freePort, until, whyUnavailable } from '../../services/process.ts';
import {
  needPrometheus,
  type PrometheusServer,
  startPrometheus,
} from '../../services/prometheus.ts';
import { type RedisServer, startRedis } from '../../services/redis.ts';
import { type PumpProcess, startPump, untilDrained } from '../pump.ts';
import { pushRecords } from '../records.ts';

/** Metrics without a series here, and why. */
const without: Readonly<Record<string, string>> = {
  sluice_spill_records: 'from the first spill on; nothing is spilled here',
  sluice_spill_oldest_seconds: 'the same',
  sluice_certificate_expiry_timestamp_seconds: 'this service shows no certificate',
};
const isWithout = (expr: string): boolean =>
  readExpression(expr).selectors.some(({ metric }) => metric in without);

const obstacle = await whyUnavailable(needPrometheus);

it('the real server is there', ({ skip }) => {
  if (obstacle !== undefined) skip(obstacle);
});

describe.skipIf(obstacle !== undefined)('with a real Prometheus', () => {
  let redis: RedisServer;
  let pump: PumpProcess;
  let server: PrometheusServer;

  beforeAll(async () => {
    redis = await startRedis();
    const port = await freePort();
    pump = await startPump({
      redis,
      own: { workers: 2, spill_dir: '{dir}/spill' },
      pumps: {
        drop: { type: 'dummy', meta: {} },
        counts: {
          type: 'prometheus',
          meta: { listen_address: `127.0.0.1:${port}`, track_all_paths: true },
        },
      },
    });
    const pages = [`127.0.0.1:${pump.healthPort}/metrics`, `127.0.0.1:${port}/metrics`];
    server = await startPrometheus(pages, [
      fileURLToPath(new URL('sluice.rules.yaml', rulesFolder)),
    ]);
    await pushRecords(redis, 1000, { badEvery: 100 });
    await untilDrained(redis);
    // Two scrapes with all series, for increases.
    await until('the calls are counted', async () => {
      const seen = await server.query('sum(count_over_time(tyk_http_status[1m])) by (job) >= 2');
      return seen.size > 0;
    });
    await pushRecords(redis, 1000, { from: 1000 });
    await untilDrained(redis);
    await until('an increase is seen', async () => {
      const seen = await server.query('sum(increase(tyk_http_status_per_oauth_client[1m])) > 0');
      return seen.size > 0;
    });
  });
  afterAll(async () => {
    await server.stop();
    await pump.stop();
    await redis.stop();
  });

  /** What it gives, once there is something or for a few seconds. */
  async function samplesOf(promql: string): Promise<ReadonlyMap<string, number>> {
    await until(promql, async () => (await server.query(promql)).size > 0, 5_000).catch(
      () => undefined,
    );
    return server.query(promql);
  }

  it.each(panelExpressions())('$panel shows something: $expr', async ({ expr }) => {
    // Panels that show nothing while all is well are asked without their condition.
    const asked = withoutVariables(expr).replace(/ > 0$/, '');
    if (isWithout(asked)) expect((await server.query(asked)).size).toBe(0);
    else expect((await samplesOf(asked)).size).toBeGreaterThan(0);
  });

  it.each(readAlerts())('$alert asks for series that are there', async ({ expr }) => {
    await server.query(expr);
    for (const { text, metric } of readExpression(expr).selectors)
      if (metric in without) expect((await server.query(text)).size, text).toBe(0);
      else expect((await samplesOf(text)).size, text).toBeGreaterThan(0);
  });

  it('evaluates every alert, and a service that does its work has none but for its dead letters', async () => {
    await until('all are evaluated', async () => {
      const rules = [...(await server.rules()).values()];
      return rules.length > 0 && rules.every(({ health }) => health === 'ok');
    });
    // Ten elements were no records. What is kept is counted every 15 seconds.
    const waits = 'SluiceDeadLettersWait';
    const stateOf = async (alert: string) => (await server.rules()).get(alert)?.state;
    await until(
      'its dead letters are seen',
      async () => (await stateOf(waits)) === 'pending',
      30_000,
    );
    const rules = await server.rules();
    const active = [...rules].flatMap(([name, { state }]) => (state === 'inactive' ? [] : [name]));

    expect(new Set(rules.keys())).toEqual(new Set(readAlerts().map(({ alert }) => alert)));
    // They may have come before the first scrape: then they are no increase.
    expect(active.filter((name) => name !== 'SluiceDeadLetters')).toEqual([waits]);
  });

  it('sees that Redis is away', async () => {
    process.kill(redis.pid, 'SIGSTOP');
    try {
      await until(
        'the alert waits for its minute',
        async () => (await server.rules()).get('SluiceRedisAway')?.state === 'pending',
        30_000,
      );
    } finally {
      process.kill(redis.pid, 'SIGCONT');
    }
  });
});
