import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sink } from '#pump';
import { aBatch, aContext, aPreparedPump } from '#pump/testing';
import { freePort, until, whyUnavailable } from '../../test/services/process.ts';
import {
  checkMetrics,
  needPrometheus,
  type PrometheusServer,
  startPrometheus,
} from '../../test/services/prometheus.ts';
import prometheus from './index.ts';
import { scrape } from './testing.ts';

const { signal } = new AbortController();
const obstacle = await whyUnavailable(needPrometheus);

it('the real server is there', ({ skip }) => {
  if (obstacle !== undefined) skip(obstacle);
});

describe.skipIf(obstacle !== undefined)('with a real Prometheus', () => {
  let sink: Sink;
  let server: PrometheusServer;
  let port: number;

  beforeAll(async () => {
    port = await freePort();
    server = await startPrometheus([`127.0.0.1:${port}/metrics`]);
    const pump = aPreparedPump(prometheus, {
      listen_address: `127.0.0.1:${port}`,
      track_all_paths: true,
      path_templates: ['/orders/{id}'],
      max_series: 100,
      custom_metrics: [
        {
          name: 'keys_total',
          help: 'Calls by key.',
          metric_type: 'counter',
          labels: ['key'],
          obfuscate_api_keys: true,
        },
        {
          name: 'request_time',
          help: 'Request time.',
          metric_type: 'histogram',
          labels: ['api_name'],
          buckets: [10, 100],
        },
      ],
    });
    sink = await pump.open(aContext(), signal);
  });
  afterAll(async () => {
    await sink.close(signal);
    await server.stop();
  });

  /** What PromQL gives, once it is as expected or for five seconds. */
  async function eventually(
    promql: string,
    expected: Readonly<Record<string, number>>,
  ): Promise<void> {
    const found = async () => Object.fromEntries(await server.query(promql));
    const isThere = async () => isDeepStrictEqual(await found(), expected);
    await until(`${promql} is as pushed`, isThere, 20_000).catch(() => undefined);
    expect(await found()).toEqual(expected);
  }

  it('gives the pushed totals to PromQL, and goes on counting', async () => {
    for (let round = 0; round < 3; round++)
      await sink.deliver(
        aBatch(200, (at) => ({
          api_id: 'live',
          api_name: 'Awkward "name"\\--\n|,🐶',
          response_code: at % 4 === 0 ? 500 : 200,
          path: `/orders/${at}`,
          method: 'GET',
          api_key: 'secret-abcd',
          request_time: at,
          latency: { upstream: 5, gateway: 1 },
        })),
        signal,
      );

    await eventually('sum by (code) (tyk_http_status{api="live"})', {
      '{"code":"200"}': 450,
      '{"code":"500"}': 150,
    });
    await eventually('sum by (path) (tyk_http_status_per_path{api="live"})', {
      '{"path":"/orders/{id}"}': 600,
    });
    await eventually('sum by (key) (keys_total)', { '{"key":"****abcd"}': 600 });
    await eventually('sum by (type) (tyk_latency_sum{api="live"})', {
      '{"type":"gateway"}': 600,
      '{"type":"total"}': 59_700,
      '{"type":"upstream"}': 3_000,
    });
    await eventually('sum by (le) (request_time_bucket{type="total"})', {
      '{"le":"+Inf"}': 600,
      '{"le":"10"}': 33,
      '{"le":"100"}': 303,
    });
    await eventually('count by (api_name) (request_time_count)', {
      [JSON.stringify({ api_name: 'Awkward "name"\\--\n|,🐶' })]: 1,
    });
  });

  it('stays within its limit of series', async () => {
    await sink.deliver(
      aBatch(1_000, (at) => ({ api_id: `flood-${at}`, response_code: 200, oauth_id: `${at}` })),
      signal,
    );

    await eventually('sum(tyk_http_status{api="overflow"})', { '{}': 902 });
    await eventually('count(tyk_http_status)', { '{}': 101 });
    await eventually('sluice_prometheus_overflow_records_total{metric="tyk_http_status"} > 0', {
      [JSON.stringify({
        __name__: 'sluice_prometheus_overflow_records_total',
        instance: `127.0.0.1:${port}`,
        job: 't0',
        metric: 'tyk_http_status',
      })]: 902,
    });
  });

  it('is scraped without a complaint', async () => {
    expect(await server.health()).toBe('up');
  });

  it('is clean for promtool, except for the names that Tyk chose', async () => {
    const { body } = await scrape(port);
    const { code, lines } = await checkMetrics(body);

    expect(
      lines.filter(
        (line) => !/^tyk_http_status\S* counter metrics should have "_total"/.test(line),
      ),
    ).toEqual([]);
    expect(code).toBe(3);
  });

  it('is clean for promtool without those', async () => {
    const { body } = await scrape(port);
    const ours = body
      .split('\n')
      .filter((line) => !/^(# \w+ )?tyk_http/.test(line))
      .join('\n');

    expect(await checkMetrics(ours)).toEqual({ code: 0, lines: [] });
  });
});
