import {
  type AnalyticsRecord,
  type Batch,
  type Entry,
  type Millis,
  openSeriesFinder,
  type SeriesFinder,
} from '#pump';
import { definitionsOf, type MetricDefinition } from './definitions.ts';
import { Durations } from './durations.ts';
import { LabelValues } from './label-values.ts';
import { type LabelSource, labelSource } from './labels.ts';
import { CounterMetric, HistogramMetric, type Metric } from './metric.ts';
import type { Options } from './options.ts';
import { createPathLabel } from './path-label.ts';
import { TextNumbers } from './text-numbers.ts';

/** Entries from the one at `from` on. */
interface Stretch {
  readonly entries: readonly Entry[];
  readonly from: number;
  readonly now: Millis;
}

/** All that is counted: what a page shows. */
export class Counting {
  readonly metrics: readonly Metric[];
  readonly #hasMcpOnly: boolean;
  /** Undefined where the runtime has none. */
  readonly #finder: SeriesFinder | undefined;
  readonly #numbers: TextNumbers;
  readonly #values: LabelValues;
  readonly #durations: Durations;
  /** How many sources of labels the finder has, before those of durations. */
  readonly #labels: number;
  readonly #isAggregated: boolean;
  readonly #expiry: Millis | undefined;
  readonly #weighs: boolean;
  /** Of the record before. */
  #list: string | undefined;

  constructor(options: Options, numbers = new TextNumbers(), open = openSeriesFinder) {
    this.#numbers = numbers;
    const sources = new Map<string, LabelSource>();
    const read = (definition: MetricDefinition, label: string): number =>
      positionOf(sources, sourceOf(definition, label));
    const path = createPathLabel({
      trackAll: options.track_all_paths,
      templates: options.path_templates,
      foldsIds: options.fold_path_ids,
    });
    const sourceOf = ({ keyCharacters }: MetricDefinition, label: string): LabelSource =>
      // An unknown label is refused at the start (option-rules.ts).
      labelSource(label, { keyCharacters, path, numbers }) ?? noSource;
    const keys = definitionsOf(options).map((definition) => ({
      definition,
      positions: definition.labels.map((label) => read(definition, label)),
    }));
    const durations = new Durations(keys.map(({ definition }) => definition));
    this.#durations = durations;
    this.#labels = sources.size;
    this.metrics = keys.map((key) =>
      create({
        ...key,
        observed: durations.positionsOf(key.definition),
        maxSeries: options.max_series,
        isAggregated: options.aggregate_observations,
      }),
    );
    this.#hasMcpOnly = keys.some(({ definition }) => definition.isMcpOnly);
    this.#finder = open({
      sources: [...[...sources.values()].map(({ source }) => source), ...durations.sources],
      metrics: keys.map(({ definition, positions }) => ({
        positions,
        only: definition.isMcpOnly ? 'mcp_stats.is_mcp' : undefined,
      })),
    });
    this.#values = new LabelValues([...sources.values()]);
    this.#isAggregated = options.aggregate_observations;
    this.#expiry = options.expire_series_after;
    this.#weighs = options.use_sample_weight;
  }

  /** Counts a batch, all of it. */
  add(batch: Batch, now: Millis): void {
    if (this.#numbers.isUsedUp) this.#renumber();
    this.#list = undefined;
    const { entries } = batch;
    const finder = this.#finder;
    for (let at = 0; at < entries.length; ) {
      const count = finder?.load(entries, at) ?? at - entries.length;
      const end = at + Math.abs(count);
      if (finder !== undefined && count > 0) this.#addFound(finder, { entries, from: at, now });
      else for (; at < end; at++) this.#addOne(entries[at] as Entry, now);
      at = end;
    }
    this.#settle();
  }

  #addOne({ segment, record }: Entry, now: Millis): void {
    this.#begin(segment);
    this.#values.use(record);
    this.#durations.read(record);
    const weight = this.#weightOf(record);
    const isMcp = this.#hasMcpOnly && record.flag('mcp_stats.is_mcp');
    for (const metric of this.metrics) {
      if (metric.definition.isMcpOnly && !isMcp) continue;
      metric.countAt(metric.store.find(this.#values, now), this.#durations.values, weight);
    }
  }

  /** Those that the finder has taken, from the entry at `from` on. */
  #addFound(finder: SeriesFinder, { entries, from, now }: Stretch): void {
    for (let next = 0; ; ) {
      const found = finder.find();
      for (; next < found; next++)
        this.#countFound(finder, next, entries[from + next] as Entry, now);
      if (found === finder.count) return;
      this.#values.hold((entries[from + found] as Entry).record);
      const { at, isPassing } = (this.metrics[finder.missed] as Metric).store.look(this.#values);
      finder.found(at, isPassing);
    }
  }

  /** Not within the loop: V8 would enter that too seldom to compile it well. */
  #countFound(finder: SeriesFinder, index: number, { segment, record }: Entry, now: Millis): void {
    this.#begin(segment);
    this.#durations.readFound(record, finder, index, this.#labels);
    const weight = this.#weightOf(record);
    for (let each = 0; each < this.metrics.length; each++) {
      const at = finder.placeOf(index, each);
      if (at === 0) continue;
      const metric = this.metrics[each] as Metric;
      metric.store.touch(at, now);
      metric.countAt(at, this.#durations.values, weight);
    }
  }

  /** A mean is of one list, as in Tyk Pump, though a batch may have records of several. */
  #begin(list: string): void {
    if (this.#isAggregated && this.#list !== list) this.#settle();
    this.#list = list;
  }

  #weightOf(record: AnalyticsRecord): number {
    return this.#weighs ? Math.max(1, record.float('sample_weight')) : 1;
  }

  /** Forgets the series that were not seen for long. Asked for with each page: between pages nobody misses them. */
  expire(now: Millis): void {
    const expiry = this.#expiry;
    if (expiry === undefined) return;
    for (const [index, { store }] of this.metrics.entries())
      if (store.expire((now - expiry) as Millis)) this.#finder?.forget(index);
  }

  #renumber(): void {
    this.#numbers.forget();
    for (const { store } of this.metrics) store.forgetNumbers();
  }

  #settle(): void {
    if (this.#isAggregated) for (const metric of this.metrics) metric.settle();
  }
}

const noSource: LabelSource = {
  id: '',
  read: () => '',
  number: () => 0,
  source: { form: 'none' },
};

const create = (parts: ConstructorParameters<typeof CounterMetric>[0]): Metric =>
  parts.definition.type === 'counter' ? new CounterMetric(parts) : new HistogramMetric(parts);

/** Sources with the same id share a place. */
function positionOf(sources: Map<string, LabelSource>, source: LabelSource): number {
  if (!sources.has(source.id)) sources.set(source.id, source);
  return [...sources.keys()].indexOf(source.id);
}
