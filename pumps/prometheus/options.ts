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
    doc: 'Shows `****` and the last characters of a key; `--` for a key that is no longer than those.',
    default: false,
  }),
  obfuscate_api_keys_length: integer({
    doc: 'How many characters of a key are shown: 4, or more where this is more.',
    default: 0,
    min: 0,
  }),
  labels: list(name, { doc: 'Labels, in this order; see below.', default: [] }),
  mcp_only: flag({ doc: 'Only MCP records count.', default: false }),
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
    doc: 'Histograms observe one mean value per label set and list of records in place of each value. Cheaper in Tyk Pump; here it only makes the histograms useless.',
    default: false,
  }),
  disabled_metrics: list(name, {
    doc: 'Names of base metrics that are left out.',
    default: [],
  }),
  track_all_paths: flag({
    doc: 'The label `path` shows the path of every record. Otherwise only of those the gateway tracks, and `unknown` for the others.',
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
    doc: 'Most series of one metric. Records that would need a further one are counted in the series with `overflow` for every label. 0: no limit.',
    default: 10_000,
    min: 0,
  }),
  expire_series_after: optional(
    duration({
      doc: 'A series no record belonged to for so long is taken off the page; should one come, it begins at 0. Left out: never.',
    }),
  ),
  path_templates: list(text({ doc: 'A pattern.' }), {
    doc: 'Patterns that paths are shown as: `/users/{id}`, `/files/*`. `{…}` stands for one segment, a last `*` for the rest. The first that fits is taken.',
    default: [],
  }),
  fold_path_ids: flag({
    doc: 'Shows numbers, UUIDs and long ids in a path that fits no pattern as `{number}`, `{uuid}`, `{id}`.',
    default: false,
  }),
  use_sample_weight: flag({
    doc: 'Counts each record as often as it stands for calls (`sample`), so that what was left out is counted as well.',
    default: false,
  }),
};

export type Options = OptionsOf<typeof options>;
export type CustomMetric = Options['custom_metrics'][number];
