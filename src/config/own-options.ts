import { adminOptions } from './admin-options.ts';
import { choice, integer, optional, text } from './options/builders.ts';
import { group, list } from './options/collections.ts';
import { duration, fileMode, size } from './options/measures.ts';
import type { OptionsOf } from './options/option.ts';
import { recordsOptions } from './records-options.ts';
import { telemetryOptions } from './telemetry-options.ts';

/** Our own options: the top-level object `sluice`, variables `TYK_PMP_SLUICE_…`. */
export const ownOptions = {
  purge_delay_ms: optional(
    integer({
      doc: 'Milliseconds between two claims while there is no backlog, instead of `purge_delay`; each round costs a command per list.',
      min: 10,
      max: 3_600_000,
    }),
  ),
  flowing_delay: optional(
    duration({
      doc: 'Time between two looks at the gateway’s lists while records come in, and for ten seconds after the last one, if this is less than `purge_delay`. Unset: `purge_delay`, or 250ms if that is not set.',
      min: '10ms',
    }),
  ),
  retained_bytes: optional(
    size({
      doc: 'Maximum bytes of records kept in Redis for sinks that lag; unset: 256MiB, or a tenth of Redis’s `maxmemory` if that is less.',
      min: '64KiB',
    }),
  ),
  retain: optional(
    duration({
      doc: 'How long records stay in Redis that every sink has answered for, so that `sluice route rewind` can have them delivered again. They fill at most four fifths of the bound above and go first: nothing is dropped or held up for them. Unset: they go at once.',
      min: '1s',
    }),
  ),
  spill_dir: text({
    doc: 'At that bound the oldest records of the most lagging pump are moved to files in this folder, and delivered from there later. Empty: `at_bound` decides.',
    default: '',
  }),
  spill_bytes: size({
    doc: 'Maximum bytes of such files per instance; beyond that, or on a full disk, `at_bound` decides.',
    default: '10GiB',
  }),
  spill_file_mode: fileMode({
    doc: 'Permissions of such files, minus the process’s umask; whoever may read the files may also search new folders.',
    default: '0600',
  }),
  at_bound: choice(['shed', 'hold'], {
    doc: 'At that bound: `shed` drops the oldest records of the most lagging pump, counted; `hold` takes nothing more from the gateway.',
    default: 'shed',
  }),
  cache_bytes: size({
    doc: 'Memory for records that several pumps read.',
    default: '64MiB',
  }),
  in_flight_bytes: size({
    doc: 'Memory for records under way, per pump; each record counts with its bytes plus 512.',
    default: '32MiB',
    min: '64KiB',
  }),
  dead_letter_bytes: size({
    doc: 'Maximum bytes of rejected records kept per pump; the oldest are dropped first.',
    default: '64MiB',
  }),
  lease: duration({
    doc: 'After this long without a sign of life, another instance takes over the work.',
    default: '30s',
    min: '100ms',
  }),
  orphan_after: duration({
    doc: 'Time after which the position of a pump that is no longer configured is forgotten.',
    default: '1h',
    min: '10s',
  }),
  shutdown_timeout: duration({ doc: 'Longest time a stop may take.', default: '25s', min: '1s' }),
  attempt_timeout: duration({
    doc: 'Longest time that one delivery attempt may take, for pumps without `timeout`.',
    default: '30s',
    min: '100ms',
  }),
  backoff_base: duration({
    doc: 'First pause before an attempt is repeated.',
    default: '200ms',
    min: '1ms',
  }),
  backoff_max: duration({ doc: 'Longest pause between attempts.', default: '30s', min: '1ms' }),
  retry_after_max: duration({
    doc: 'Longest pause that a sink may ask for (`Retry-After`); it ends early if the sink accepts other records.',
    default: '1m',
    min: '1s',
  }),
  give_up_attempts: integer({
    doc: 'Failed attempts after which a record becomes a dead letter; a failure counts only if the sink accepted other records in between, and more than it refused. 0: never.',
    default: 20,
    min: 0,
  }),
  give_up_age: duration({
    doc: 'If the sink lacks capacity or refuses permission (429, 503, 403, no answer in time), a record becomes a dead letter at the earliest this long after the first attempt.',
    default: '15m',
  }),
  at_refusal: choice(['wait', 'reject'], {
    doc: 'What happens when a sink refuses a hundred records in a row and accepts none: `wait` tries one record at a time until one is accepted; `reject` goes on making dead letters.',
    default: 'wait',
  }),
  retry_percent: integer({
    doc: 'Maximum percentage of retries in what is sent to a sink while fresh records wait; if none wait, retries are not limited.',
    default: 50,
    min: 1,
    max: 90,
  }),
  records: group(recordsOptions, {
    doc: 'What becomes of records before they are sent, for all pumps; the entry of a pump may say otherwise.',
  }),
  workers: optional(
    integer({
      doc: 'Threads that read and deliver; 1: only the main thread. Unset: one less than the machine has cores.',
      min: 1,
      max: 64,
    }),
  ),
  health_address: text({
    doc: 'Address the health and metrics server listens on; empty: all.',
    default: '',
  }),
  watch_config: duration({
    doc: 'How often to look whether the configuration file, a file of a secret or a certificate of a pump has changed, which is then reloaded as at SIGHUP (docs/reload.md); 0: never.',
    default: '0s',
  }),
  admin: adminOptions,
  telemetry: telemetryOptions,
  plugins: list(text({ doc: 'A module.' }), {
    doc: 'External modules that may be used as pumps, each named as in the `type` of its entry: `./my-pump.mjs`, `npm:@acme/sluice-pump-x`. They run with all rights of the service: docs/plugins.md.',
    default: [],
  }),
};

export type OwnOptions = OptionsOf<typeof ownOptions>;
