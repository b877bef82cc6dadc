import { headerProblems, httpProblems, httpUrl, type Rule, rulesFor } from '#pump';
import { attributeNames } from './metrics/attributes.ts';
import { metricNames } from './metrics/instruments.ts';
import type { Options } from './options.ts';

const { error, warning } = rulesFor<Options>();

/** What one option alone cannot say. */
export function* problemsOf(options: Options): Iterable<Rule> {
  yield* httpProblems('url', options, 'user and password');
  yield* headerProblems(options, own);
  yield* grpcProblems(options);
  if (options.signal === 'metrics') yield* metricProblems(options);
}

function* grpcProblems({ url, protocol }: Options): Iterable<Rule> {
  const address = httpUrl(url.reveal());
  if (protocol === 'grpc' && address !== undefined && address.pathname + address.search !== '/')
    yield warning(
      'url',
      'a path or a query',
      'none with gRPC, which has its own; they are left out',
    );
}

/** What a request of OTLP has of itself. */
const own: readonly string[] = ['content-type', 'te', 'grpc-encoding'];

function* metricProblems(options: Options): Iterable<Rule> {
  const { metrics, metric_attributes, buckets } = options;
  if (metrics.length === 0)
    yield error('metrics', 'nothing', `at least one of ${metricNames.join(', ')}`);
  for (const [at, name] of metrics.entries())
    if (!metricNames.includes(name))
      yield error(`metrics[${at}]`, `"${name}"`, `one of ${metricNames.join(', ')}`);
  for (const [at, name] of metric_attributes.entries())
    if (!attributeNames.includes(name))
      yield error(`metric_attributes[${at}]`, `"${name}"`, `one of ${attributeNames.join(', ')}`);
    else if (metric_attributes.indexOf(name) !== at)
      yield error(`metric_attributes[${at}]`, `"${name}" again`, 'it once');
  if (metric_attributes.includes('tyk.api.key'))
    yield warning('metric_attributes', '"tyk.api.key"', 'none that has many values');
  if (buckets.some((bound, at) => !(bound > (buckets[at - 1] ?? -Infinity))))
    yield error('buckets', 'bounds out of order', 'each larger than the one before');
}
