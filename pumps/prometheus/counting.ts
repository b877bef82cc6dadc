import type { Batch, Millis } from '#pump';
import { definitionsOf, type MetricDefinition } from './definitions.ts';
import { type LabelSource, labelSource } from './labels.ts';
import { CounterMetric, HistogramMetric, type Metric } from './metric.ts';
import type { Options } from './options.ts';
import { createPathLabel } from './path-label.ts';

/** All that is counted: what a page shows. */
export class Counting {
  readonly metrics: readonly Metric[];
  readonly #general: readonly Metric[];
  readonly #mcpOnly: readonly Metric[];
  readonly #sources: readonly LabelSource[];
  /** Label values of the record at hand, one for each source. */
  readonly #values: string[];
  readonly #isAggregated: boolean;
  readonly #expiry: Millis | undefined;

  constructor(options: Options) {
    const sources = new Map<string, LabelSource>();
    const read = (definition: MetricDefinition, label: string): number =>
      positionOf(sources, sourceOf(definition, label));
    const pathLabel = createPathLabel({
      trackAll: options.track_all_paths,
      templates: options.path_templates,
      foldsIds: options.fold_path_ids,
    });
    const sourceOf = ({ keyCharacters }: MetricDefinition, label: string): LabelSource =>
      // An unknown label is refused at the start (option-rules.ts).
      labelSource(label, { keyCharacters, pathLabel }) ?? { id: '', read: () => '' };
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
    this.#sources = [...sources.values()];
    this.#values = this.#sources.map(() => '');
    this.#isAggregated = options.aggregate_observations;
    this.#expiry = options.expire_series_after;
  }

  /** Counts a batch, all of it. */
  add(batch: Batch, now: Millis): void {
    const values = this.#values;
    let list = '';
    for (const { id, record } of batch) {
      // A mean is of one list, as in Tyk Pump, though a batch may have records of several.
      if (this.#isAggregated && !id.startsWith(list)) this.#settle();
      if (this.#isAggregated) list = id.slice(0, id.lastIndexOf(':') + 1);
      for (let at = 0; at < values.length; at++) values[at] = this.#sources[at]?.read(record) ?? '';
      for (const metric of this.#general) metric.count(values, record, now);
      if (this.#mcpOnly.length > 0 && record.flag('mcp_stats.is_mcp'))
        for (const metric of this.#mcpOnly) metric.count(values, record, now);
    }
    this.#settle();
  }

  /** Forgets the series that were not seen for long. Asked for with each page: between pages nobody misses them. */
  expire(now: Millis): void {
    const expiry = this.#expiry;
    if (expiry === undefined) return;
    for (const { store } of this.metrics) store.expire((now - expiry) as Millis);
  }

  #settle(): void {
    if (this.#isAggregated) for (const metric of this.metrics) metric.settle();
  }
}

const create = (parts: ConstructorParameters<typeof CounterMetric>[0]): Metric =>
  parts.definition.type === 'counter' ? new CounterMetric(parts) : new HistogramMetric(parts);

/** Sources with the same id share a place. */
function positionOf(sources: Map<string, LabelSource>, source: LabelSource): number {
  if (!sources.has(source.id)) sources.set(source.id, source);
  return [...sources.keys()].indexOf(source.id);
}
