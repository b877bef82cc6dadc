/** What Sluice does: for those who run it. A list of panels, which is why it is long. */
import type { Dashboard, Panel, Query } from './grafana.ts';

const of = 'job=~"$job"';
const ofRoute = `${of}, route=~"$route"`;
const rate = (metric: string, where = ofRoute): string =>
  `rate(${metric}{${where}}[$__rate_interval])`;

/** Over all instances: each counts its own. */
const perRoute = (metric: string, where = ofRoute): string =>
  `sum by (route) (${rate(metric, where)})`;

const quantiles = (histogram: string): readonly Query[] =>
  [0.5, 0.95].map((share) => ({
    expr: `histogram_quantile(${share}, sum by (le, route) (${rate(`${histogram}_bucket`)}))`,
    legend: `{{route}} p${share * 100}`,
  }));

const lines = (title: string, unit: string, doc: string, ...queries: readonly Query[]): Panel => ({
  kind: 'lines',
  title,
  unit,
  doc,
  queries,
});

const now: readonly Panel[] = [
  {
    kind: 'number',
    title: 'Instances',
    doc: 'Processes that are scraped, by version: two while one replaces the other.',
    unit: 'short',
    queries: [{ expr: `sum by (version) (sluice_build_info{${of}})`, legend: '{{version}}' }],
  },
  {
    kind: 'number',
    title: 'Without Redis',
    doc: 'Instances that Redis does not answer. They take nothing; /ready says why.',
    unit: 'short',
    red: 1,
    queries: [{ expr: `count(sluice_redis_up{${of}} == 0) or vector(0)`, legend: '' }],
  },
  {
    kind: 'number',
    title: 'Sinks that are down',
    doc: 'Routes of which no instance can deliver, and which nobody has paused. Their records wait in Redis.',
    unit: 'short',
    red: 1,
    queries: [
      {
        expr: `count(max by (job, route) (sluice_route_up{${ofRoute}}) == 0 unless max by (job, route) (sluice_route_paused{${ofRoute}}) == 1) or vector(0)`,
        legend: '',
      },
    ],
  },
  {
    kind: 'number',
    title: 'Paused',
    doc: 'Routes that an operator has paused: `sluice route ls` says who. Their records wait in Redis until they are resumed.',
    unit: 'short',
    yellow: 1,
    queries: [
      {
        expr: `count(max by (job, route) (sluice_route_paused{${ofRoute}}) == 1) or vector(0)`,
        legend: '',
      },
    ],
  },
  {
    kind: 'number',
    title: 'Oldest record',
    doc: 'Age of the oldest claim that some route has not answered for.',
    unit: 's',
    yellow: 60,
    red: 600,
    queries: [{ expr: `max(sluice_route_lag_seconds{${ofRoute}})`, legend: '' }],
  },
  {
    kind: 'number',
    title: 'Dead letters',
    doc: 'Rejected records that are kept: `sluice dead ls`.',
    unit: 'short',
    yellow: 1,
    queries: [{ expr: `sum(max by (job, route) (sluice_dead_letters_kept{${of}}))`, legend: '' }],
  },
  {
    kind: 'number',
    title: 'Lost in this time',
    doc: 'Shed at the bound, vanished from Redis, expired in the gateway’s lists, or dead letters dropped at their bound.',
    unit: 'short',
    red: 1,
    queries: [
      {
        expr: [
          `sum(increase(sluice_shed_records_total{${of}}[$__range]))`,
          `sum(increase(sluice_records_total{${of}, outcome="vanished"}[$__range]))`,
          `sum(increase(sluice_dead_letters_dropped_total{${of}}[$__range]))`,
          `sum(increase(sluice_expired_records_total{${of}}[$__range]))`,
        ].join(' + '),
        legend: '',
      },
    ],
  },
];

const flow: readonly Panel[] = [
  lines(
    'Records claimed, and delivered',
    'rps',
    'Taken from the gateway, and delivered by each route. Each route delivers all that it does not filter.',
    { expr: `sum(${rate('sluice_claimed_records_total', of)})`, legend: 'claimed' },
    {
      expr: perRoute('sluice_records_total', `${ofRoute}, outcome="delivered"`),
      legend: '{{route}}',
    },
  ),
  lines('Bytes claimed', 'Bps', 'As Redis estimates them.', {
    expr: `sum(${rate('sluice_claimed_bytes_total', of)})`,
    legend: 'claimed',
  }),
  lines(
    'Waiting for a claim',
    'short',
    'Records in the lists of the gateway that nobody has claimed yet. One that grows expires at its end.',
    {
      expr: `max by (list) (sluice_waiting_records{${of}})`,
      legend: '{{list}}',
    },
  ),
  lines(
    'Not delivered',
    'rps',
    'Rejected (dead letters), filtered (left out as configured), vanished (gone from Redis), shed (dropped at the bound).',
    {
      expr: `sum by (route, outcome) (${rate('sluice_records_total', `${ofRoute}, outcome!="delivered"`)})`,
      legend: '{{route}} {{outcome}}',
    },
    { expr: perRoute('sluice_shed_records_total'), legend: '{{route}} shed' },
  ),
  lines(
    'Kept in Redis',
    'bytes',
    'Bytes of claimed records that some route has not answered for, over all instances. The bound is sluice.retained_bytes.',
    { expr: `max by (job) (sluice_retained_bytes{${of}})`, legend: '{{job}}' },
  ),
  lines('Claiming pauses', 'bool', '1 while claiming pauses at that bound.', {
    expr: `max by (job) (sluice_claim_holding{${of}})`,
    legend: '{{job}}',
  }),
  lines(
    'Records that expire',
    'short',
    'Records in lists of the gateway that are not claimed and that Redis deletes when their time is over; and what it has deleted.',
    {
      expr: `max by (list) (sluice_list_expiring_records{${of}}) > 0`,
      legend: '{{list}}',
    },
    {
      expr: `sum by (list) (increase(sluice_expired_records_total{${of}}[$__rate_interval])) > 0`,
      legend: '{{list}} expired',
    },
  ),
];

const lag: readonly Panel[] = [
  lines('Oldest record', 's', 'Age of the oldest claim the route has not answered for.', {
    expr: `max by (route) (sluice_route_lag_seconds{${ofRoute}})`,
    legend: '{{route}}',
  }),
  lines('Records behind', 'short', 'Claimed records the route has not answered for, at most.', {
    expr: `max by (route) (sluice_route_lag_records{${ofRoute}})`,
    legend: '{{route}}',
  }),
  lines(
    'Age at delivery',
    's',
    'From the call, as the gateway dates it, to the sink’s answer that it has the record.',
    ...quantiles('sluice_record_age_at_delivery_seconds'),
  ),
];

const sinks: readonly Panel[] = [
  lines(
    'Time of a delivery',
    's',
    'How long the sink took to answer for a batch.',
    ...quantiles('sluice_delivery_duration_seconds'),
  ),
  lines('Retries', 'rps', 'Records to be sent again, by reason.', {
    expr: `sum by (route, kind) (${rate('sluice_retries_total')})`,
    legend: '{{route}} {{kind}}',
  }),
  lines('Dead letters', 'short', 'Kept now, over all instances. They wait for a decision.', {
    expr: `max by (route) (sluice_dead_letters_kept{${of}})`,
    legend: '{{route}}',
  }),
  lines(
    'Batches under way',
    'short',
    'And how many there may be, as learnt from the sink.',
    {
      expr: `sum by (route) (sluice_in_flight_batches{${ofRoute}})`,
      legend: '{{route}}',
    },
    {
      expr: `sum by (route) (sluice_route_concurrency{${ofRoute}})`,
      legend: '{{route}} at most',
    },
  ),
  lines('Bytes in flight', 'bytes', 'Read and not yet answered for, retries included.', {
    expr: `sum by (route) (sluice_in_flight_bytes{${ofRoute}})`,
    legend: '{{route}}',
  }),
  lines(
    'Breaker',
    'short',
    '0 closed, 1 half-open, 2 open: attempts pause, for the sink is out of order.',
    { expr: `max by (route) (sluice_route_breaker_state{${ofRoute}})`, legend: '{{route}}' },
  ),
  lines(
    'Records that hold something up',
    'short',
    'Refused again and again while others are taken; waiting because the sink asked for a pause.',
    {
      expr: `sum by (route) (sluice_suspected_records{${ofRoute}})`,
      legend: '{{route}} suspected',
    },
    { expr: `sum by (route) (sluice_paused_records{${ofRoute}})`, legend: '{{route}} paused' },
  ),
  lines('Redacted', 'short', 'Values taken out of records, a second.', {
    expr: perRoute('sluice_redacted_values_total'),
    legend: '{{route}}',
  }),
  lines(
    'Spilled to disk',
    'short',
    'Records on the disks of instances that the route has not answered for; only with sluice.spill_dir.',
    { expr: `sum by (route) (sluice_spill_records{${ofRoute}})`, legend: '{{route}}' },
  ),
];

const redis: readonly Panel[] = [
  lines('Redis answers', 'bool', '1 while Redis answers.', {
    expr: `sluice_redis_up{${of}}`,
    legend: '{{instance}}',
  }),
  lines('Refused by Redis', 'short', 'Attempts that Redis refused, a second.', {
    expr: `sum by (attempt) (${rate('sluice_redis_refusals_total', of)})`,
    legend: '{{attempt}}',
  }),
  lines(
    'Not acknowledged',
    'short',
    'Ranges answered for, and dead letters, that Redis has not taken. After a crash they come again.',
    {
      expr: `sum by (route) (sluice_unacknowledged_ranges{${ofRoute}})`,
      legend: '{{route}} ranges',
    },
    {
      expr: `sum by (route) (sluice_dead_letters_unstored{${ofRoute}})`,
      legend: '{{route}} dead letters',
    },
  ),
];

/** Other programs of Node have these metrics too. */
const ours = `and on (job, instance) sluice_build_info{${of}}`;
const processes: readonly Panel[] = [
  lines(
    'Memory',
    'bytes',
    'Resident, and what of it is JavaScript’s heap.',
    {
      expr: `process_resident_memory_bytes{${of}} ${ours}`,
      legend: '{{instance}}',
    },
    {
      expr: `nodejs_heap_size_used_bytes{${of}} ${ours}`,
      legend: '{{instance}} heap',
    },
  ),
  lines('Processor', 'short', 'Cores in use.', {
    expr: `${rate('process_cpu_seconds_total', of)} ${ours}`,
    legend: '{{instance}}',
  }),
  lines(
    'Event loop',
    's',
    'How late its turns come, one in a hundred. Above half a second it is overloaded.',
    {
      expr: `nodejs_eventloop_lag_p99_seconds{${of}} ${ours}`,
      legend: '{{instance}}',
    },
  ),
  lines('Garbage collection', 'percentunit', 'Share of the time.', {
    expr: `sum by (job, instance) (${rate('nodejs_gc_duration_seconds_sum', of)}) ${ours}`,
    legend: '{{instance}}',
  }),
  lines('Open files', 'short', 'Descriptors, sockets included. One that only grows is a leak.', {
    expr: `process_open_fds{${of}} ${ours}`,
    legend: '{{instance}}',
  }),
  lines('Worker threads', 'short', 'At work. Only with sluice.workers of 2 or more.', {
    expr: `sluice_workers_up{${of}}`,
    legend: '{{instance}}',
  }),
];

export const pumpDashboard: Dashboard = {
  uid: 'sluice-pump',
  title: 'Sluice: the pump',
  doc: 'How records flow from the gateway’s lists to each sink, what waits and what was lost. Metrics: docs/metrics.md.',
  variables: [
    { name: 'job', label: 'Job', metric: 'sluice_build_info', value: 'job' },
    {
      name: 'route',
      label: 'Route',
      metric: 'sluice_route_up',
      value: 'route',
      where: of,
    },
  ],
  rows: [
    { title: 'Now', panels: now },
    { title: 'Flow', panels: flow },
    { title: 'Lag', panels: lag },
    { title: 'Sinks', panels: sinks },
    { title: 'Redis', panels: redis },
    { title: 'Processes', panels: processes },
  ],
};
