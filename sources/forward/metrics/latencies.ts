import { type Clock, type Counter, type Gauge, type Labels, type Metrics, millis } from '#source';

const quantiles = [0.5, 0.9, 0.99];
/** So many of each series are looked at: its latest. */
const kept = 1024;
/** Quantiles are worked out so often at most, and only of what has news. */
const pause = millis(1_000);

interface Series {
  readonly labels: Labels;
  /** Seconds, in a ring. */
  readonly latest: Float64Array;
  count: number;
  isNews: boolean;
}

/**
 * What a summary of Prometheus shows: quantiles of the latest, the sum and the count. The port of metrics has no summaries,
 * as one process's quantiles cannot be added to another's; these have the names and labels that DataKit's users know.
 */
export class Latencies {
  readonly #quantile: Gauge;
  readonly #sum: Counter;
  readonly #count: Counter;
  readonly #clock: Clock;
  readonly #series = new Map<string, Series>();
  #isDue = false;

  constructor(
    metrics: Metrics,
    clock: Clock,
    {
      name,
      help,
      labels,
    }: { readonly name: string; readonly help: string; readonly labels: readonly string[] },
  ) {
    this.#clock = clock;
    this.#quantile = metrics.gauge({ name, help, labels: [...labels, 'quantile'], across: 'max' });
    this.#sum = metrics.counter({ name: `${name}_sum`, help: `Sum of ${name}.`, labels });
    this.#count = metrics.counter({ name: `${name}_count`, help: `Count of ${name}.`, labels });
  }

  observe(seconds: number, labels: Labels): void {
    this.#sum.add(seconds, labels);
    this.#count.add(1, labels);
    const key = JSON.stringify(Object.values(labels));
    let series = this.#series.get(key);
    if (series === undefined) {
      series = { labels, latest: new Float64Array(kept), count: 0, isNews: true };
      this.#series.set(key, series);
    }
    series.latest[series.count++ % kept] = seconds;
    series.isNews = true;
    if (this.#isDue) return;
    this.#isDue = true;
    this.#clock.after(pause, () => this.show());
  }

  /** Works out the quantiles now. */
  show(): void {
    this.#isDue = false;
    for (const series of this.#series.values()) {
      if (!series.isNews) continue;
      series.isNews = false;
      const sorted = series.latest.slice(0, Math.min(series.count, kept)).sort();
      for (const quantile of quantiles) {
        const at = Math.min(sorted.length - 1, Math.ceil(quantile * sorted.length) - 1);
        this.#quantile.set(sorted[at] ?? 0, { ...series.labels, quantile: String(quantile) });
      }
    }
  }
}
