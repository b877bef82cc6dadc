import {
  choice,
  duration,
  flag,
  integer,
  list,
  number,
  type OptionsOf,
  optional,
  rows,
  text,
} from '#pump';

const name = text({ doc: 'A name.' });

const customMetric = {
  name: text({ doc: 'Name of the metric.', default: '' }),
  help: text({
    doc: 'Text of its `# HELP` line.',
    default: '',
    // Tyk's documentation calls it so, and its code `help`.
    aliases: ['description'],
  }),
  metric_type: text({
    doc: '`counter` counts records, `histogram` distributes their request time. Another type is left out.',
    default: '',
  }),
  buckets: list(number({ doc: 'An upper bound, in milliseconds.' }), {
    doc: 'Upper bounds of a histogram, in milliseconds. Empty: those of `tyk_latency`.',
    default: [],
  }),
  obfuscate_api_keys: flag({
    doc: 'Shows `****` and the last characters of a key; `--` for a key that is not longer than those.',
    default: false,
  }),
  obfuscate_api_keys_length: integer({
    doc: 'How many characters of a key are shown; at least 4.',
    default: 0,
    min: 0,
  }),
  labels: list(name, { doc: 'Labels, in this order; see below.', default: [] }),
  mcp_only: flag({ doc: 'Counts only MCP records.', default: false }),
};

/**
 * What the operator may say. Names, units and environment suffixes are Tyk's (tyk-pump.md, "prometheus"); ours come
 * last.
 */
export const options = {
  listen_address: text({
    doc: 'Where the page is served: `:9090`, `127.0.0.1:9090`, `[::1]:9090`. Required, unless `serve_on` is `admin`.',
    default: '',
    env: 'ADDR',
  }),
  path: text({ doc: 'Path of the page.', default: '/metrics' }),
  aggregate_observations: flag({
    doc: 'Histograms observe one mean value per label set and list of records, instead of every value. This is cheaper in Tyk Pump; here it only makes the histograms useless.',
    default: false,
  }),
  disabled_metrics: list(name, {
    doc: 'Names of base metrics that are left out.',
    default: [],
  }),
  track_all_paths: flag({
    doc: 'The label `path` shows the path of every record. Otherwise only of records that the gateway tracks, and `unknown` for the others.',
    default: false,
  }),
  custom_metrics: rows(customMetric, {
    doc: 'Further metrics: a list of objects with `name`, `help`, `metric_type`, `buckets`, `labels`, `mcp_only`, `obfuscate_api_keys`, `obfuscate_api_keys_length`; see below.',
  }),

  serve_on: choice(['listener', 'admin'], {
    doc: '`listener`: on `listen_address`. `admin`: on the health and metrics server, at `path`, which must then be another one than `/metrics`.',
    default: 'listener',
  }),
  max_series: integer({
    doc: 'Maximum series of one metric. Records that would need another one are counted in the series with `overflow` for every label. 0: no limit.',
    default: 10_000,
    min: 0,
  }),
  expire_series_after: optional(
    duration({
      doc: 'Time without records after which a series is removed from the page; if a record comes later, it begins at 0. Not set: never.',
    }),
  ),
  path_templates: list(text({ doc: 'A pattern.' }), {
    doc: 'Patterns by which paths are shown: `/users/{id}`, `/files/*`. `{…}` stands for one segment, a final `*` for the rest. The first that fits is used.',
    default: [],
  }),
  fold_path_ids: flag({
    doc: 'If a path fits no pattern, shows its numbers, UUIDs and long ids as `{number}`, `{uuid}`, `{id}`.',
    default: false,
  }),
  use_sample_weight: flag({
    doc: 'Counts each record as many times as the calls it stands for (`sample`), so that records left out are counted too.',
    default: false,
  }),
};

export type Options = OptionsOf<typeof options>;
export type CustomMetric = Options['custom_metrics'][number];
