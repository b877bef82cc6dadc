/** Label values by label name. Bounded sets only: a route, an outcome, a failure kind; never a path or a key. */
export type Labels = Readonly<Record<string, string>>;

/** What a metric is: name with unit, one sentence, label names. */
export interface MetricDefinition {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
}

/** Where several threads measure the same gauge: what the process shows. Left out: `sum`. */
export type Across = 'sum' | 'max';

/** One series, kept by whoever counts often: it need not be looked for by its labels. */
export interface CounterSeries {
  add(amount: number): void;
}

export interface HistogramSeries {
  observe(value: number): void;
}

export interface Counter {
  add(amount: number, labels?: Labels): void;
  /** To be asked for once and kept. */
  of(labels: Labels): CounterSeries;
}

export interface Gauge {
  set(value: number, labels?: Labels): void;
}

export interface Histogram {
  observe(value: number, labels?: Labels): void;
  /** To be asked for once and kept. */
  of(labels: Labels): HistogramSeries;
}

/** The metrics port. A definition made twice gives the same metric. */
export interface Metrics {
  counter(definition: MetricDefinition): Counter;
  gauge(definition: MetricDefinition & { readonly across?: Across }): Gauge;
  histogram(definition: MetricDefinition & { readonly buckets: readonly number[] }): Histogram;
}

const nothing = (): void => undefined;

/** Measures nothing; the default of tests. */
export const silentMetrics: Metrics = {
  counter: () => ({ add: nothing, of: () => ({ add: nothing }) }),
  gauge: () => ({ set: nothing }),
  histogram: () => ({ observe: nothing, of: () => ({ observe: nothing }) }),
};
