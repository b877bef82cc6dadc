/**
 * What destinations document of their HTTP inputs, as defaults of the options. Each has a test that judges a request by that
 * documentation, and an example in the README.
 */

export const presetNames = [
  'none',
  'loki',
  'datadog',
  'newrelic',
  'dynatrace',
  'logstash',
  'vector',
  'webhook',
] as const;

export type PresetName = (typeof presetNames)[number];

export type Format = 'json' | 'ndjson' | 'single' | 'loki';

export interface Preset {
  readonly format: Format;
  /** JSON with fields in it; what one record is. */
  readonly body: string;
  /** What stands around the records of a request, and between them. */
  readonly around: readonly [before: string, after: string];
  readonly contentType: string;
  /** Where the token stands, and the word before it. */
  readonly tokenHeader: string;
  readonly tokenWord: string;
  readonly idempotencyHeader: string;
  /** Statuses that mean something else than elsewhere. */
  readonly statuses: Readonly<Record<string, string>>;
  readonly records: number;
  readonly bytes: number;
}

const mebibyte = 1_048_576;

const none: Preset = {
  format: 'ndjson',
  body: '{{record}}',
  around: ['[', ']'],
  contentType: '',
  tokenHeader: 'authorization',
  tokenWord: 'Bearer ',
  idempotencyHeader: '',
  statuses: {},
  records: 1_000,
  bytes: 5 * mebibyte,
};

const message = '"{{method}} {{path}} {{response_code}}"';

export const presets: Readonly<Record<PresetName, Preset>> = {
  none,
  /** Push API: streams of labels, with pairs of nanoseconds as a text and a line. A gateway takes 4 MiB by default. */
  loki: {
    ...none,
    format: 'loki',
    around: ['{"streams":[', ']}'],
    contentType: 'application/json',
    bytes: 3 * mebibyte,
  },
  /** Logs API v2: an array of at most 1,000 logs and 5 MB. */
  datadog: {
    ...none,
    format: 'json',
    body: `{"ddsource":"tyk","service":"tyk","message":${message},"timestamp":{{timestamp_ms}},"tyk":{{record}}}`,
    tokenHeader: 'dd-api-key',
    tokenWord: '',
    bytes: 5_000_000,
  },
  /** Log API, detailed form: at most 1 MB. */
  newrelic: {
    ...none,
    format: 'json',
    body: `{"timestamp":{{timestamp_ms}},"message":${message},"attributes":{{record}}}`,
    around: ['[{"common":{"attributes":{"logtype":"tyk"}},"logs":[', ']}]'],
    tokenHeader: 'api-key',
    tokenWord: '',
    bytes: 1_000_000,
  },
  /** Log ingest API v2: 204 is success, 200 says that some of the events were left out. At most 10 MB. */
  dynatrace: {
    ...none,
    format: 'json',
    body: '{"content":"{{record}}","timestamp":"{{timestamp}}","log.source":"tyk","api_id":"{{api_id}}","api_name":"{{api_name}}","http.request.method":"{{method}}","http.response.status_code":"{{response_code}}"}',
    contentType: 'application/json; charset=utf-8',
    tokenWord: 'Api-Token ',
    statuses: { 200: 'reject' },
  },
  /** HTTP input: the codec of `application/json` makes an event of each element of an array. */
  logstash: { ...none, format: 'json' },
  /** Source `http_server` with the codec `json` and lines as frames. */
  vector: none,
  /** One call, one request. */
  webhook: { ...none, format: 'single', idempotencyHeader: 'idempotency-key', records: 100 },
};
