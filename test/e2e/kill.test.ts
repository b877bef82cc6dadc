import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ElasticsearchServer, startElasticsearch } from '../services/elasticsearch.ts';
import { needElasticsearch } from '../services/elasticsearch-build.ts';
import { until, whyUnavailable } from '../services/process.ts';
import { type RedisServer, startRedis } from '../services/redis.ts';
import { compare, inCsv, inElasticsearch, inJsonLines } from './arrived.ts';
import { stoppedAfterEach } from './ends.ts';
import { metric, type PumpProcess, startPump, untilDrained } from './pump.ts';
import { pushRecords } from './records.ts';

const unavailable = await whyUnavailable(() => needElasticsearch('elasticsearch8'));

describe.skipIf(unavailable !== undefined)('two instances on one Redis', () => {
  const use = stoppedAfterEach();

  const routes = (elasticsearch: ElasticsearchServer) => ({
    csv: { type: 'csv', meta: { csv_dir: '{dir}/csv' } },
    lines: { type: 'stdout', meta: { format: 'json' } },
    elasticsearch: {
      type: 'elasticsearch',
      meta: { elasticsearch_url: elasticsearch.url, index_name: 'records' },
    },
  });

  it('lose nothing when one is killed half-way', async () => {
    const redis: RedisServer = use(await startRedis());
    const elasticsearch = use(await startElasticsearch());
    const { good, bad } = await pushRecords(redis, 40_000, { badEvery: 1000 });
    const config = { redis, pumps: routes(elasticsearch), own: { lease: '3s' } };
    const victim: PumpProcess = use(await startPump(config));
    const survivor: PumpProcess = use(await startPump(config));
    await until(
      'a third is delivered',
      async () => {
        const pumps = await Promise.all(
          [victim, survivor].map((pump) =>
            metric(pump, 'sluice_records_total', { route: 'ELASTICSEARCH', outcome: 'delivered' }),
          ),
        );
        return pumps.reduce((sum, each) => sum + each, 0) > good.size / 3;
      },
      90_000,
    );
    await victim.kill9();
    await untilDrained(redis);

    const folders = [victim, survivor].map(({ dir }) => path.join(dir, 'csv'));
    const files = [victim, survivor].map(({ stdoutFile }) => stdoutFile);
    expect(await metric(survivor, 'sluice_ledger_mismatches_total')).toBe(0);
    await survivor.stop();
    expect(compare(good, await inElasticsearch(elasticsearch.url, 'records'))).toEqual({
      lost: 0,
      invented: 0,
      duplicated: 0,
    });
    expect(compare(good, await inCsv(folders))).toMatchObject({ lost: 0, invented: 0 });
    expect(compare(good, await inJsonLines(files))).toMatchObject({ lost: 0, invented: 0 });
    const dead = await redis.client.keys('{*}:dead:undecodable');
    const letters = await Promise.all(dead.map((key) => redis.client.hlen(key)));
    expect(letters.reduce((sum, each) => sum + each, 0)).toBe(bad);
  });
});
