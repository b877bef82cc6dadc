import { flag, type OptionsOf, text } from '#pump';

export const options = {
  format: text({
    doc: '`json`: a JSON line for each record on standard output. `text`, or empty: lines of the program’s own log, on standard error.',
    default: 'text',
  }),
  log_field_name: text({
    doc: 'The key that holds the record.',
    default: 'tyk-analytics-record',
  }),
  use_legacy_payload_format: flag({
    doc: 'With `json`: leaves `raw_request` and `raw_response` as they are, instead of putting them on one line.',
    default: false,
  }),
};

export type Options = OptionsOf<typeof options>;

/** An empty name means the default, as in the reference. */
export const fieldNameOf = ({ log_field_name: name }: Options): string =>
  name === '' ? 'tyk-analytics-record' : name;
