import type { Batch, Millis } from '#pump';
import { definitionsOf, type MetricDefinition } from './definitions.ts';
import { LabelValues } from './label-values.ts';
import { type LabelSource, labelSource } from './labels.ts';
import { CounterMetric, HistogramMetric, type Metric } from './metric.ts';
import type { Options } from './options.ts';
import { createPathLabel } from './path-label.ts';
import { TextNumbers } from './text-numbers.ts';

/** All that is counted: what a page shows. */
export class Counting {
  readonly metrics: readonly Metric[];
  readonly #general: readonly Metric[];
  readonly #mcpOnly: readonly Metric[];
  readonly #numbers: TextNumbers;
  readonly #values: LabelValues;
  readonly #isAggregated: boolean;
  readonly #expiry: Millis | undefined;
  readonly #weighs: boolean;

  constructor(options: Options, numbers = new TextNumbers()) {
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
    this.metrics = definitionsOf(options).map((definition) =>
      create({
        definition,
        positions: definition.labels.map((label) => read(definition, label)),
        maxSeries: options.max_series,
        isAggregated: options.aggregate_observations,
      }),
    );
    this.#general = this.metrics.filter(({ definition }) => !definition.isMcpOnly);
    this.#mcpOnly = this.metrics.filter(({ definition }) => definition.isMcpOnly);
    this.#values = new LabelValues([...sources.values()]);
    this.#isAggregated = options.aggregate_observations;
    this.#expiry = options.expire_series_after;
    this.#weighs = options.use_sample_weight;
  }

  /** Counts a batch, all of it. */
  add(batch: Batch, now: Millis): void {
    if (this.#numbers.isUsedUp) this.#renumber();
    let list: string | undefined;
    for (const { segment, record } of batch.entries) {
      // A mean is of one list, as in Tyk Pump, though a batch may have records of several.
      if (this.#isAggregated && list !== segment) this.#settle();
      list = segment;
      this.#values.use(record);
      const weight = this.#weighs ? Math.max(1, record.float('sample_weight')) : 1;
      for (const metric of this.#general) metric.count(this.#values, record, now, weight);
      if (this.#mcpOnly.length > 0 && record.flag('mcp_stats.is_mcp'))
        for (const metric of this.#mcpOnly) metric.count(this.#values, record, now, weight);
    }
    this.#settle();
  }

  /** Forgets the series that were not seen for long. Asked for with each page: between pages nobody misses them. */
  expire(now: Millis): void {
    const expiry = this.#expiry;
    if (expiry === undefined) return;
    for (const { store } of this.metrics) store.expire((now - expiry) as Millis);
  }

  #renumber(): void {
    this.#numbers.forget();
    for (const { store } of this.metrics) store.forgetNumbers();
  }

  #settle(): void {
    if (this.#isAggregated) for (const metric of this.metrics) metric.settle();
  }
}

const noSource: LabelSource = { id: '', read: () => '', number: () => 0 };

const create = (parts: ConstructorParameters<typeof CounterMetric>[0]): Metric =>
  parts.definition.type === 'counter' ? new CounterMetric(parts) : new HistogramMetric(parts);

/** Sources with the same id share a place. */
function positionOf(sources: Map<string, LabelSource>, source: LabelSource): number {
  if (!sources.has(source.id)) sources.set(source.id, source);
  return [...sources.keys()].indexOf(source.id);
}
