/**
 * A pump that dies within a COMMIT into PostgreSQL cannot know what became of it, and the next one must: whether the server
 * never heard of it, or had done it and the answer was on its way. Rows and sums are exact in either case.
 */
import { describe, expect, it } from 'vitest';
import { encodeUptime } from '../../src/record/encode/uptime.ts';
import { encodeRecord } from '../../src/record/testing.ts';
import { type CommitProxy, type Held, startCommitProxy } from '../services/commit-proxy.ts';
import { needPostgres, type PostgresServer, startPostgres } from '../services/postgres.ts';
import { until, whyUnavailable } from '../services/process.ts';
import { type RedisServer, startRedis } from '../services/redis.ts';
import { stoppedAfterEach } from './ends.ts';
import { metric, type PumpProcess, startPump, untilDrained } from './pump.ts';

const unavailable = await whyUnavailable(needPostgres);

/** 2024-03-10 22:00:00 UTC. */
const hour = 1_710_108_000;
const perRound = 300;
const apis = ['api-0', 'api-1', 'api-2'];

describe.skipIf(unavailable !== undefined)('a pump within a COMMIT', () => {
  const use = stoppedAfterEach();

  let pushed = 0;
  async function push(redis: RedisServer): Promise<void> {
    const numbers = Array.from({ length: perRound }, (_, at) => pushed + at);
    pushed += perRound;
    const calls = numbers.map((number) =>
      encodeRecord({
        ...{ alias: `record-${number}`, api_id: apis[number % apis.length] ?? '' },
        ...{ org_id: 'org', response_code: 200, request_time: number % 97 },
        timestamp: { seconds: hour },
      }),
    );
    const looks = numbers.map((number) =>
      encodeUptime({
        ...{ url: `http://up-${number % 5}/`, response_code: 200, org_id: 'org' },
        ...{ timestamp: { seconds: hour }, request_time: number % 97 },
      }),
    );
    await redis.client.rpush('analytics-tyk-system-analytics', ...calls);
    await redis.client.rpush('host-checker:tyk-uptime-analytics', ...looks);
  }

  async function stored(database: PostgresServer) {
    const [rows] = await database.query(
      'SELECT count(*)::int AS rows, count(DISTINCT alias)::int AS records FROM tyk_analytics',
    );
    const sums = (table: string, dimension: string): Promise<readonly Record<string, unknown>[]> =>
      database.query(
        `SELECT dimension_value AS of, sum(counter_hits)::int AS hits, sum(counter_total_request_time)::int AS time
         FROM ${table} WHERE dimension = '${dimension}' GROUP BY 1 ORDER BY 1`,
      );
    return {
      ...rows,
      apis: await sums('tyk_aggregated', 'apiid'),
      urls: await sums('tyk_uptime_analytics', 'url'),
    };
  }

  function expected() {
    const numbers = Array.from({ length: pushed }, (_, number) => number);
    const sumOf = (of: string, at: number, groups: number) => {
      const own = numbers.filter((number) => number % groups === at);
      return { of, hits: own.length, time: own.reduce((sum, number) => sum + (number % 97), 0) };
    };
    return {
      ...{ rows: pushed, records: pushed },
      apis: apis.map((api, at) => sumOf(api, at, apis.length)),
      urls: Array.from({ length: 5 }, (_, at) => sumOf(`http://up-${at}/`, at, 5)),
    };
  }

  it('stores and counts each record once, killed before the server heard of it or after it obeyed', async () => {
    pushed = 0;
    const redis = use(await startRedis());
    const database = use(await startPostgres());
    const proxies: CommitProxy[] = [];
    const meta = async () => {
      const proxy = use(await startCommitProxy(database.port));
      proxies.push(proxy);
      const dsn = database.dsn().replace(String(database.port), String(proxy.port));
      return { type: 'postgres', connection_string: dsn };
    };
    const limits = { records: 100, age: '100ms' };
    const pumps = {
      rows: { type: 'sql', limits, meta: await meta() },
      sums: { type: 'sql_aggregate', limits, meta: await meta() },
    };
    const uptime = { uptime_type: 'sql', ...(await meta()) };
    const start = async (): Promise<PumpProcess> => {
      const own = { lease: '1s', backoff_max: '200ms', flowing_delay: '50ms', workers: 1 };
      return use(await startPump({ redis, pumps, uptime, own }));
    };
    let pump = await start();
    await push(redis);
    await untilDrained(redis);
    expect(await stored(database)).toEqual(expected());

    const rounds: readonly { readonly held: Held; readonly isKilled: boolean }[] = [
      { held: 'answer', isKilled: true },
      { held: 'commit', isKilled: true },
      { held: 'answer', isKilled: false },
    ];
    for (const { held, isKilled } of rounds) {
      for (const proxy of proxies) proxy.hold(held);
      await push(redis);
      await until('each of them is within a COMMIT', () => proxies.every((each) => each.isHolding));
      if (isKilled) await pump.kill9();
      for (const proxy of proxies) proxy.release();
      if (isKilled) pump = await start();
      await untilDrained(redis);

      expect(await stored(database), `${held} held back`).toEqual(expected());
    }
    await until('the ledger is read', async () => (await metric(pump, 'sluice_records_total')) > 0);
    expect(await metric(pump, 'sluice_ledger_mismatches_total')).toBe(0);
  });
});
