import type { ByteWriter } from '#pump';
import type { Envelope } from '../envelope.ts';
import {
  beginMessage,
  endMessage,
  putBytes,
  putDouble,
  putFixed64,
  putFloat,
  putHead,
  putLong,
  putNumber,
} from '../proto.ts';
import type { Additions, Counting, Metric } from './counting.ts';
import type { Distribution } from './series.ts';

export type Temporality = 'delta' | 'cumulative';

/** What points count from and to, in nanoseconds since 1970. */
export interface Span {
  readonly start: bigint;
  readonly end: bigint;
}

/** Of `ScopeMetrics`, `Metric`, `Histogram` and `HistogramDataPoint`. */
const metrics = 2;
const metricField = { name: 1, description: 2, unit: 3, histogram: 9 } as const;
const histogramField = { points: 1, temporality: 2 } as const;
const pointField = { start: 2, end: 3, count: 4, sum: 5, counts: 6, bounds: 7 } as const;
const temporalities: Readonly<Record<Temporality, number>> = { delta: 1, cumulative: 2 };

/** Writes what a batch adds to what is counted as a request, with a point for each series that has records in it. */
export function metricsEncoder(
  { metrics: all }: Pick<Counting, 'metrics'>,
  envelope: Envelope,
  temporality: Temporality,
): (additions: Additions, span: Span, out: ByteWriter) => Buffer {
  return (additions, span, out) => {
    envelope.begin(out);
    for (const [at, metric] of all.entries())
      writeMetric(metric, out, () => {
        for (const [{ attributes, totals }, added] of additions) {
          const point = pointOf(temporality, totals[at] as Distribution, added[at] as Distribution);
          if (point.count > 0)
            writePoint({ ...point, bounds: metric.bounds, attributes }, span, out);
        }
        putNumber(out, histogramField.temporality, temporalities[temporality]);
      });
    return envelope.end(out);
  };
}

function writeMetric({ instrument }: Metric, out: ByteWriter, writeHistogram: () => void): void {
  const { name, description, unit } = instrument;
  const metric = beginMessage(out, metrics);
  putBytes(out, metricField.name, Buffer.from(name));
  putBytes(out, metricField.description, Buffer.from(description));
  putBytes(out, metricField.unit, Buffer.from(unit));
  const histogram = beginMessage(out, metricField.histogram);
  writeHistogram();
  endMessage(out, histogram);
  endMessage(out, metric);
}

interface Point {
  readonly counts: readonly number[];
  readonly count: number;
  readonly sum: number;
}

/**
 * Whole numbers. Weights are fractions: what rounding takes from one point stands in a later one, since each is the difference
 * of what was counted by then.
 */
function pointOf(temporality: Temporality, total: Distribution, added: Distribution): Point {
  const isDelta = temporality === 'delta';
  let count = 0;
  const counts = Array.from(added.counts, (more, bucket) => {
    const before = total.counts[bucket] as number;
    const whole = Math.round(before + more) - (isDelta ? Math.round(before) : 0);
    count += whole;
    return whole;
  });
  return { counts, count, sum: isDelta ? added.sum : total.sum + added.sum };
}

function writePoint(
  {
    counts,
    count,
    sum,
    bounds,
    attributes,
  }: Point & { readonly bounds: readonly number[]; readonly attributes: Buffer },
  { start, end }: Span,
  out: ByteWriter,
): void {
  const point = beginMessage(out, histogramField.points);
  putFixed64(out, pointField.start, start);
  putFixed64(out, pointField.end, end);
  putFixed64(out, pointField.count, BigInt(count));
  putDouble(out, pointField.sum, sum);
  putHead(out, pointField.counts, 8 * counts.length);
  for (const each of counts) putLong(out, each);
  putHead(out, pointField.bounds, 8 * bounds.length);
  for (const bound of bounds) putFloat(out, bound);
  out.bytes(attributes);
  endMessage(out, point);
}
