import type { AnalyticsRecord, Millis } from '#pump';
import type { MetricDefinition } from './definitions.ts';
import { SeriesStore } from './series-store.ts';

/** What a histogram has observed of one duration. */
export interface Distribution {
  /** How many values fell into each bucket alone; the last is above every bound. */
  readonly counts: number[];
  sum: number;
  count: number;
}

interface Counted {
  count: number;
}

interface Observations {
  /** One for each duration the metric observes. */
  readonly distributions: readonly Distribution[];
  /** In aggregated mode, what came since the last mean: a total for each duration, and of how many records. */
  readonly totals: number[];
  hits: number;
}

export interface MetricParts {
  readonly definition: MetricDefinition;
  /** Where the values of its labels are among those read from a record. */
  readonly positions: readonly number[];
  readonly maxSeries: number;
  readonly isAggregated: boolean;
}

/** What all metrics have in common. */
export interface Metric {
  readonly definition: MetricDefinition;
  readonly store: SeriesStore<unknown>;
  /** Counts one record, whose label values were read before. */
  count(values: readonly string[], record: AnalyticsRecord, now: Millis): void;
  /** The records of one list are all counted. */
  settle(): void;
}

export class CounterMetric implements Metric {
  readonly definition: MetricDefinition;
  readonly store: SeriesStore<Counted>;
  readonly #positions: readonly number[];

  constructor({ definition, positions, maxSeries }: MetricParts) {
    this.definition = definition;
    this.#positions = positions;
    this.store = new SeriesStore<Counted>({
      labels: positions.length,
      limit: maxSeries,
      create: () => ({ count: 0 }),
    });
  }

  count(values: readonly string[], _: AnalyticsRecord, now: Millis): void {
    this.store.at(values, this.#positions, now).value.count += 1;
  }

  settle(): void {
    // Every record was counted at once.
  }
}

export class HistogramMetric implements Metric {
  readonly definition: MetricDefinition;
  readonly store: SeriesStore<Observations>;
  readonly #positions: readonly number[];
  readonly #isAggregated: boolean;
  /** In aggregated mode: the series that wait for their mean to be observed. */
  readonly #waiting = new Set<Observations>();

  constructor({ definition, positions, maxSeries, isAggregated }: MetricParts) {
    const { observes, buckets } = definition;
    this.definition = definition;
    this.#positions = positions;
    this.#isAggregated = isAggregated;
    this.store = new SeriesStore<Observations>({
      labels: positions.length,
      // Each duration is a series of its own on the page.
      limit: maxSeries === 0 ? 0 : Math.max(1, Math.floor(maxSeries / observes.length)),
      create: () => ({
        distributions: observes.map(() => ({
          counts: Array.from({ length: buckets.length + 1 }, () => 0),
          sum: 0,
          count: 0,
        })),
        totals: observes.map(() => 0),
        hits: 0,
      }),
    });
  }

  count(values: readonly string[], record: AnalyticsRecord, now: Millis): void {
    const { value } = this.store.at(values, this.#positions, now);
    const { observes } = this.definition;
    for (let at = 0; at < observes.length; at++) {
      const field = observes[at]?.field;
      if (field === undefined) continue;
      const duration = Number(record.integer(field));
      if (this.#isAggregated) value.totals[at] = (value.totals[at] ?? 0) + duration;
      else this.#observe(value.distributions[at], duration);
    }
    if (!this.#isAggregated) return;
    value.hits += 1;
    this.#waiting.add(value);
  }

  /** Tyk Pump's aggregation: the mean, cut to an integer, as one observation. */
  settle(): void {
    for (const value of this.#waiting) {
      value.distributions.forEach((distribution, at) => {
        this.#observe(distribution, Math.trunc((value.totals[at] ?? 0) / value.hits));
        value.totals[at] = 0;
      });
      value.hits = 0;
    }
    this.#waiting.clear();
  }

  #observe(distribution: Distribution | undefined, value: number): void {
    if (distribution === undefined) return;
    const bucket = bucketOf(this.definition.buckets, value);
    distribution.counts[bucket] = (distribution.counts[bucket] ?? 0) + 1;
    distribution.sum += value;
    distribution.count += 1;
  }
}

/** The first bucket whose bound is not below the value. */
function bucketOf(bounds: readonly number[], value: number): number {
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((bounds[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
