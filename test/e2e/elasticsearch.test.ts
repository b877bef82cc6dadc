import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ElasticsearchServer, startElasticsearch } from '../services/elasticsearch.ts';
import { needElasticsearch } from '../services/elasticsearch-build.ts';
import { until, whyUnavailable } from '../services/process.ts';
import { type RedisServer, startRedis } from '../services/redis.ts';
import { compare, inElasticsearch } from './arrived.ts';
import { type PumpProcess, startPump, untilDrained } from './pump.ts';
import { pushRecords } from './records.ts';

const unavailable = await whyUnavailable(() => needElasticsearch('elasticsearch8'));
const list = 'analytics-tyk-system-analytics';

describe.skipIf(unavailable !== undefined)('the pump and a real Elasticsearch', () => {
  let elasticsearch: ElasticsearchServer;
  let redis: RedisServer;
  let pumps: PumpProcess[];

  beforeAll(async () => {
    elasticsearch = await startElasticsearch();
  });
  afterAll(() => elasticsearch.stop());
  beforeEach(async () => {
    redis = await startRedis();
    pumps = [];
  });
  afterEach(async () => {
    for (const pump of pumps) await pump.stop();
    await redis.stop();
  });

  async function start(url: string, index: string): Promise<PumpProcess> {
    const meta = { elasticsearch_url: url, index_name: index, version: '8' };
    const pump = await startPump({
      redis,
      pumps: { elasticsearch: { type: 'elasticsearch', meta } },
      own: { lease: '1s', backoff_max: '1s' },
    });
    pumps.push(pump);
    return pump;
  }

  it('delivers what was claimed from an expiring list although the sink was down for longer', async () => {
    await elasticsearch.kill9();
    const { good } = await pushRecords(redis, 400);
    for (const key of await redis.client.keys(`${list}*`)) await redis.client.expire(key, 2);
    await start(elasticsearch.url, 'expiring');
    await delay(5000);
    await elasticsearch.start();
    await untilDrained(redis);
    expect(compare(good, await inElasticsearch(elasticsearch.url, 'expiring'))).toEqual({
      lost: 0,
      invented: 0,
      duplicated: 0,
    });
  });

  it('stores every record once when killed between the answer and the acknowledgement', async () => {
    const { good } = await pushRecords(redis, 3000);
    let victim: PumpProcess | undefined;
    const proxy = await startProxy(elasticsearch.url, async () => {
      await victim?.kill9();
      victim = undefined;
    });
    victim = await start(proxy.url, 'twice');
    const { pid } = victim;
    await until('the first one is killed', () => victim === undefined);
    await redis.client.ping();
    const second = await start(elasticsearch.url, 'twice');
    expect(second.pid).not.toBe(pid);
    await untilDrained(redis);
    proxy.stop();
    expect(proxy.stored()).toBeGreaterThan(0);
    expect(compare(good, await inElasticsearch(elasticsearch.url, 'twice'))).toEqual({
      lost: 0,
      invented: 0,
      duplicated: 0,
    });
  });
});

/** Passes requests on; once the server has answered the first bulk, calls `onStored` instead of passing it back. */
async function startProxy(target: string, onStored: () => Promise<void>) {
  let stored = 0;
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const pass = async (): Promise<void> => {
        const answer = await fetch(`${target}${request.url ?? '/'}`, {
          method: request.method ?? 'GET',
          headers: { 'content-type': request.headers['content-type'] ?? 'application/json' },
          ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
        });
        const body = await answer.text();
        if (request.url?.includes('_bulk') === true && answer.ok) {
          stored++;
          await onStored();
        }
        const headers = {
          'content-type': 'application/json',
          'x-elastic-product': 'Elasticsearch',
        };
        response.writeHead(answer.status, headers).end(body);
      };
      pass().catch(() => response.destroy());
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stored: () => stored,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
