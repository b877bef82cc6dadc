import { hostPortOf, type Rule, rulesFor, type ServedAt } from '#pump';
import {
  baseMetrics,
  customDefinition,
  definitionsOf,
  type MetricDefinition,
} from './definitions.ts';
import { guardNames } from './exposition.ts';
import { labelNames } from './labels.ts';
import type { CustomMetric, Options } from './options.ts';

const { error, warning } = rulesFor<Options>();

/** What one option alone cannot say. What makes Tyk Pump panic is an error here. */
export function problemsOf(options: Options): readonly Rule[] {
  return [
    ...addressProblems(options),
    ...disabledProblems(options),
    ...options.custom_metrics.flatMap((metric, at) => [
      ...customProblems(metric, `custom_metrics[${at}]`),
    ]),
    ...nameProblems(definitionsOf(options)),
  ];
}

function* addressProblems({ serve_on, listen_address, path }: Options): Iterable<Rule> {
  if (serve_on === 'listener' && hostPortOf(listen_address) === undefined)
    yield error(
      'listen_address',
      listen_address === '' ? 'nothing' : 'a text',
      'host and port, such as ":9090" or "127.0.0.1:9090"',
    );
  if (serve_on === 'admin' && listen_address !== '')
    yield warning('listen_address', 'a text', 'none: with serve_on "admin" it has no effect');
  if (serve_on === 'admin' && pagePath(path) === '/metrics')
    yield error('path', '"/metrics"', 'another path, such as "/tyk/metrics": that one is taken');
}

/** Where the page is. */
export function servedAt({ serve_on, listen_address, path }: Options): readonly ServedAt[] {
  if (serve_on === 'admin') return [{ kind: 'admin-path', option: 'path', path: pagePath(path) }];
  const address = hostPortOf(listen_address);
  return address === undefined ? [] : [{ kind: 'address', option: 'listen_address', ...address }];
}

/** As it is asked for: with a slash in front. */
export const pagePath = (path: string): string =>
  path === '' ? '/metrics' : `/${path.replace(/^\/+/, '')}`;

function* disabledProblems({ disabled_metrics }: Options): Iterable<Rule> {
  const names = baseMetrics.map(({ name }) => name);
  for (const [at, name] of disabled_metrics.entries())
    if (!names.includes(name))
      yield warning(`disabled_metrics[${at}]`, `"${name}"`, `one of ${names.join(', ')}`);
}

function* customProblems(metric: CustomMetric, key: `custom_metrics[${number}]`): Iterable<Rule> {
  const { name, metric_type, labels, buckets } = metric;
  const definition = customDefinition(metric);
  if (definition === undefined) {
    yield warning(
      `${key}.metric_type`,
      `"${metric_type}"`,
      '"counter" or "histogram"; the metric is left out',
    );
    return;
  }
  if (!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name))
    yield error(`${key}.name`, `"${name}"`, 'letters, digits and _, with no digit in front');
  for (const [at, label] of labels.entries()) {
    if (metric_type === 'histogram' && label === 'type') continue;
    if (!labelNames.includes(label))
      yield error(`${key}.labels[${at}]`, `"${label}"`, `one of ${labelNames.join(', ')}`);
    else if (labels.indexOf(label) < at)
      yield error(`${key}.labels[${at}]`, `"${label}", again`, 'each label once');
  }
  if (metric_type === 'counter' && buckets.length > 0)
    yield warning(`${key}.buckets`, 'a list', 'none: a counter has no buckets');
  else if (buckets.length > 0 && buckets.join() !== definition.buckets.join())
    yield warning(`${key}.buckets`, 'a list out of order', 'rising bounds; they are put in order');
  if (metric.obfuscate_api_keys_length > 0 && !metric.obfuscate_api_keys)
    yield warning(`${key}.obfuscate_api_keys_length`, 'a number', 'obfuscate_api_keys as well');
  else if (metric.obfuscate_api_keys_length > 0 && metric.obfuscate_api_keys_length < 4)
    yield warning(
      `${key}.obfuscate_api_keys_length`,
      String(metric.obfuscate_api_keys_length),
      'at least 4; four characters are shown, as Tyk Pump does',
    );
}

/** Names that stand on the page twice make it unreadable. */
function* nameProblems(definitions: readonly MetricDefinition[]): Iterable<Rule> {
  const owners = new Map<string, string>(guardNames.map((name) => [name, 'the pump itself']));
  for (const definition of definitions)
    for (const name of namesOnPage(definition)) {
      const owner = owners.get(name);
      if (owner === undefined) owners.set(name, definition.name);
      else
        yield error(
          'custom_metrics',
          `"${definition.name}", which has the line ${name} as ${owner} has`,
          'a name of its own for each metric; a base metric can be disabled',
        );
    }
}

const namesOnPage = ({ name, type }: MetricDefinition): readonly string[] =>
  type === 'counter' ? [name] : ['', '_bucket', '_sum', '_count'].map((end) => name + end);
