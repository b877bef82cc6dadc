import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '#pump';
import { aBatch, aPreparedPump, deliverOnce, outcomesOf } from '#pump/testing';
import { until, whyUnavailable } from '../../test/services/process.ts';
import {
  needStatsdExporter,
  type StatsdExporter,
  startStatsdExporter,
} from '../../test/services/statsd-exporter.ts';
import dogstatsd from './index.ts';

const obstacle = await whyUnavailable(needStatsdExporter);

it('the real statsd_exporter is there', ({ skip }) => {
  if (obstacle !== undefined) skip(obstacle);
});

describe.skipIf(obstacle !== undefined)('with a real statsd_exporter', () => {
  let server: StatsdExporter;
  beforeAll(async () => {
    server = await startStatsdExporter();
  });
  afterAll(() => server.stop());

  async function deliver(meta: object, batch: Batch): Promise<void> {
    const verdicts = await deliverOnce(aPreparedPump(dogstatsd, meta), batch);
    expect(new Set(outcomesOf(verdicts))).toEqual(new Set(['delivered']));
  }

  const addresses = {
    UDP: () => `127.0.0.1:${server.port}`,
    TCP: () => `tcp://127.0.0.1:${server.port}`,
    'a Unix socket': () => `unix://${server.socket}`,
  };

  it.each(['UDP', 'TCP', 'a Unix socket'] as const)(
    'shows the totals that were pushed over %s',
    async (name) => {
      const namespace = `over_${name.replaceAll(' ', '_').toLowerCase()}`;
      const meta = {
        address: addresses[name](),
        namespace,
        tags: ['method', 'api_name'],
        fields: ['request_time', 'latency_upstream'],
      };

      await deliver(
        meta,
        aBatch(1_000, (at) => ({
          method: at % 4 === 0 ? 'PUT' : 'GET',
          api_name: 'Über "a" 🐶',
          request_time: at % 10,
          latency: { upstream: 3 },
        })),
      );
      const sample = (metric: string, method: string): string =>
        `${namespace}_${metric}{api_name="Über \\"a\\" 🐶",method="${method}"}`;
      const found = async (metric: string, method: string) =>
        (await server.samples()).get(sample(metric, method));
      await until(
        'all have come',
        async () => {
          const get = await found('latency_upstream_count', 'GET');
          return get === 750 && (await found('latency_upstream_count', 'PUT')) === 250;
        },
        5_000,
      ).catch(() => undefined);

      expect(await found('request_time_count', 'GET')).toBe(750);
      expect(await found('request_time_count', 'PUT')).toBe(250);
      expect(await found('latency_upstream_count', 'PUT')).toBe(250);
    },
  );

  /** It knows only tags with a value: the literal `tyk-pump` of each line, which Datadog takes, is an error to it. */
  it('has no line that cannot be read, and no tag but Tyk’s literal one', async () => {
    const samples = await server.samples();
    const lines = samples.get('statsd_exporter_lines_total');

    expect(lines).toBe(6_000);
    expect(samples.get('statsd_exporter_tag_errors_total')).toBe(lines);
    expect([...samples].filter(([name]) => name.includes('sample_errors_total{'))).toEqual([]);
  });
});
