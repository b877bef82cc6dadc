import { httpProblems, httpUrl, type Rule, rulesFor } from '#pump';
import { attributeNames } from './metrics/attributes.ts';
import { metricNames } from './metrics/instruments.ts';
import type { Options } from './options.ts';

const { error, warning } = rulesFor<Options>();

/** What one option alone cannot say. */
export function* problemsOf(options: Options): Iterable<Rule> {
  yield* httpProblems('url', options, 'user and password');
  yield* headerProblems(options);
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

const headerName = /^[!#$%&'*+.^_`|~\w-]+$/;
/** What Node sends: no control character but the tab, no character beyond one byte. */
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;
/** The client's own. */
const framing: ReadonlySet<string> = new Set([
  ...['content-length', 'transfer-encoding', 'connection', 'host', 'content-encoding'],
  ...['content-type', 'te', 'grpc-encoding'],
]);

function* headerProblems({ headers }: Options): Iterable<Rule> {
  for (const [name, value] of Object.entries(headers)) {
    if (!headerName.test(name))
      yield error('headers', 'a name that no header has', 'letters, digits and "-"');
    else if (framing.has(name.toLowerCase()))
      yield error(`headers[${name}]`, 'a header that says how a body is sent', 'it left out');
    if (!headerValue.test(value.reveal()))
      yield error(
        'headers',
        'a value with a line end or another character',
        'printable characters',
      );
  }
}

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
