import type { AnalyticsRecord, Batch } from '#pump';
import type { Instrument } from './instruments.ts';
import { bucketOf, type Distribution, emptyOf, type Series, SeriesIndex } from './series.ts';

/** An instrument with the bounds of its buckets. */
export interface Metric {
  readonly instrument: Instrument;
  readonly bounds: readonly number[];
}

/** What a batch adds, by series and metric. */
export type Additions = ReadonlyMap<Series, readonly Distribution[]>;

/** Counts batches, and what has been delivered of them. */
export class Counting {
  readonly metrics: readonly Metric[];
  readonly index: SeriesIndex;
  readonly #weighs: boolean;

  constructor(
    metrics: readonly Metric[],
    parts: Omit<ConstructorParameters<typeof SeriesIndex>[0], 'bounds'> & {
      readonly weighs: boolean;
    },
  ) {
    this.metrics = metrics;
    this.index = new SeriesIndex({ ...parts, bounds: metrics.map(({ bounds }) => bounds) });
    this.#weighs = parts.weighs;
  }

  /** What these records are, beside what is counted already. */
  count(batch: Batch): Additions {
    const additions = new Map<Series, readonly Distribution[]>();
    for (const { record } of batch.entries) {
      const series = this.index.of(record);
      let added = additions.get(series);
      if (added === undefined) {
        added = this.metrics.map(({ bounds }) => emptyOf(bounds));
        additions.set(series, added);
      }
      const weight = this.#weighs ? weightOf(record) : 1;
      for (const [at, { instrument, bounds }] of this.metrics.entries()) {
        const value = instrument.read(record);
        if (value === undefined) continue;
        const { counts } = added[at] as Distribution;
        const bucket = bucketOf(bounds, value);
        counts[bucket] = (counts[bucket] as number) + weight;
        (added[at] as Distribution).sum += value * weight;
      }
    }
    return additions;
  }

  /** They are at the receiver. */
  keep(additions: Additions): void {
    for (const [{ totals }, added] of additions)
      for (const [at, total] of totals.entries()) {
        const { counts, sum } = added[at] as Distribution;
        for (const [bucket, count] of counts.entries())
          total.counts[bucket] = (total.counts[bucket] as number) + count;
        total.sum += sum;
      }
  }
}

const weightOf = (record: AnalyticsRecord): number => Math.max(1, record.float('sample_weight'));
