import type { CustomMetric, Options } from './options.ts';

/** What a histogram observes: a duration of the record, under the value of its `type` label. */
export interface Observed {
  readonly type: 'total' | 'upstream' | 'gateway';
  readonly field: 'request_time' | 'latency.upstream' | 'latency.gateway';
}

/** A metric, with everything the options say about it worked in. */
export interface MetricDefinition {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'histogram';
  /** Without the `type` and `le` of a histogram. */
  readonly labels: readonly string[];
  readonly buckets: readonly number[];
  readonly observes: readonly Observed[];
  readonly isMcpOnly: boolean;
  /** How many characters of a key are shown; undefined: all. */
  readonly keyCharacters: number | undefined;
}

/** Milliseconds. */
const defaultBuckets = [
  1, 2, 5, 7, 10, 15, 20, 25, 30, 40, 50, 60, 70, 80, 90, 100, 200, 300, 400, 500, 1000, 2000, 5000,
  10_000, 30_000, 60_000,
];

const total: Observed = { type: 'total', field: 'request_time' };
const threeWays: readonly Observed[] = [
  total,
  { type: 'upstream', field: 'latency.upstream' },
  { type: 'gateway', field: 'latency.gateway' },
];
const latencyName = 'tyk_latency';

const counter = (name: string, help: string, labels: readonly string[]): MetricDefinition => ({
  name,
  help,
  type: 'counter',
  labels,
  buckets: [],
  observes: [],
  isMcpOnly: false,
  keyCharacters: undefined,
});

/** The metrics of Tyk Pump, letter for letter. */
export const baseMetrics: readonly MetricDefinition[] = [
  counter('tyk_http_status', 'HTTP status codes per API', ['code', 'api']),
  counter('tyk_http_status_per_path', 'HTTP status codes per API path and method', [
    ...['code', 'api', 'path', 'method'],
  ]),
  counter('tyk_http_status_per_key', 'HTTP status codes per API key', ['code', 'key']),
  counter('tyk_http_status_per_oauth_client', 'HTTP status codes per oAuth client id', [
    ...['code', 'client_id'],
  ]),
  {
    ...counter(
      latencyName,
      'Latency added by Tyk, Total Latency, upstream latency, and gateway latency per API',
      ['api'],
    ),
    type: 'histogram',
    buckets: defaultBuckets,
    observes: threeWays,
  },
];

/** The metrics of a configuration: base ones that are not disabled, then custom ones of a known type. */
export function definitionsOf({
  disabled_metrics,
  custom_metrics,
}: Options): readonly MetricDefinition[] {
  return [
    ...baseMetrics.filter(({ name }) => !disabled_metrics.includes(name)),
    ...custom_metrics.flatMap((metric) => customDefinition(metric) ?? []),
  ];
}

/** Tyk Pump always shows four characters of an obfuscated key. */
const leastCharacters = 4;

/** Undefined for a type there is not: Tyk Pump leaves that metric out. */
export function customDefinition(metric: CustomMetric): MetricDefinition | undefined {
  const { name, help, metric_type, labels } = metric;
  if (metric_type !== 'counter' && metric_type !== 'histogram') return undefined;
  const common = {
    name,
    help,
    isMcpOnly: metric.mcp_only,
    keyCharacters: metric.obfuscate_api_keys
      ? Math.max(leastCharacters, metric.obfuscate_api_keys_length)
      : undefined,
  };
  if (metric_type === 'counter')
    return { ...common, type: 'counter', labels, buckets: [], observes: [] };
  return {
    ...common,
    type: 'histogram',
    // A histogram has a `type` of its own.
    labels: labels.filter((label) => label !== 'type'),
    buckets: bucketsOf(metric.buckets),
    observes: name === latencyName ? threeWays : [total],
  };
}

function bucketsOf(given: readonly number[]): readonly number[] {
  if (given.length === 0) return defaultBuckets;
  return [...new Set(given)].sort((one, other) => one - other);
}
