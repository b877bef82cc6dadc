/** What the gateway finds at its upstreams, through the built programs into a real PostgreSQL: every look is counted there. */
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { needPostgres, startPostgres } from '../services/postgres.ts';
import { launch, scratchFolder, until, whyUnavailable } from '../services/process.ts';
import { startRedis } from '../services/redis.ts';
import { stoppedAfterEach } from './ends.ts';
import { startPump, untilDrained } from './pump.ts';

const unavailable = await whyUnavailable(needPostgres);
const program = fileURLToPath(new URL('../../dist/src/capture.js', import.meta.url));
const list = 'host-checker:tyk-uptime-analytics';

describe.skipIf(unavailable !== undefined)('checks of the gateway', () => {
  const use = stoppedAfterEach();

  it('are uptime records that the pump counts in PostgreSQL', async () => {
    const asked = new Map<string, number>();
    const server = createServer((request, response) => {
      const { url = '' } = request;
      asked.set(url, (asked.get(url) ?? 0) + 1);
      response.writeHead(url === '/bad' ? 503 : 200).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const up = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    use({
      stop: () => {
        server.closeAllConnections();
        server.close();
      },
    });
    const redis = use(await startRedis());
    const database = use(await startPostgres());
    const dir = await scratchFolder('gateway-uptime');
    await mkdir(path.join(dir, 'apis'));
    await writeFile(
      path.join(dir, 'apis', 'one.json'),
      JSON.stringify({
        ...{ name: 'one', api_id: 'one', org_id: 'org', use_keyless: true, active: true },
        version_data: { not_versioned: true, versions: { Default: { name: 'Default' } } },
        proxy: { listen_path: '/', target_url: up },
        uptime_tests: {
          check_list: [{ url: `${up}/good` }, { url: `${up}/bad` }, { url: 'http://127.0.0.1:1/' }],
          config: { expire_utime_after: 3600 },
        },
      }),
    );
    const file = path.join(dir, 'capture.yaml');
    await writeFile(
      file,
      `storage: {host: ${redis.host}, port: ${redis.port}}
sources:
  - {type: gateway, listen: "127.0.0.1:0", apis: ${dir}/apis, health: {interval: 200ms}}
`,
    );
    let output = '';
    const gateway = use(
      launch(process.execPath, [program, '--conf', file], { onOutput: (text) => (output += text) }),
    );
    await until('each was looked at five times', () =>
      ['/good', '/bad'].every((url) => (asked.get(url) ?? 0) >= 5),
    );
    await gateway.stop();
    expect(gateway.exit()).toEqual({ code: 0, signal: null });
    const written = await redis.client.llen(list);
    expect(written).toBeGreaterThan(10);

    const uptime = { uptime_type: 'sql', type: 'postgres', connection_string: database.dsn() };
    const pumps = { csv: { type: 'csv', meta: { csv_dir: '{dir}/csv' } } };
    use(await startPump({ redis, pumps, uptime }));
    await untilDrained(redis);
    const rows = await database.query(
      'SELECT org_id, dimension, dimension_value, counter_hits::int AS hits, counter_error::int AS errors FROM tyk_uptime_analytics',
    );
    const of = (dimension: string, value: string) =>
      rows
        .filter((row) => row['dimension'] === dimension && row['dimension_value'] === value)
        .reduce((sum, row) => sum + Number(row['hits']), 0);
    expect(new Set(rows.map((row) => row['org_id']))).toEqual(new Set(['org']));
    expect(of('', 'total')).toBe(written);
    expect(of('url', `${up}/good`)).toBe(asked.get('/good'));
    expect(of('url', `${up}/bad`)).toBe(asked.get('/bad'));
    expect(of('errors', '503')).toBe(asked.get('/bad'));
    expect(of('errors', '521')).toBe(of('url', 'http://127.0.0.1:1/'));
    expect(of('errors', '521')).toBeGreaterThanOrEqual(4);
    expect(output).toContain('An upstream is unhealthy: its checks fail.');
  });
});
