import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ElasticsearchServer, startElasticsearch } from '../services/elasticsearch.ts';
import { needElasticsearch } from '../services/elasticsearch-build.ts';
import { freePort, launch, scratchFolder, until, whyUnavailable } from '../services/process.ts';
import { type RedisServer, startRedis } from '../services/redis.ts';

const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const obstacle = await whyUnavailable(() => needElasticsearch('elasticsearch6'));

/** Servers that want a mapping type, and a configuration as it was written for them. */
describe.skipIf(obstacle !== undefined).each([
  ['elasticsearch6', '6'],
  ['elasticsearch5', '5'],
] as const)('a configuration for %s', (flavour, version) => {
  let server: ElasticsearchServer;
  let redis: RedisServer;

  beforeAll(async () => {
    [server, redis] = await Promise.all([startElasticsearch({ flavour }), startRedis()]);
  });
  afterAll(() => Promise.all([server.stop(), redis.stop()]));

  it.each([
    ['with the version said', { version }],
    ['with the version asked for', {}],
  ])('stores demo records under its mapping type, %s', async (_, said) => {
    const index = `demo${Object.keys(said).length}`;
    const dir = await scratchFolder('pump');
    const conf = path.join(dir, 'pump.conf');
    await writeFile(
      conf,
      JSON.stringify({
        analytics_storage_type: 'redis',
        analytics_storage_config: { type: 'redis', host: redis.host, port: redis.port },
        purge_delay: 1,
        health_check_endpoint_port: await freePort(),
        pumps: {
          elasticsearch: {
            type: 'elasticsearch',
            meta: {
              index_name: index,
              elasticsearch_url: server.url,
              enable_sniffing: false,
              document_type: 'tyk_call',
              rolling_index: false,
              extended_stats: false,
              ...said,
            },
          },
        },
        dont_purge_uptime_data: true,
      }),
    );

    const demo = ['--demo', 'acme', '--demo-days', '2', '--demo-records-per-hour', '5'];
    const pump = launch(process.execPath, [main, '--conf', conf, ...demo], { cwd: dir });
    await until('the demo is over', () => pump.exit() !== undefined);

    const post = async (where: string): Promise<unknown> =>
      (await fetch(`${server.url}${where}`, { method: 'POST' })).json();
    await post(`/${index}/_refresh`);
    expect(await post(`/${index}/tyk_call/_count`)).toMatchObject({ count: 2 * 24 * 5 });
    expect(await post(`/${index}/tyk_call/_search?size=1`)).toMatchObject({
      hits: { hits: [{ _type: 'tyk_call', _source: { org_id: 'acme' } }] },
    });
    expect(pump.exit()).toMatchObject({ code: 0 });
  });
});

it('the real servers are there', ({ skip }) => {
  if (obstacle !== undefined) skip(obstacle);
});
