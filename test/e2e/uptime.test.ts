/** Uptime records through the built program into a real PostgreSQL: what was pushed is what was counted, whatever is killed. */
import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { encodeUptime } from '../../src/record/encode/uptime.ts';
import { needPostgres, type PostgresServer, startPostgres } from '../services/postgres.ts';
import { until, whyUnavailable } from '../services/process.ts';
import { type RedisServer, startRedis } from '../services/redis.ts';
import { stoppedAfterEach } from './ends.ts';
import { unpackLastRelease } from './last-release.ts';
import { metric, type PumpProcess, startPump, untilDrained } from './pump.ts';
import { pushRecords } from './records.ts';

const run = promisify(execFile);
const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const uptimeKey = 'host-checker:tyk-uptime-analytics';
const unavailable = await whyUnavailable(needPostgres);
const lastRelease = await unpackLastRelease();

const hour = 1_710_108_000;
const urls = ['http://a/', 'http://b/', 'http://c/'];
const codes = [200, 201, 301, 404, 503];

describe.skipIf(unavailable !== undefined)('uptime records', () => {
  const use = stoppedAfterEach();
  const start = async (
    redis: RedisServer,
    uptime: Readonly<Record<string, unknown>> | undefined,
    more: object = {},
  ): Promise<PumpProcess> =>
    use(
      await startPump({
        redis,
        pumps: { csv: { type: 'csv', meta: { csv_dir: '{dir}/csv' } } },
        ...(uptime === undefined ? {} : { uptime }),
        own: { lease: '2s', backoff_max: '500ms', flowing_delay: '50ms', workers: 2 },
        ...more,
      }),
    );

  /** Pushes records that spread over some hours; gives how many of each address and code. */
  async function push(redis: RedisServer, count: number, into: Map<string, number>) {
    const elements = Array.from({ length: count }, () => {
      const url = urls[randomInt(urls.length)] ?? '';
      const response_code = codes[randomInt(codes.length)] ?? 0;
      const timestamp = { seconds: hour + randomInt(5 * 3_600) };
      const start = timestamp.seconds - (timestamp.seconds % 3_600);
      for (const key of [
        `${start} url ${url}`,
        ...(response_code < 400 ? [] : [`${start} errors ${response_code}`]),
      ])
        into.set(key, (into.get(key) ?? 0) + 1);
      return encodeUptime({ url, response_code, timestamp, request_time: 5, org_id: 'org' });
    });
    await redis.client.rpush(uptimeKey, ...elements);
  }

  async function counted(database: PostgresServer): Promise<Map<string, number>> {
    const rows = await database.query(
      "SELECT timestamp, dimension, dimension_value, counter_hits FROM tyk_uptime_analytics WHERE dimension <> ''",
    );
    return new Map(
      rows.map((row) => [
        [row['timestamp'], row['dimension'], row['dimension_value']].map(String).join(' '),
        Number(row['counter_hits']),
      ]),
    );
  }

  it('are counted exactly, while instances and the database are killed', async () => {
    const redis = use(await startRedis({ aof: true }));
    const database = use(await startPostgres());
    const uptime = { uptime_type: 'sql', type: 'postgres', connection_string: database.dsn() };
    const pushed = new Map<string, number>();
    const instances = [await start(redis, uptime), await start(redis, uptime)];
    for (let round = 0; round < 6; round++) {
      for (let portion = 0; portion < 5; portion++) {
        await push(redis, 200, pushed);
        await delay(randomInt(120));
      }
      if (round % 3 === 2) {
        await database.kill9();
        await database.start();
        continue;
      }
      const victim = round % 2;
      await instances[victim]?.kill9();
      instances[victim] = await start(redis, uptime);
    }
    await untilDrained(redis);

    expect(await counted(database)).toEqual(pushed);
    const total = await database.query(
      "SELECT sum(counter_hits) AS hits FROM tyk_uptime_analytics WHERE dimension = ''",
    );
    expect(total).toEqual([{ hits: '6000' }]);
    const mismatches = instances.map((pump) => metric(pump, 'sluice_ledger_mismatches_total'));
    expect(await Promise.all(mismatches)).toEqual([0, 0]);
  });

  it('that are claimed the last release leaves alone, and release puts back', async () => {
    const redis = use(await startRedis());
    const nowhere = 'host=127.0.0.1 port=1 user=x dbname=x sslmode=disable';
    const uptime = { uptime_type: 'sql', type: 'postgres', connection_string: nowhere };
    const first = await start(redis, uptime);
    await push(redis, 50, new Map());
    const claimed = async () => (await redis.client.keys(`{${uptimeKey}}:seg:*`)).length;
    await until('they are claimed', async () => (await claimed()) > 0, 30_000);
    await first.kill9();

    const old = await start(redis, undefined, { program: lastRelease });
    const { good } = await pushRecords(redis, 100);
    await until(
      'the last release has delivered the calls',
      async () =>
        (await metric(old, 'sluice_records_total', { outcome: 'delivered' })) >= good.size,
      60_000,
    );
    expect(await claimed()).toBeGreaterThan(0);
    await old.stop();

    const conf = path.join(first.dir, 'pump.json');
    expect(JSON.parse(await readFile(conf, 'utf8'))).toMatchObject({ uptime_pump_config: uptime });
    const { stdout } = await run(process.execPath, [main, 'release', '--conf', conf, '--force']);
    expect(stdout).toContain(`${uptimeKey}: 50 records`);
    expect(await redis.client.llen(uptimeKey)).toBe(50);
    expect(await claimed()).toBe(0);
  });
});
