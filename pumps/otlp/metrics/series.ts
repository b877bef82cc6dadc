import type { AnalyticsRecord } from '#pump';
import type { Label, ReadLabel } from './attributes.ts';
import { overflowLabel } from './attributes.ts';

/** One set of attributes, with what has been counted of it in each metric. */
export interface Series {
  readonly attributes: Buffer;
  /** By metric. */
  readonly totals: Distribution[];
}

/** How many values lie in each bucket, and their sum. */
export interface Distribution {
  readonly counts: Float64Array;
  sum: number;
}

/**
 * Finds the series of records, as many as there may be; those that come when there are so many already share one, whose
 * attribute says so. Which are known does not depend on what became of the batches that they came in.
 */
export class SeriesIndex {
  readonly #labels: readonly ReadLabel[];
  readonly #fixed: readonly Label[];
  readonly #most: number;
  readonly #bounds: readonly (readonly number[])[];
  readonly #known = new Map<string, Series>();
  #overflow: Series | undefined;

  constructor(parts: {
    readonly labels: readonly ReadLabel[];
    readonly fixed: readonly Label[];
    readonly most: number;
    /** Of the buckets, by metric. */
    readonly bounds: readonly (readonly number[])[];
  }) {
    this.#labels = parts.labels;
    this.#fixed = parts.fixed;
    this.#most = parts.most;
    this.#bounds = parts.bounds;
  }

  get isFull(): boolean {
    return this.#overflow !== undefined;
  }

  of(record: AnalyticsRecord): Series {
    let id = '';
    for (const read of this.#labels) id += read(record).id;
    const found = this.#known.get(id);
    if (found !== undefined) return found;
    // The overflow is one of them.
    if (this.#known.size >= this.#most - 1) return (this.#overflow ??= this.#create(overflowLabel));
    const labels = [...this.#fixed, ...this.#labels.map((read) => read(record))];
    const series = this.#create(Buffer.concat(labels.map(({ bytes }) => bytes)));
    this.#known.set(id, series);
    return series;
  }

  /** Counts from 0 again, with the same series. */
  forgetTotals(): void {
    for (const series of [...this.#known.values(), ...(this.#overflow ? [this.#overflow] : [])])
      for (const total of series.totals) {
        total.counts.fill(0);
        total.sum = 0;
      }
  }

  #create(attributes: Buffer): Series {
    return { attributes, totals: this.#bounds.map((bounds) => emptyOf(bounds)) };
  }
}

/** Of values above the last bound there is one bucket more. */
export const emptyOf = (bounds: readonly number[]): Distribution => ({
  counts: new Float64Array(bounds.length + 1),
  sum: 0,
});

/** A bound belongs to the bucket below it. */
export function bucketOf(bounds: readonly number[], value: number): number {
  let bucket = 0;
  while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket += 1;
  return bucket;
}
