import type { AnalyticsRecord, Batch } from '#pump';
import { definitionsOf, type MetricDefinition } from './definitions.ts';
import { labelSource } from './labels.ts';
import type { Options } from './options.ts';
import { createPathLabel } from './path-label.ts';
import { TextNumbers } from './text-numbers.ts';

/**
 * The samples of the page (without the lines of our own) after these batches, counted the plain way: texts are read from
 * every record, and series are found by them.
 */
export function referenceSamples(options: Options, batches: readonly Batch[]): readonly string[] {
  return definitionsOf(options).flatMap((definition) => {
    const series = new Map<string, PlainSeries>();
    const labelsOf = labelReader(definition, options);
    const { length: durations } = definition.observes;
    const limit = Math.max(1, Math.floor(options.max_series / Math.max(1, durations)));
    for (const { record } of batches.flatMap(({ entries }) => entries)) {
      if (definition.isMcpOnly && !record.flag('mcp_stats.is_mcp')) continue;
      const wanted = labelsOf(record);
      const isFull = options.max_series > 0 && series.size >= limit;
      const hasNoRoom = isFull && !series.has(JSON.stringify(wanted));
      const labels = hasNoRoom ? wanted.map(() => 'overflow') : wanted;
      const key = JSON.stringify(labels);
      const found = series.get(key) ?? { labels, records: [] };
      found.records.push(record);
      series.set(key, found);
    }
    return [...series.values()].flatMap((one) => linesOf(definition, one));
  });
}

interface PlainSeries {
  readonly labels: readonly string[];
  readonly records: AnalyticsRecord[];
}

function labelReader(
  { labels, keyCharacters }: MetricDefinition,
  options: Options,
): (record: AnalyticsRecord) => readonly string[] {
  const path = createPathLabel({
    trackAll: options.track_all_paths,
    templates: options.path_templates,
    foldsIds: options.fold_path_ids,
  });
  const rules = { keyCharacters, path, numbers: new TextNumbers() };
  const sources = labels.map((name) => labelSource(name, rules));
  return (record) => sources.map((source) => source?.read(record) ?? '');
}

function linesOf(
  { name, labels: names, buckets, observes, type }: MetricDefinition,
  { labels, records }: PlainSeries,
): readonly string[] {
  const shown = names.map((label, at) => `${label}="${escaped(labels[at] ?? '')}"`);
  if (type === 'counter')
    return [`${name}${shown.length === 0 ? '' : `{${shown.join(',')}}`} ${records.length}`];
  return observes.flatMap(({ type: duration, field }) => {
    const values = records.map((record) => Number(record.integer(field)));
    const text = [`type="${duration}"`, ...shown].join(',');
    const bucketLines = [...buckets, Number.POSITIVE_INFINITY].map((bound) => {
      const le = bound === Number.POSITIVE_INFINITY ? '+Inf' : String(bound);
      const within = values.filter((value) => value <= bound).length;
      return `${name}_bucket{${text},le="${le}"} ${within}`;
    });
    const sum = values.reduce((one, other) => one + other, 0);
    return [
      ...bucketLines,
      `${name}_sum{${text}} ${sum}`,
      `${name}_count{${text}} ${values.length}`,
    ];
  });
}

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
