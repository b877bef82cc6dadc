/**
 * What the dashboard shows, as data: each panel is a question about calls. Fields have the names of docs/fields.md, in queries within
 * braces; what they are called in documents is found when the objects are made. A panel whose fields the documents have not is left out.
 */
export interface Panel {
  /** Part of the object's id: stays from version to version. */
  readonly id: string;
  readonly title: string;
  /** What it answers. */
  readonly description: string;
  readonly chart: Chart;
  /** In the 48 columns of a dashboard. */
  readonly width: number;
  readonly height: number;
  /** Narrows all of it. */
  readonly query?: string;
  /** From the coarse to the fine. */
  readonly groups: readonly Group[];
  readonly metrics: readonly [Metric, ...Metric[]];
}

export type Chart = 'number' | 'bars' | 'lines' | 'table' | 'ring' | 'map';

export type Group =
  | { readonly by: 'time' }
  /** The values with the highest first metric. */
  | { readonly by: 'field'; readonly field: string; readonly label: string; readonly size: number }
  | { readonly by: 'filters'; readonly filters: readonly Filter[] }
  /** Of a map. */
  | { readonly by: 'place'; readonly field: string };

export interface Filter {
  readonly label: string;
  readonly query: string;
}

export type Metric = { readonly label: string; readonly unit?: 'bytes' } & (
  | { readonly of: 'count'; readonly query?: string }
  /** The part of the calls that a query finds. */
  | { readonly of: 'share'; readonly query: string }
  | { readonly of: 'percentile'; readonly field: string; readonly percentile: number }
  | { readonly of: 'average' | 'distinct' | 'latest'; readonly field: string }
);

const calls: Metric = { of: 'count', label: 'Calls' };
const failed = '{response_code} >= 500';
const errors: Metric = { of: 'count', label: 'Errors', query: failed };
const p95: Metric = {
  of: 'percentile',
  field: 'request_time',
  percentile: 95,
  label: '95% within, ms',
};
const top = (field: string, label: string, size = 15): Group => ({
  by: 'field',
  field,
  label,
  size,
});
const time: Group = { by: 'time' };

export const panels: readonly Panel[] = [
  {
    id: 'number-of-calls',
    title: 'Calls',
    description: 'How many calls there were in the time that is chosen.',
    chart: 'number',
    width: 12,
    height: 6,
    groups: [],
    metrics: [calls],
  },
  {
    id: 'number-of-errors',
    title: 'Errors (5xx)',
    description: 'How many calls ended with a status of 500 or above.',
    chart: 'number',
    width: 12,
    height: 6,
    query: failed,
    groups: [],
    metrics: [calls],
  },
  {
    id: 'p95',
    title: '95% within, ms',
    description: 'The time within which 95 of 100 calls were answered.',
    chart: 'number',
    width: 12,
    height: 6,
    groups: [],
    metrics: [p95],
  },
  {
    id: 'keys-used',
    title: 'Keys in use',
    description: 'How many different keys made calls, about.',
    chart: 'number',
    width: 12,
    height: 6,
    groups: [],
    metrics: [{ of: 'distinct', field: 'api_key', label: 'Keys' }],
  },
  {
    id: 'traffic',
    title: 'Traffic by status',
    description:
      'How many calls there were, and how they ended: a wave of red is yours, of yellow your clients’.',
    chart: 'bars',
    width: 24,
    height: 14,
    groups: [
      {
        by: 'filters',
        filters: [
          { label: '2xx', query: '{response_code} >= 200 and {response_code} < 300' },
          { label: '3xx', query: '{response_code} >= 300 and {response_code} < 400' },
          { label: '4xx', query: '{response_code} >= 400 and {response_code} < 500' },
          { label: '5xx', query: failed },
        ],
      },
      time,
    ],
    metrics: [calls],
  },
  {
    id: 'error-rate',
    title: 'Error rate',
    description: 'Which part of the calls ended with a status of 500 or above.',
    chart: 'lines',
    width: 24,
    height: 14,
    groups: [time],
    metrics: [{ of: 'share', label: 'Errors (5xx)', query: failed }],
  },
  {
    id: 'latency',
    title: 'Latency, ms',
    description: 'The time within which half, 95% and 99% of the calls were answered.',
    chart: 'lines',
    width: 24,
    height: 14,
    groups: [time],
    metrics: [
      { of: 'percentile', field: 'request_time', percentile: 50, label: '50% within' },
      { of: 'percentile', field: 'request_time', percentile: 95, label: '95% within' },
      { of: 'percentile', field: 'request_time', percentile: 99, label: '99% within' },
    ],
  },
  {
    id: 'upstream',
    title: 'Latency of the upstream, ms',
    description: 'Which part of the latency was spent behind the gateway.',
    chart: 'lines',
    width: 24,
    height: 14,
    groups: [time],
    metrics: [
      {
        of: 'percentile',
        field: 'latency.upstream',
        percentile: 95,
        label: 'Upstream, 95% within',
      },
      { of: 'percentile', field: 'latency.total', percentile: 95, label: 'Total, 95% within' },
    ],
  },
  {
    id: 'methods',
    title: 'Methods',
    description: 'Which HTTP methods were used, and how much.',
    chart: 'ring',
    width: 12,
    height: 14,
    groups: [top('method', 'Method', 10)],
    metrics: [calls],
  },
  {
    id: 'statuses',
    title: 'Status codes',
    description: 'With which status codes calls ended, the most frequent first.',
    chart: 'table',
    width: 12,
    height: 14,
    groups: [top('response_code', 'Status')],
    metrics: [calls],
  },
  {
    id: 'apis',
    title: 'Top APIs',
    description: 'Which APIs were called most, how often they failed and how long they took.',
    chart: 'table',
    width: 24,
    height: 15,
    groups: [top('api_name', 'API')],
    metrics: [calls, errors, p95],
  },
  {
    id: 'paths',
    title: 'Top paths',
    description: 'Which paths were called most, how often they failed and how long they took.',
    chart: 'table',
    width: 24,
    height: 15,
    groups: [top('path', 'Path', 20)],
    metrics: [calls, errors, p95],
  },
  {
    id: 'path-templates',
    title: 'Top templates of paths',
    description: 'The same for paths with their ids left out, where the pump adds them.',
    chart: 'table',
    width: 24,
    height: 15,
    groups: [top('path_template', 'Template', 20)],
    metrics: [calls, errors, p95],
  },
  {
    id: 'keys',
    title: 'Top keys',
    description: 'Who calls most: keys with their aliases, and how often their calls failed.',
    chart: 'table',
    width: 24,
    height: 15,
    groups: [top('alias', 'Alias'), top('api_key', 'Key', 5)],
    metrics: [calls, errors],
  },
  {
    id: 'versions',
    title: 'Versions still in use',
    description:
      'Which versions of which APIs are still called, by how many keys, and when last: what can be switched off.',
    chart: 'table',
    width: 24,
    height: 15,
    groups: [top('api_name', 'API'), top('api_version', 'Version', 10)],
    metrics: [
      calls,
      { of: 'distinct', field: 'api_key', label: 'Keys' },
      { of: 'latest', field: 'timestamp', label: 'Last call' },
    ],
  },
  {
    id: 'user-agents',
    title: 'User agents',
    description: 'Which clients call, by what they say of themselves.',
    chart: 'table',
    width: 24,
    height: 15,
    groups: [top('user_agent', 'User agent')],
    metrics: [calls, errors],
  },
  {
    id: 'request-sizes',
    title: 'Sizes of requests',
    description: 'How large the bodies of requests were, where the client said it.',
    chart: 'lines',
    width: 24,
    height: 14,
    query: '{content_length} >= 0',
    groups: [time],
    metrics: [
      { of: 'average', field: 'content_length', label: 'Average', unit: 'bytes' },
      {
        of: 'percentile',
        field: 'content_length',
        percentile: 95,
        label: '95% within',
        unit: 'bytes',
      },
    ],
  },
  {
    id: 'response-sizes',
    title: 'Sizes of responses',
    description: 'How many bytes left the gateway for a call, where the pump sends them.',
    chart: 'lines',
    width: 24,
    height: 14,
    groups: [time],
    metrics: [
      { of: 'average', field: 'network.bytes_out', label: 'Average', unit: 'bytes' },
      {
        of: 'percentile',
        field: 'network.bytes_out',
        percentile: 95,
        label: '95% within',
        unit: 'bytes',
      },
    ],
  },
  {
    id: 'countries',
    title: 'Countries',
    description: 'From which countries the calls came.',
    chart: 'table',
    width: 12,
    height: 15,
    groups: [top('geo.country.iso_code', 'Country')],
    metrics: [calls, errors],
  },
  {
    id: 'map',
    title: 'Where calls come from',
    description: 'From which places the calls came.',
    chart: 'map',
    width: 36,
    height: 15,
    groups: [{ by: 'place', field: 'geo.location' }],
    metrics: [calls],
  },
];

/** A list of calls in Discover. */
export interface Search {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly query: string;
  readonly columns: readonly string[];
  /** Highest first. */
  readonly sort: string;
}

const usual = ['method', 'path', 'response_code', 'request_time', 'api_name', 'alias'];

export const searches: readonly Search[] = [
  {
    id: 'failed-calls',
    title: 'Failed calls',
    description: 'Calls with a status of 400 or above, newest first.',
    query: '{response_code} >= 400',
    columns: usual,
    sort: 'timestamp',
  },
  {
    id: 'slow-calls',
    title: 'Slow calls',
    description: 'Calls that took a second or more, slowest first.',
    query: '{request_time} >= 1000',
    columns: usual,
    sort: 'request_time',
  },
  {
    id: 'calls-of-a-key',
    title: 'Calls of one key',
    description: 'Calls with a key: add a filter for the one that you look for, by key or alias.',
    query: '{api_key} : *',
    columns: ['api_key', ...usual],
    sort: 'timestamp',
  },
  {
    id: 'versioned-calls',
    title: 'Calls by version',
    description: 'Calls of APIs with versions: who still uses the old one.',
    query: '{api_version} : * and not {api_version} : "Not Versioned"',
    columns: ['api_name', 'api_version', 'alias', 'api_key', 'path', 'response_code'],
    sort: 'timestamp',
  },
  {
    id: 'largest-requests',
    title: 'Largest requests',
    description: 'Calls with a body, largest first.',
    query: '{content_length} > 0',
    columns: ['content_length', ...usual],
    sort: 'content_length',
  },
  {
    id: 'largest-responses',
    title: 'Largest responses',
    description: 'Calls by the bytes of their responses, largest first, where the pump sends them.',
    query: '{network.bytes_out} > 0',
    columns: ['network.bytes_out', ...usual],
    sort: 'network.bytes_out',
  },
];

/** The fields that a query asks for. */
export const fieldsIn = (query: string): readonly string[] =>
  [...query.matchAll(/\{([\w.]+)\}/g)].map(([, field = '']) => field);

/** All fields that a panel needs. */
export function fieldsOf({ query = '', groups, metrics }: Panel): readonly string[] {
  return [
    ...fieldsIn(query),
    ...groups.flatMap((group) => {
      if (group.by === 'time') return ['timestamp'];
      return group.by === 'filters'
        ? group.filters.flatMap((filter) => fieldsIn(filter.query))
        : [group.field];
    }),
    ...metrics.flatMap((metric) =>
      'field' in metric ? [metric.field] : fieldsIn(metric.query ?? ''),
    ),
  ];
}
