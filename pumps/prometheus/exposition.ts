import { ByteWriter, type Literal, literalOf } from '#pump';
import type { MetricDefinition } from './definitions.ts';
import { CounterMetric, HistogramMetric, type Metric } from './metric.ts';
import type { Series } from './series-store.ts';

export type Format = 'text' | 'openmetrics';

/** Roughly how much is written at once: the event loop has turns in between. */
const chunkSize = 64 * 1024;
/** A series takes less beyond that, but for very many buckets. */
const roomForChunk = chunkSize + 16 * 1024;

/**
 * The page, piece by piece. A name is the same in both formats, so that no series changes its name when Prometheus
 * prefers the other one: a counter without the `_total` that OpenMetrics demands is of type `unknown` there.
 */
export function* writePage(metrics: readonly Metric[], format: Format): Generator<Buffer> {
  const out = new ByteWriter(roomForChunk);
  for (const metric of [...metrics].sort(byName)) {
    if (metric.store.size === 0) continue;
    out.utf8(headOf(metric.definition, metrics, format));
    const write = seriesWriter(metric);
    for (const series of metric.store) {
      write(series, out);
      if (out.length >= chunkSize) yield out.take();
    }
  }
  out.utf8(guardLines(metrics, format));
  if (format === 'openmetrics') out.ascii('# EOF\n');
  yield out.take();
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

type SeriesWriter = (series: Series, out: ByteWriter) => void;

/** Writes the lines of a series. What all series of the metric have in common is made once. */
function seriesWriter(metric: Metric): SeriesWriter {
  if (metric instanceof CounterMetric) return counterWriter(metric);
  return metric instanceof HistogramMetric ? histogramWriter(metric) : () => undefined;
}

function counterWriter(metric: CounterMetric): SeriesWriter {
  const { name, labels } = metric.definition;
  const hasLabels = labels.length > 0;
  const start = literalOf(hasLabels ? `${name}{` : name);
  const behind = literalOf(hasLabels ? '} ' : ' ');
  return (series, out) => {
    out.literal(start);
    out.utf8(shownLabels(labels, series));
    out.literal(behind);
    writeEnd(metric.countOf(series), out);
  };
}

function histogramWriter(metric: HistogramMetric): SeriesWriter {
  const { name, labels, observes, buckets } = metric.definition;
  const bucketStart = literalOf(`${name}_bucket{`);
  const bounds = [...buckets.map(String), '+Inf'].map((bound) => literalOf(`,le="${bound}"} `));
  const totals = { sum: literalOf(`${name}_sum{`), count: literalOf(`${name}_count{`) };
  const types = observes.map(({ type }) => labelText(['type'], [type]));
  const behind = literalOf('} ');
  return (series, out) => {
    const shown = shownLabels(labels, series);
    for (const [at, type] of types.entries()) {
      const { counts, sum, count } = metric.distributionOf(series, at);
      if (count === 0) continue;
      // Made into bytes for the first line, and copied from there for the others.
      const from = out.length + bucketStart.size;
      let to = 0;
      const begin = (start: Literal): void => {
        out.literal(start);
        if (to > 0) out.bytes(out.buffer, from, to);
        else {
          out.utf8(shown === '' ? type : `${type},${shown}`);
          to = out.length;
        }
      };
      let below = 0;
      bounds.forEach((bound, index) => {
        below += counts[index] ?? 0;
        begin(bucketStart);
        out.literal(bound);
        writeEnd(below, out);
      });
      begin(totals.sum);
      out.literal(behind);
      writeEnd(sum, out);
      begin(totals.count);
      out.literal(behind);
      writeEnd(count, out);
    }
  };
}

const lineFeed = 0x0a;

/** The number of a line. */
function writeEnd(value: number, out: ByteWriter): void {
  if (Number.isInteger(value)) out.integer(value);
  else out.ascii(String(value));
  out.byte(lineFeed);
}

/** The labels of a series as a page shows them, worked out for the first page it is on. */
const shownLabels = (names: readonly string[], series: Series): string =>
  (series.shown ??= labelText(names, series.labels));

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
