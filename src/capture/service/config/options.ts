import { choice, flag, integer, optional, text } from '../../../config/options/builders.ts';
import { group, list } from '../../../config/options/collections.ts';
import { hostPort } from '../../../config/options/host-port.ts';
import { duration, size } from '../../../config/options/measures.ts';
import type { OptionsOf } from '../../../config/options/option.ts';
import { recordsOptions } from '../../../config/records-options.ts';

const record = group(
  {
    bodies: size({
      doc: 'Bytes of each body that a record keeps; of longer ones the beginning, tagged `cap-truncated`. 0B: records have no payloads at all.',
      default: '64KiB',
    }),
    bodies_total: size({
      doc: 'Bytes of bodies that all calls under way may hold for their records together; beyond it, records keep less, tagged the same and counted.',
      default: '64MiB',
      min: '1MiB',
    }),
    encoding: choice(['msgpack', 'protobuf'], {
      doc: 'How records are written, as the gateway’s `analytics_config.serializer_type`.',
      default: 'msgpack',
    }),
    split_keys: flag({
      doc: 'Ten lists in place of one, as the gateway’s `enable_multiple_analytics_keys`.',
      default: false,
    }),
    expiry: duration({
      doc: 'Time after which Redis deletes a list that no pump claims, as the gateway’s `storage_expiration_time`; 0: never.',
      default: '0s',
    }),
    flush: duration({
      doc: 'Longest time that a record waits for others to be written with it.',
      default: '100ms',
      min: '1ms',
    }),
    queue: group(
      {
        records: integer({
          doc: 'Maximum records that wait to be written; then the oldest are dropped, counted.',
          default: 100_000,
          min: 1,
        }),
        bytes: size({ doc: 'The same in bytes.', default: '64MiB', min: '64KiB' }),
      },
      { doc: 'What waits while Redis does not take records.' },
    ),
    where: optional(
      text({
        doc: 'Only records for which this expression holds (docs/query.md), such as `-path:/health`.',
      }),
    ),
    sample: recordsOptions.sample,
    tags: flag({
      doc: 'Tags that say what a gateway’s records have no field for: `cap-source-…`, `cap-dir-in`, `cap-peer-…`, `cap-error-…`.',
      default: true,
    }),
    org_id: text({ doc: 'Organisation of records whose source names none.', default: '' }),
    cluster: text({
      doc: 'Name of the cluster or machine that is captured for: records carry it as the tag `cap-cluster-…`. Empty: none.',
      default: '',
    }),
  },
  { doc: 'What a record has, and how it is written.' },
);

/** What the operator may say beside `storage`, `sources`, `pumps` and `kv`: variables `SLUICE_CAPTURE_…`. */
export const captureOptions = {
  to: list(text({ doc: 'A type of pump.' }), {
    doc: 'Pumps of this process, by type, with their defaults, such as `stdout`; only with `storage: memory`, which is then the default.',
    default: [],
  }),
  record,
  redact: recordsOptions.redact,
  admin: group(
    {
      listen: optional(
        hostPort({
          doc: 'Where `/live`, `/ready` and `/metrics` are served, such as `:8084`. Unset: nowhere.',
        }),
      ),
    },
    { doc: 'Pages for probes and scrapers.' },
  ),
  workers: integer({
    doc: 'How many processes share the ports of sources, each with one core at most and with bounds of its own; not with `storage: memory`.',
    default: 1,
    min: 1,
    max: 256,
  }),
  log_level: choice(['error', 'warn', 'info', 'debug'], {
    doc: 'What is logged.',
    default: 'info',
  }),
  log_format: choice(['text', 'json', 'legacy'], { doc: 'How it is logged.', default: 'text' }),
  shutdown_timeout: duration({
    doc: 'Longest time a stop may take: calls under way end, and what waits is written.',
    default: '25s',
    min: '1s',
  }),
};

export type CaptureOptions = OptionsOf<typeof captureOptions>;

/** What an element of `sources` may say beside the options of its type. */
export const entryOptions = {
  type: text({ doc: 'Which source it is.' }),
  id: text({
    doc: 'What it is called in log, metrics and variables, where two are of one type; empty: the type.',
    default: '',
    env: false,
  }),
  record: flag({
    doc: 'False: this source works, and nothing is recorded of what it sees.',
    default: true,
  }),
};

/** Names that no source may use for an option: on the command line all stand side by side. */
export const reservedNames: readonly string[] = [
  ...Object.keys(captureOptions),
  ...Object.keys(entryOptions),
  ...['storage', 'sources', 'pumps', 'kv', 'conf', 'help'],
];
