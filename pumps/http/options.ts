import {
  choice,
  flag,
  integer,
  map,
  type OptionsOf,
  optional,
  secret,
  secretMap,
  size,
  text,
  tlsOptions,
} from '#pump';
import { presetNames } from './presets.ts';

/** What the operator may say. Where an option has no default of its own, `preset` has one. */
export const options = {
  url: secret({
    doc: 'Address that records are sent to. Fields such as `{{api_id}}` may stand in its path and query. Never printed: it may hold a password or a key.',
  }),
  preset: choice(presetNames, {
    doc: 'What the other options are where nothing is said: those that this destination documents.',
    default: 'none',
  }),
  method: text({
    doc: 'POST, PUT or PATCH; or a field that holds one of them, such as `{{method}}`.',
    default: 'POST',
  }),
  format: optional(
    choice(['json', 'ndjson', 'single'], {
      doc: 'How records stand in a request: `json`: as an array. `ndjson`: each on a line. `single`: each in a request of its own. Default: `ndjson`, or the preset’s.',
    }),
  ),
  body: optional(
    text({
      doc: 'What is sent of a record: JSON with fields in it, such as `{"api": "{{api_id}}", "call": {{record}}}`. Default: `{{record}}`, every field, or the preset’s.',
    }),
  ),
  labels: map({
    doc: 'Labels of the streams of Loki; their values may hold fields. Each combination of values is a stream: leave out what has many.',
    default: { job: 'tyk', api_id: '{{api_id}}' },
  }),
  headers: secretMap({
    doc: 'What every request says besides. Never printed: a value may be a key.',
    default: {},
  }),
  token: secret({
    doc: 'What it signs in with: as `Authorization: Bearer …`, or as the preset has it.',
    default: '',
  }),
  username: text({ doc: 'Its user, with `password`.', default: '' }),
  password: secret({ doc: 'Its password, with `username`.', default: '' }),
  gzip: flag({ doc: 'Sends bodies compressed.', default: false }),
  gzip_level: integer({
    doc: 'From 1, the fastest, to 9, the smallest.',
    default: 1,
    min: 1,
    max: 9,
  }),
  idempotency_header: optional(
    text({
      doc: 'Name of a header whose value is made from the ids of the request’s records: a server that knows it takes no request twice. Default: none; with `webhook`, `Idempotency-Key`. Empty: none.',
    }),
  ),
  statuses: map({
    doc: 'What a status of the server means, before what it means otherwise: `{"409": "delivered", "422": "reject", "5xx": "retry"}`.',
    default: {},
  }),
  batch_records: optional(
    integer({
      doc: 'Most records of a request. Default: 1000, or the preset’s; it may be lower than that, and without a preset up to 10000.',
      min: 1,
      max: 10_000,
    }),
  ),
  batch_bytes: optional(
    size({
      doc: 'Most bytes of a body with several records, before it is compressed. Default: 5MiB, or the preset’s.',
      min: '1KiB',
    }),
  ),
  ...tlsOptions,
};

export type Options = OptionsOf<typeof options>;
