import { expect, it } from 'vitest';
import { millis } from '../../lib/units.ts';
import { createMetrics, createThreadMetrics } from '../metrics.ts';
import { aboutProcess } from './about.ts';
import { AggregationTemporality, DataPointType } from './library.ts';
import { metricsData } from './metrics-data.ts';

const about = aboutProcess({
  ...{ version: '1.2.3', instance: 'here-1', host: 'here' },
  attributes: { 'service.name': 'sluice' },
});
const times = { since: millis(1_500.25), now: millis(60_000) };
const common = { startTime: [1, 500_250_000], endTime: [60, 0] };
const cumulative = { aggregationTemporality: AggregationTemporality.CUMULATIVE };

it('gives everything that threads count under its own name, with its kind, unit and bounds', async () => {
  const [main, thread] = [createMetrics({ version: '1.2.3' }), createThreadMetrics()];
  for (const metrics of [main, thread]) {
    metrics
      .counter({ name: 'c_bytes_total', help: 'Counted.', labels: ['route'] })
      .add(2, { route: 'A' });
    metrics.gauge({ name: 'g_ratio', help: 'Gauge.', across: 'max' }).set(0.5);
    const histogram = { name: 'h_seconds', help: 'Times.', labels: ['route'], buckets: [0.1, 1] };
    for (const value of [0.05, 0.5, 0.7, 5])
      metrics.histogram(histogram).observe(value, { route: 'A' });
    metrics.gauge({ name: 'not_a_number', help: 'Nothing.' }).set(Number.NaN);
  }
  const snapshot = await main.everything([await thread.snapshot()]);

  const { resource, scopeMetrics } = metricsData(snapshot, about, times);

  expect(resource.attributes).toEqual({
    ...{ 'service.name': 'sluice', 'service.version': '1.2.3' },
    ...{ 'service.instance.id': 'here-1', 'host.name': 'here' },
  });
  const metrics = scopeMetrics[0]?.metrics ?? [];
  const found = (name: string) => metrics.find(({ descriptor }) => descriptor.name === name);
  expect(found('c_bytes_total')).toMatchObject({
    descriptor: { description: 'Counted.', unit: 'By' },
    ...{ ...cumulative, dataPointType: DataPointType.SUM, isMonotonic: true },
    dataPoints: [{ ...common, attributes: { route: 'A' }, value: 4 }],
  });
  expect(found('g_ratio')).toMatchObject({
    descriptor: { description: 'Gauge.', unit: '1' },
    dataPointType: DataPointType.GAUGE,
    dataPoints: [{ ...common, attributes: {}, value: 0.5 }],
  });
  expect(found('h_seconds')).toMatchObject({
    descriptor: { description: 'Times.', unit: 's' },
    ...{ ...cumulative, dataPointType: DataPointType.HISTOGRAM },
    dataPoints: [
      {
        ...{ ...common, attributes: { route: 'A' } },
        value: {
          buckets: { boundaries: [0.1, 1], counts: [2, 4, 2] },
          ...{ sum: expect.closeTo(12.5) as unknown, count: 8 },
        },
      },
    ],
  });
  expect(found('not_a_number')).toBeUndefined();
  expect(found('sluice_build_info')).toMatchObject({
    descriptor: { unit: '' },
    dataPoints: [{ attributes: { version: '1.2.3' }, value: 1 }],
  });
  expect(found('process_cpu_seconds_total')?.descriptor.unit).toBe('s');
});
