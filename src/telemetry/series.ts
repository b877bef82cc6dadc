/*
 * Counters and histograms of which one series can be kept, for what happens at every request. The library looks for a series
 * anew each time, by a text that it makes of the labels: what the relay counts of a call took 5 µs so, and takes 0.03.
 */
import {
  Counter,
  type CounterConfiguration,
  type MetricObjectWithValues,
  type MetricValueWithName,
} from 'prom-client';
import { ContractError } from '../lib/errors.ts';
import type { CounterSeries, HistogramSeries, Labels, MetricDefinition } from '../lib/metrics.ts';

/** Kept series count by themselves, and the library is told when somebody reads. */
export class SeriesCounter extends Counter {
  readonly #definition: MetricDefinition;
  /** By the values of their labels: whoever is made anew, as sources are at a reload, gets the same one. */
  readonly #tallies = new Map<string, Tally>();

  constructor(configuration: CounterConfiguration<string>) {
    super({ ...configuration, collect: () => this.#tell() });
    const { name, help, labelNames: names = [] } = configuration;
    this.#definition = { name, help, labels: names };
  }

  of(labels: Labels): CounterSeries {
    const key = keyOf(this.#definition, labels);
    const tally = this.#tallies.get(key) ?? new Tally(labels);
    this.#tallies.set(key, tally);
    return tally;
  }

  #tell(): void {
    for (const tally of this.#tallies.values()) {
      const amount = tally.take();
      if (amount !== undefined) this.inc(tally.labels, amount);
    }
  }
}

class Tally implements CounterSeries {
  readonly labels: Labels;
  #amount = 0;
  /** Nothing was added since it was last taken. */
  #isIdle = true;

  constructor(labels: Labels) {
    this.labels = labels;
  }

  add(amount: number): void {
    if (!(amount >= 0)) throw notCountable(amount);
    this.#amount += amount;
    this.#isIdle = false;
  }

  /** Undefined: nothing was added. */
  take(): number | undefined {
    if (this.#isIdle) return undefined;
    const amount = this.#amount;
    this.#amount = 0;
    this.#isIdle = true;
    return amount;
  }
}

/** The same for the same labels. Throws where one was not declared, as the library does when it counts. */
function keyOf({ name, labels: names = [] }: MetricDefinition, labels: Labels): string {
  const unknown = Object.keys(labels).find((label) => !names.includes(label));
  if (unknown !== undefined) throw new ContractError(`${name} has no label ${unknown}`);
  return JSON.stringify(names.map((label) => labels[label]));
}

/** As the library refuses it: where it is counted, not where somebody reads. */
const notCountable = (value: number): ContractError =>
  new ContractError(`a metric cannot count ${value}`);

type Definition = MetricDefinition & { readonly buckets: readonly number[] };

/** A metric for the library's registries, with what they ask of one. */
export class SeriesHistogram {
  readonly name: string;
  readonly #definition: Definition;
  /** By the values of their labels. */
  readonly #series = new Map<string, Distribution>();

  constructor(definition: Definition) {
    this.name = definition.name;
    this.#definition = definition;
    // As the library has it: where there can be only one, it is there before it has counted.
    if ((definition.labels ?? []).length === 0) this.of({}).isShown = true;
  }

  of(labels: Labels): Distribution {
    const key = keyOf(this.#definition, labels);
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const made = new Distribution(labels, this.#definition.buckets);
    this.#series.set(key, made);
    return made;
  }

  /** Whoever keeps the series begins again from nothing. */
  remove(labels: Labels): void {
    this.#series.get(keyOf(this.#definition, labels))?.forget();
  }

  get(): Promise<Omit<MetricObjectWithValues<MetricValueWithName<string>>, 'collect'>> {
    const { name, help } = this.#definition;
    const shown = [...this.#series.values()].filter(({ isShown }) => isShown);
    const values = shown.flatMap((each) => each.values(name));
    // The library's types say a number where its registries compare with a word.
    const type = 'histogram' as unknown as MetricObjectWithValues<never>['type'];
    return Promise.resolve({ ...{ name, help, type, values }, aggregator: 'sum' });
  }
}

class Distribution implements HistogramSeries {
  /** Something was observed. */
  isShown = false;
  readonly #labels: Labels;
  readonly #bounds: readonly number[];
  /** Of each bucket alone; the last is for what is above all bounds. */
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  constructor(labels: Labels, bounds: readonly number[]) {
    this.#labels = labels;
    this.#bounds = bounds;
    this.#counts = [...bounds, Infinity].map(() => 0);
  }

  observe(value: number): void {
    if (!Number.isFinite(value)) throw notCountable(value);
    this.isShown = true;
    let at = 0;
    while (at < this.#bounds.length && value > (this.#bounds[at] ?? Infinity)) at++;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sum += value;
    this.#count += 1;
  }

  forget(): void {
    this.isShown = false;
    this.#counts.fill(0);
    this.#sum = 0;
    this.#count = 0;
  }

  /** As the text format has them: each bucket with all below it. */
  values(name: string): MetricValueWithName<string>[] {
    let below = 0;
    const buckets = this.#counts.map((count, at) => ({
      metricName: `${name}_bucket`,
      labels: { le: this.#bounds[at] ?? '+Inf', ...this.#labels },
      value: (below += count),
    }));
    const labels = { ...this.#labels };
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: this.#sum },
      { metricName: `${name}_count`, labels, value: this.#count },
    ];
  }
}
