import { afterEach, describe, expect, it } from 'vitest';
import { lint } from '../../src/telemetry/lint.testing.ts';
import { until } from '../services/process.ts';
import { type RedisServer, startRedis } from '../services/redis.ts';
import { type PumpProcess, startPump, untilDrained } from './pump.ts';
import { pushRecords } from './records.ts';

let redis: RedisServer | undefined;
let pump: PumpProcess | undefined;
afterEach(async () => {
  await pump?.stop();
  await redis?.stop();
});

const pageOf = async (running: PumpProcess): Promise<string> =>
  (await fetch(`http://127.0.0.1:${running.healthPort}/metrics`)).text();

const value = (page: string, series: string): number =>
  Number(
    page
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.split(' ')[1],
  );

describe.each([1, 2])('the page of metrics with workers: %i', (workers) => {
  it('has every counter before the first record, and names that Prometheus likes', async () => {
    redis = await startRedis();
    const redisClient = redis.client;
    await redisClient.rpush('host-checker:tyk-uptime-analytics', 'u', 'u');
    pump = await startPump({
      redis,
      own: { workers },
      pumps: {
        // One that runs in workers, and one that does not.
        drop: { type: 'dummy', meta: {} },
        stdout: { type: 'stdout', meta: { format: 'json' } },
      },
    });
    const running = pump;
    await until(
      'it is ready',
      async () =>
        (await fetch(`http://127.0.0.1:${running.healthPort}/ready`).catch(() => undefined))?.ok ===
        true,
    );

    const page = await pageOf(running);

    expect(lint(page)).toEqual([]);
    for (const route of ['DROP', 'STDOUT'])
      for (const series of [
        `sluice_records_total{route="${route}",outcome="rejected"}`,
        `sluice_records_total{route="${route}",outcome="vanished"}`,
        `sluice_retries_total{route="${route}",kind="timeout"}`,
        `sluice_dead_letters_total{route="${route}"}`,
        `sluice_shed_records_total{route="${route}"}`,
        `sluice_ledger_mismatches_total{route="${route}"}`,
        `sluice_dead_letters_kept{route="${route}"}`,
      ])
        expect(page).toContain(`${series} 0\n`);
    expect(page).toContain('sluice_redis_up 1\n');
    expect(page).toContain('sluice_mode{mode="at-least-once"} 1\n');
    await until(
      'the lists were looked at',
      async () => value(await pageOf(running), 'sluice_uptime_records') === 2,
    );

    // Of the keys whose end is waited for below it is none.
    await redisClient.del('host-checker:tyk-uptime-analytics');
    const begun = Date.now() / 1000;
    await pushRecords(redis, 500);
    await untilDrained(redis);
    await until(
      'the books say so',
      async () =>
        value(await pageOf(running), 'sluice_ledger_claimed_records{route="DROP"}') === 500,
    );
    const after = await pageOf(running);
    const claimed = value(after, 'sluice_last_claim_timestamp_seconds');
    expect(claimed).toBeGreaterThanOrEqual(Math.floor(begun));
    expect(claimed).toBeLessThanOrEqual(Date.now() / 1000);
    expect(value(after, 'sluice_last_round_timestamp_seconds')).toBeGreaterThanOrEqual(claimed - 1);
    const parts = [...after.matchAll(/^sluice_ledger_records\{route="DROP",.*\} (\d+)$/gm)];
    expect(parts.reduce((sum, [, records]) => sum + Number(records), 0)).toBe(500);
    expect(lint(after)).toEqual([]);

    process.kill(redis.pid, 'SIGSTOP');
    const stopped = redis.pid;
    try {
      await until(
        'it says that Redis is away',
        async () => value(await pageOf(running), 'sluice_redis_up') === 0,
        30_000,
      );
    } finally {
      process.kill(stopped, 'SIGCONT');
    }
  });
});
