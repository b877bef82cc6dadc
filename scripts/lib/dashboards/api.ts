/** The calls that went through the gateway, from the series of a `prometheus` pump. */
import type { Dashboard, Panel } from './grafana.ts';

const of = 'job=~"$job", api=~"$api"';
const all = 'job=~"$job"';
const rate = (metric: string, where = of): string => `rate(${metric}{${where}}[$__rate_interval])`;
const latency = (share: number, by: string, where: string): string =>
  `histogram_quantile(${share}, sum by (${['le', by].filter(Boolean).join(', ')}) (${rate('tyk_latency_bucket', `${of}, ${where}`)}))`;
const largest = (sum: string): string => `topk(15, ${sum})`;
const errors = `sum(${rate('tyk_http_status', `${of}, code=~"5.."`)}) or vector(0)`;
const total = 'type="total"';

const calls: readonly Panel[] = [
  {
    kind: 'number',
    title: 'Calls a second',
    doc: 'Over all APIs that are chosen.',
    unit: 'reqps',
    queries: [{ expr: `sum(${rate('tyk_http_status')})`, legend: '' }],
  },
  {
    kind: 'number',
    title: 'Failed',
    doc: 'Share of calls that were answered with 500 and above.',
    unit: 'percentunit',
    yellow: 0.01,
    red: 0.05,
    queries: [{ expr: `(${errors}) / sum(${rate('tyk_http_status')})`, legend: '' }],
  },
  {
    kind: 'number',
    title: 'Median',
    doc: 'Half of all calls were answered within this time.',
    unit: 'ms',
    queries: [{ expr: latency(0.5, '', total), legend: '' }],
  },
  {
    kind: 'number',
    title: 'p99',
    doc: 'Ninety-nine of a hundred calls were answered within this time.',
    unit: 'ms',
    queries: [{ expr: latency(0.99, '', total), legend: '' }],
  },
  {
    kind: 'number',
    title: 'Calls in this time',
    doc: 'In the time that is shown.',
    unit: 'short',
    queries: [{ expr: `sum(increase(tyk_http_status{${of}}[$__range]))`, legend: '' }],
  },
  {
    kind: 'number',
    title: 'In no series of their own',
    doc: 'Records counted as `overflow`, for their metric has max_series already.',
    unit: 'short',
    yellow: 1,
    queries: [
      {
        expr: `sum(increase(sluice_prometheus_overflow_records_total{${all}}[$__range]))`,
        legend: '',
      },
    ],
  },
  {
    kind: 'lines',
    title: 'Calls by API',
    doc: 'Calls a second.',
    unit: 'reqps',
    isStacked: true,
    queries: [{ expr: `sum by (api) (${rate('tyk_http_status')})`, legend: '{{api}}' }],
  },
  {
    kind: 'lines',
    title: 'Calls by class of status',
    doc: 'Calls a second: 2xx were answered as meant, 4xx the caller’s mistake, 5xx ours.',
    unit: 'reqps',
    isStacked: true,
    queries: [
      {
        expr: `sum by (class) (label_replace(${rate('tyk_http_status')}, "class", "$1xx", "code", "(.).*"))`,
        legend: '{{class}}',
      },
    ],
  },
  {
    kind: 'lines',
    title: 'Failed by API',
    doc: 'Share of an API’s calls that were answered with 500 and above.',
    unit: 'percentunit',
    queries: [
      {
        expr: `sum by (api) (${rate('tyk_http_status', `${of}, code=~"5.."`)}) / sum by (api) (${rate('tyk_http_status')})`,
        legend: '{{api}}',
      },
    ],
  },
];

const times: readonly Panel[] = [
  {
    kind: 'lines',
    title: 'Time of a call',
    doc: 'As the caller sees it, by share of calls.',
    unit: 'ms',
    queries: [0.5, 0.9, 0.95, 0.99].map((share) => ({
      expr: latency(share, '', total),
      legend: `p${share * 100}`,
    })),
  },
  {
    kind: 'lines',
    title: 'p95 by API',
    doc: 'Ninety-five of a hundred calls of the API were answered within this time.',
    unit: 'ms',
    queries: [{ expr: latency(0.95, 'api', total), legend: '{{api}}' }],
  },
  {
    kind: 'lines',
    title: 'Upstream and gateway',
    doc: 'p95 of what the service behind the gateway took, and of what the gateway took itself.',
    unit: 'ms',
    queries: [{ expr: latency(0.95, 'type', 'type!="total"'), legend: '{{type}}' }],
  },
];

const who: readonly Panel[] = [
  {
    kind: 'bars',
    title: 'Paths with most calls',
    doc: 'Of those that are shown: track_all_paths, or paths that the gateway tracks. `unknown` are the others.',
    unit: 'short',
    queries: [
      {
        expr: largest(
          `sum by (method, path) (increase(tyk_http_status_per_path{${of}}[$__range]))`,
        ),
        legend: '{{method}} {{path}}',
      },
    ],
  },
  {
    kind: 'bars',
    title: 'Paths with most failures',
    doc: 'Calls answered with 500 and above.',
    unit: 'short',
    queries: [
      {
        expr: largest(
          `sum by (method, path) (increase(tyk_http_status_per_path{${of}, code=~"5.."}[$__range]))`,
        ),
        legend: '{{method}} {{path}}',
      },
    ],
  },
  {
    kind: 'bars',
    title: 'Keys with most calls',
    doc: 'Whole keys. Leave the metric out (disabled_metrics) where those who see this must not have them.',
    unit: 'short',
    queries: [
      {
        expr: largest(`sum by (key) (increase(tyk_http_status_per_key{${all}}[$__range]))`),
        legend: '{{key}}',
      },
    ],
  },
  {
    kind: 'bars',
    title: 'OAuth clients with most calls',
    doc: 'By client id.',
    unit: 'short',
    queries: [
      {
        expr: largest(
          `sum by (client_id) (increase(tyk_http_status_per_oauth_client{${all}, client_id!=""}[$__range]))`,
        ),
        legend: '{{client_id}}',
      },
    ],
  },
  {
    kind: 'lines',
    title: 'Series',
    doc: 'Label sets of each metric at the moment; at most max_series.',
    unit: 'short',
    queries: [{ expr: `sum by (metric) (sluice_prometheus_series{${all}})`, legend: '{{metric}}' }],
  },
];

export const apiDashboard: Dashboard = {
  uid: 'sluice-api-traffic',
  title: 'Sluice: API traffic',
  doc: 'The calls that went through the gateway. It shows what a pump of the type prometheus counts: pumps/prometheus/README.md.',
  variables: [
    { name: 'job', label: 'Job', metric: 'tyk_http_status', value: 'job' },
    { name: 'api', label: 'API', metric: 'tyk_http_status', value: 'api', where: all },
  ],
  rows: [
    { title: 'Calls', panels: calls },
    { title: 'Time', panels: times },
    { title: 'Who and what', panels: who },
  ],
};
