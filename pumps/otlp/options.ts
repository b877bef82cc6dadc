import {
  choice,
  flag,
  integer,
  list,
  map,
  number,
  type OptionsOf,
  optional,
  secret,
  secretMap,
  size,
  text,
  tlsOptions,
} from '#pump';
import { metricNames } from './metrics/instruments.ts';

const name = text({ doc: 'A name.' });

/** What the operator may say. */
export const options = {
  url: secret({
    doc: 'Address of the receiver: `http://localhost:4318`. `/v1/logs` or `/v1/metrics` is added where it does not end so; with `grpc`, `http://localhost:4317`. Never printed: it may hold a key.',
  }),
  signal: choice(['logs', 'metrics'], {
    doc: '`logs`: a log record for each record. `metrics`: counts and durations. For both, configure two pumps.',
    default: 'logs',
  }),
  protocol: choice(['http/protobuf', 'grpc'], {
    doc: 'How requests are sent.',
    default: 'http/protobuf',
  }),
  headers: secretMap({
    doc: 'What every request says besides, such as a key. Never printed.',
    default: {},
  }),
  gzip: flag({ doc: 'Sends requests compressed.', default: false }),
  resource: map({
    doc: 'Attributes of the resource, which is the gateway. `service.name` is `tyk-gateway` unless it stands here.',
    default: {},
  }),
  body: choice(['line', 'document'], {
    doc: 'Of logs. `line`: attributes, and a line such as `GET /orders/7 200` as the body. `document`: all of the record as JSON in the body, and no attributes of it.',
    default: 'line',
  }),
  batch_records: integer({
    doc: 'Most records of a request.',
    default: 1_000,
    min: 1,
    max: 20_000,
  }),
  batch_bytes: size({
    doc: 'Most bytes of records of a request. At most 32MiB. A receiver for gRPC usually takes 4MiB.',
    default: '2MiB',
    min: '1KiB',
  }),

  metrics: list(name, {
    doc: `Of metrics: which. ${metricNames.map((each) => `\`${each}\``).join(', ')}.`,
    default: ['http.server.request.duration', 'tyk.upstream.request.duration'],
  }),
  metric_attributes: list(name, {
    doc: 'Of metrics: the attributes that their series have; see below.',
    default: [
      ...['http.request.method', 'http.response.status_code', 'http.route', 'error.type'],
      ...['tyk.api.id', 'tyk.api.name'],
    ],
  }),
  url_scheme: optional(
    choice(['http', 'https'], {
      doc: 'Of metrics: the attribute `url.scheme`, which no record has. Left out: no attribute.',
    }),
  ),
  buckets: list(number({ doc: 'An upper bound, in seconds.' }), {
    doc: 'Of metrics: upper bounds of durations, in seconds. The default is that of the conventions.',
    default: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  }),
  temporality: choice(['delta', 'cumulative'], {
    doc: 'Of metrics: what a point counts. `delta`: what came since the one before. `cumulative`: all since the start.',
    default: 'delta',
  }),
  max_series: integer({
    doc: 'Of metrics: most series of one metric. What would need a further one is counted in that with `otel.metric.overflow`.',
    default: 2_000,
    min: 1,
    max: 100_000,
  }),
  use_sample_weight: flag({
    doc: 'Of metrics: counts each record as often as it stands for calls (`sample`).',
    default: false,
  }),
  ...tlsOptions,
};

export type Options = OptionsOf<typeof options>;
