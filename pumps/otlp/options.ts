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
    doc: 'Address of the receiver: `http://localhost:4318`. `/v1/logs` or `/v1/metrics` is added if it does not end with that; with `grpc`, `http://localhost:4317`. Never printed: it may hold a key.',
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
    doc: 'Further headers of every request, such as a key. Never printed.',
    default: {},
  }),
  gzip: flag({ doc: 'Sends requests compressed.', default: false }),
  resource: map({
    doc: 'Attributes of the resource, which is the gateway. `service.name` is `tyk-gateway` unless it is set here.',
    default: {},
  }),
  body: choice(['line', 'document'], {
    doc: 'For logs. `line`: attributes, and a line such as `GET /orders/7 200` as the body. `document`: the whole record as JSON in the body, and no attributes of it.',
    default: 'line',
  }),
  batch_records: integer({
    doc: 'Maximum records in a request.',
    default: 1_000,
    min: 1,
    max: 20_000,
  }),
  batch_bytes: size({
    doc: 'Maximum bytes of records in a request, up to 32MiB. A gRPC receiver usually accepts 4MiB.',
    default: '2MiB',
    min: '1KiB',
  }),

  metrics: list(name, {
    doc: `For metrics: which ones. ${metricNames.map((each) => `\`${each}\``).join(', ')}.`,
    default: ['http.server.request.duration', 'tyk.upstream.request.duration'],
  }),
  metric_attributes: list(name, {
    doc: 'For metrics: the attributes of their series; see below.',
    default: [
      ...['http.request.method', 'http.response.status_code', 'http.route', 'error.type'],
      ...['tyk.api.id', 'tyk.api.name'],
    ],
  }),
  url_scheme: optional(
    choice(['http', 'https'], {
      doc: 'For metrics: the attribute `url.scheme`, which records do not have. Not set: no attribute.',
    }),
  ),
  buckets: list(number({ doc: 'An upper bound, in seconds.' }), {
    doc: 'For metrics: upper bounds of durations, in seconds. The default is that of the conventions.',
    default: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  }),
  temporality: choice(['delta', 'cumulative'], {
    doc: 'For metrics: what a point counts. `delta`: everything since the previous point. `cumulative`: everything since the start.',
    default: 'delta',
  }),
  max_series: integer({
    doc: 'For metrics: maximum series of one metric. Records that would need another one are counted in the series with `otel.metric.overflow`.',
    default: 2_000,
    min: 1,
    max: 100_000,
  }),
  use_sample_weight: flag({
    doc: 'For metrics: counts each record as many times as the calls it stands for (`sample`).',
    default: false,
  }),
  ...tlsOptions,
};

export type Options = OptionsOf<typeof options>;
