import type { Millis } from '../../lib/units.ts';
import type { Snapshot } from '../metrics.ts';
import { type About, hrTime } from './about.ts';
import {
  AggregationTemporality,
  DataPointType,
  type MetricData,
  type ResourceMetrics,
  ValueType,
} from './library.ts';

interface Times {
  /** Since when counters count. */
  readonly since: Millis;
  readonly now: Millis;
}

/**
 * The metrics of the page as OTLP has them, under their names there: a Collector that exposes them to Prometheus gives the same
 * names again. What is no number is left out, for it says nothing.
 */
export function metricsData(snapshot: Snapshot, about: About, times: Times): ResourceMetrics {
  const metrics = snapshot.flatMap((metric) => metricData(metric, times) ?? []);
  return { resource: about.resource, scopeMetrics: [{ scope: about.scope, metrics }] };
}

type Metric = Snapshot[number];
type Value = Metric['values'][number] & { readonly metricName?: string };

function metricData(metric: Metric, times: Times): MetricData | undefined {
  const { name, help: description } = metric;
  const descriptor = { name, description, unit: unitOf(name), valueType: ValueType.DOUBLE };
  const aggregationTemporality = AggregationTemporality.CUMULATIVE;
  const values: readonly Value[] = metric.values;
  const time = { startTime: hrTime(times.since), endTime: hrTime(times.now) };
  const points = (some: readonly Value[]) =>
    some
      .filter(({ value }) => Number.isFinite(value))
      .map(({ labels, value }) => ({ ...time, attributes: textsOf(labels), value }));
  // The library's own type says a number where the values say a name.
  switch (String(metric.type)) {
    case 'counter': {
      const dataPoints = points(values);
      if (dataPoints.length === 0) return undefined;
      const dataPointType = DataPointType.SUM as const;
      const isMonotonic = true;
      return { descriptor, aggregationTemporality, dataPointType, isMonotonic, dataPoints };
    }
    case 'gauge': {
      const dataPoints = points(values);
      if (dataPoints.length === 0) return undefined;
      return {
        ...{ descriptor, aggregationTemporality, dataPoints },
        dataPointType: DataPointType.GAUGE,
      };
    }
    case 'histogram': {
      const dataPoints = histograms(metric.name, values).map(({ labels, value }) => ({
        ...{ ...time, attributes: labels, value },
      }));
      if (dataPoints.length === 0) return undefined;
      return {
        ...{ descriptor, aggregationTemporality, dataPoints },
        dataPointType: DataPointType.HISTOGRAM,
      };
    }
    default:
      return undefined;
  }
}

interface Distribution {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: {
    readonly buckets: { readonly boundaries: number[]; readonly counts: number[] };
    readonly sum: number;
    readonly count: number;
  };
}

/** Prometheus has a value for each bucket, which counts what is in smaller ones too; OTLP has one for all. */
function histograms(name: string, values: readonly Value[]): readonly Distribution[] {
  const found = new Map<
    string,
    { labels: Record<string, string>; bounds: [number, number][]; sum: number; count: number }
  >();
  for (const { metricName, labels, value } of values) {
    const { le, ...own } = textsOf(labels);
    const key = JSON.stringify(Object.entries(own).sort());
    const one = found.get(key) ?? { labels: own, bounds: [], sum: 0, count: 0 };
    found.set(key, one);
    if (metricName === `${name}_sum`) one.sum = value;
    else if (metricName === `${name}_count`) one.count = value;
    else if (le !== undefined && le !== '+Inf') one.bounds.push([Number(le), value]);
  }
  return [...found.values()].map(({ labels, bounds, sum, count }) => {
    bounds.sort(([a], [b]) => a - b);
    const below = [...bounds.map(([, upTo]) => upTo), count];
    const counts = below.map((upTo, at) => upTo - (below[at - 1] ?? 0));
    return {
      labels,
      value: { buckets: { boundaries: bounds.map(([le]) => le), counts }, sum, count },
    };
  });
}

const textsOf = (labels: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]));

/** By what a name ends with, as Prometheus has it. Not that of a mere number: a Collector would add it to the name. */
function unitOf(name: string): string {
  const [, unit = ''] = /_(seconds|bytes|ratio)(?:_total)?$/.exec(name) ?? [];
  return units[unit] ?? '';
}

const units: Readonly<Record<string, string>> = { seconds: 's', bytes: 'By', ratio: '1' };
