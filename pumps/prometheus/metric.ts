import { Buckets } from './buckets.ts';
import type { MetricDefinition } from './definitions.ts';
import { type Series, SeriesStore } from './series-store.ts';

/** What a histogram has observed of one duration. */
export interface Distribution {
  /** How many values fell into each bucket alone; the last is above every bound. */
  readonly counts: Float64Array;
  readonly sum: number;
  readonly count: number;
}

export interface MetricParts {
  readonly definition: MetricDefinition;
  /** Where the values of its labels are among those read from a record. */
  readonly positions: readonly number[];
  /** Where what it observes is among the durations of a record. */
  readonly observed: readonly number[];
  readonly maxSeries: number;
  readonly isAggregated: boolean;
}

/** What all metrics have in common. */
export interface Metric {
  readonly definition: MetricDefinition;
  readonly store: SeriesStore;
  /** Counts one record for the series there (series-store.ts); `weight`: for how many it stands. */
  countAt(at: number, durations: Float64Array, weight: number): void;
  /** The records of one list are all counted. */
  settle(): void;
}

export class CounterMetric implements Metric {
  readonly definition: MetricDefinition;
  readonly store: SeriesStore;

  constructor({ definition, positions, maxSeries }: MetricParts) {
    this.definition = definition;
    this.store = new SeriesStore({ positions, limit: maxSeries, width: 1 });
  }

  countAt(at: number, _: Float64Array, weight: number): void {
    const { cells } = this.store;
    cells[at] = (cells[at] as number) + weight;
  }

  countOf({ at }: Series): number {
    return this.store.cells[at] ?? 0;
  }

  settle(): void {
    // Every record was counted at once.
  }
}

/**
 * The numbers of a series: for each duration it observes the buckets, the sum and the count. In aggregated mode then a
 * total for each of what came since the last mean, and of how many records.
 */
export class HistogramMetric implements Metric {
  readonly definition: MetricDefinition;
  readonly store: SeriesStore;
  readonly #observed: readonly number[];
  readonly #buckets: Buckets;
  /** Of one duration. */
  readonly #width: number;
  readonly #isAggregated: boolean;
  /** In aggregated mode: the series that wait for their mean to be observed. */
  readonly #waiting = new Set<number>();

  constructor({ definition, positions, observed, maxSeries, isAggregated }: MetricParts) {
    const { observes, buckets } = definition;
    this.definition = definition;
    this.#observed = observed;
    this.#buckets = new Buckets(buckets);
    this.#width = buckets.length + 3;
    this.#isAggregated = isAggregated;
    this.store = new SeriesStore({
      positions,
      // Each duration is a series of its own on the page.
      limit: maxSeries === 0 ? 0 : Math.max(1, Math.floor(maxSeries / observes.length)),
      width: observes.length * this.#width + (isAggregated ? observes.length + 1 : 0),
    });
  }

  countAt(at: number, durations: Float64Array, weight: number): void {
    const { cells } = this.store;
    const { length } = this.#observed;
    const totals = at + length * this.#width;
    for (let index = 0; index < length; index++) {
      const duration = durations[this.#observed[index] as number] as number;
      if (this.#isAggregated)
        cells[totals + index] = (cells[totals + index] ?? 0) + duration * weight;
      else this.#observe(cells, at + index * this.#width, duration, weight);
    }
    if (!this.#isAggregated) return;
    const hits = totals + length;
    cells[hits] = (cells[hits] ?? 0) + weight;
    this.#waiting.add(at);
  }

  /** What it has observed of the duration at `index`. */
  distributionOf({ at }: Series, index: number): Distribution {
    const start = at + index * this.#width;
    const sumAt = start + this.#width - 2;
    const { cells } = this.store;
    return {
      counts: cells.subarray(start, sumAt),
      sum: cells[sumAt] ?? 0,
      count: cells[sumAt + 1] ?? 0,
    };
  }

  /** Tyk Pump's aggregation: the mean, cut to an integer, as one observation. */
  settle(): void {
    const { cells } = this.store;
    const { length } = this.definition.observes;
    for (const at of this.#waiting) {
      const totals = at + length * this.#width;
      const hits = cells[totals + length] ?? 1;
      for (let index = 0; index < length; index++)
        this.#observe(
          cells,
          at + index * this.#width,
          Math.trunc((cells[totals + index] ?? 0) / hits),
          1,
        );
      cells.fill(0, totals, totals + length + 1);
    }
    this.#waiting.clear();
  }

  #observe(cells: Float64Array, start: number, value: number, weight: number): void {
    const bucket = start + this.#buckets.of(value);
    const sumAt = start + this.#width - 2;
    cells[bucket] = (cells[bucket] as number) + weight;
    cells[sumAt] = (cells[sumAt] as number) + value * weight;
    cells[sumAt + 1] = (cells[sumAt + 1] as number) + weight;
  }
}
