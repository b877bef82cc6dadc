import type { MetricDefinition } from './definitions.ts';
import { CounterMetric, type Distribution, HistogramMetric, type Metric } from './metric.ts';

export type Format = 'text' | 'openmetrics';

/** Roughly how much is written at once: the event loop has turns in between. */
const chunkSize = 64 * 1024;

/**
 * The page, piece by piece. A name is the same in both formats, so that no series changes its name when Prometheus
 * prefers the other one: a counter without the `_total` that OpenMetrics demands is of type `unknown` there.
 */
export function* writePage(metrics: readonly Metric[], format: Format): Generator<string> {
  let chunk = '';
  for (const metric of [...metrics].sort(byName)) {
    if (metric.store.size === 0) continue;
    chunk += headOf(metric.definition, metrics, format);
    for (const lines of linesOf(metric)) {
      chunk += lines;
      if (chunk.length < chunkSize) continue;
      yield chunk;
      chunk = '';
    }
  }
  chunk += guardLines(metrics, format);
  yield format === 'openmetrics' ? `${chunk}# EOF\n` : chunk;
}

const byName = (one: Metric, other: Metric): number =>
  one.definition.name < other.definition.name ? -1 : 1;

function headOf(
  { name, help, type }: MetricDefinition,
  metrics: readonly Metric[],
  format: Format,
): string {
  if (format === 'text' || type === 'histogram') return head(name, help, type, format);
  const family = name.replace(/_total$/, '');
  const isFree = !metrics.some(({ definition }) => definition.name === family);
  return isFree && family !== ''
    ? head(family, help, 'counter', format)
    : head(name, help, 'unknown', format);
}

function head(name: string, help: string, type: string, format: Format): string {
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  const text = format === 'text' ? escaped : escaped.replaceAll('"', '\\"');
  return `# HELP ${name} ${text}\n# TYPE ${name} ${type}\n`;
}

/** The lines of one series after the other. */
function* linesOf(metric: Metric): Generator<string> {
  const { name, labels, observes, buckets } = metric.definition;
  if (metric instanceof CounterMetric) {
    for (const series of metric.store) {
      const text = labelText(labels, series.labels);
      yield `${name}${text === '' ? '' : `{${text}}`} ${series.value.count}\n`;
    }
  }
  if (metric instanceof HistogramMetric) {
    const bounds = [...buckets.map(String), '+Inf'];
    for (const series of metric.store)
      for (const [at, { type }] of observes.entries()) {
        const distribution = series.value.distributions[at];
        if (distribution === undefined || distribution.count === 0) continue;
        const text = labelText(['type', ...labels], [type, ...series.labels]);
        yield histogramLines(name, text, bounds, distribution);
      }
  }
}

function histogramLines(
  name: string,
  labels: string,
  bounds: readonly string[],
  { counts, sum, count }: Distribution,
): string {
  let lines = '';
  let below = 0;
  bounds.forEach((bound, at) => {
    below += counts[at] ?? 0;
    lines += `${name}_bucket{${labels},le="${bound}"} ${below}\n`;
  });
  return `${lines}${name}_sum{${labels}} ${sum}\n${name}_count{${labels}} ${count}\n`;
}

const labelText = (names: readonly string[], values: readonly string[]): string =>
  names.map((name, at) => `${name}="${escapeValue(values[at] ?? '')}"`).join(',');

const special = /[\\"\n]/;

const escapeValue = (value: string): string =>
  special.test(value)
    ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
    : value;

/** Names of our own on the page: what the limit of series did. */
export const guardNames = [
  'sluice_prometheus_series',
  'sluice_prometheus_overflow_records_total',
] as const;

function guardLines(metrics: readonly Metric[], format: Format): string {
  const [series, overflow] = guardNames;
  const family = format === 'text' ? overflow : overflow.replace(/_total$/, '');
  return [
    head(series, 'Label sets a metric has at the moment.', 'gauge', format),
    ...metrics.map(
      ({ definition, store }) => `${series}{metric="${definition.name}"} ${store.size}\n`,
    ),
    head(
      family,
      'Records counted in the overflow series, for the metric had no room for a further one.',
      'counter',
      format,
    ),
    ...metrics.map(
      ({ definition, store }) => `${overflow}{metric="${definition.name}"} ${store.overflowed}\n`,
    ),
  ].join('');
}
