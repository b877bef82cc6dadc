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
    doc: 'Sets defaults for the other options, as the destination’s documentation requires.',
    default: 'none',
  }),
  method: text({
    doc: 'POST, PUT or PATCH; or a field that holds one of them, such as `{{method}}`.',
    default: 'POST',
  }),
  format: optional(
    choice(['json', 'ndjson', 'single'], {
      doc: 'How a request contains records: `json`: as an array. `ndjson`: each on a line. `single`: each in its own request. Default: `ndjson`, or the preset’s.',
    }),
  ),
  body: optional(
    text({
      doc: 'The JSON sent for a record, with fields in it, such as `{"api": "{{api_id}}", "call": {{record}}}`. Default: `{{record}}`, every field, or the preset’s.',
    }),
  ),
  labels: map({
    doc: 'Labels of the streams of Loki; their values may hold fields. Each combination of values is a stream, so leave out fields with many values.',
    default: { job: 'tyk', api_id: '{{api_id}}' },
  }),
  headers: secretMap({
    doc: 'Further headers of every request. Never printed, because a value may be a key.',
    default: {},
  }),
  token: secret({
    doc: 'Token for signing in, sent as `Authorization: Bearer …` or as the preset requires.',
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
      doc: 'Name of a header whose value is made from the ids of the request’s records, so that a server that supports it accepts no request twice. Default: none; with `webhook`, `Idempotency-Key`. Empty: none.',
    }),
  ),
  statuses: map({
    doc: 'Overrides what a status of the server means: `{"409": "delivered", "422": "reject", "5xx": "retry"}`.',
    default: {},
  }),
  batch_records: optional(
    integer({
      doc: 'Maximum records in a request. Default: 1000, or the preset’s; you may set less, and without a preset up to 10000.',
      min: 1,
      max: 10_000,
    }),
  ),
  batch_bytes: optional(
    size({
      doc: 'Maximum bytes of a body with several records, before compression. Default: 5MiB, or the preset’s.',
      min: '1KiB',
    }),
  ),
  ...tlsOptions,
};

export type Options = OptionsOf<typeof options>;
