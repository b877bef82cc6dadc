import {
  choice,
  duration,
  flag,
  type Guarantee,
  group,
  integer,
  type Limits,
  mebibytes,
  millis,
  type OptionsOf,
  type Repeats,
  secret,
  text,
} from '#pump';

const neverRenamed = 'no index or column is ever renamed';

/** What the operator may say of a database. Names and environment suffixes are Tyk's; ours come last. */
export const sqlOptions = {
  type: choice(['postgres', 'mysql', 'sqlite'], {
    doc: 'Kind of database: `postgres`, `mysql` (also for MariaDB), or `sqlite`, a file on this machine.',
  }),
  connection_string: secret({
    doc: 'DSN in the form of Go’s drivers: `host=… user=… password=… dbname=… sslmode=…` or `postgres://…`; `user:password@tcp(host:port)/database?…`; the path of a file. Never printed.',
  }),
  postgres: group(
    {
      prefer_simple_protocol: flag({
        doc: 'In Tyk Pump: prepares no statements, so that a pool manager can be in front of the server.',
        default: false,
        withoutEffect: 'no statement is ever prepared',
        isQuiet: true,
      }),
    },
    { doc: 'PostgreSQL alone.' },
  ),
  mysql: group(
    {
      default_string_size: integer({
        doc: 'Length in characters of text columns in tables that Sluice creates. 0: a longtext.',
        default: 0,
        min: 0,
        max: 16_383,
      }),
      disable_datetime_precision: flag({
        doc: 'Creates columns for whole seconds, as MySQL before 5.6 requires.',
        default: false,
      }),
      dont_support_rename_index: flag({
        doc: 'In Tyk Pump: drops and creates an index instead of renaming it.',
        default: false,
        withoutEffect: neverRenamed,
        isQuiet: true,
      }),
      dont_support_rename_column: flag({
        doc: 'In Tyk Pump: changes a column instead of renaming it.',
        default: false,
        withoutEffect: neverRenamed,
        isQuiet: true,
      }),
      skip_initialize_with_version: flag({
        doc: 'In In Tyk Pump: does not ask for the server’s version.',
        default: false,
        withoutEffect: 'the version is never asked for',
        isQuiet: true,
      }),
    },
    { doc: 'MySQL and MariaDB alone.' },
  ),
  table_sharding: flag({
    doc: 'Uses a table for each day, `…_YYYYMMDD`, by the record’s timestamp in its own zone.',
    default: false,
  }),
  log_level: text({
    doc: 'Which statements are logged, by Tyk Pump’s names: `debug`: all; `info`: slow and failed ones; `warning`: failed ones. Anything else: none.',
    default: '',
  }),
  batch_size: integer({
    doc: 'Maximum rows in one statement, and records in one transaction. 0: 1000, or 5000 on PostgreSQL.',
    default: 0,
    min: 0,
  }),
  migrate_sharded_tables: flag({
    doc: 'At start, adds missing columns and indexes to the tables of all days, not only to those that are written to.',
    default: false,
  }),

  exactly_once: flag({
    doc: 'Notes in the table `sluice_delivered`, in the same transaction, which records were stored, so that none is stored twice. `false`: for a user who may not create that table; a record that arrives again is then stored again.',
    default: true,
  }),
  notes_kept: duration({
    doc: 'How long notes are kept: longer than any record can wait to be delivered.',
    default: '720h',
    min: '1h',
  }),
};

export type SqlOptions = OptionsOf<typeof sqlOptions>;

export const batchRows = ({ batch_size, type }: SqlOptions): number =>
  batch_size === 0 ? (type === 'postgres' ? 5_000 : 1_000) : batch_size;

export function sqlLimits(options: SqlOptions): Limits {
  return {
    records: batchRows(options),
    bytes: mebibytes(options.type === 'postgres' ? 8 : 4),
    age: millis(1_000),
    // A file has one writer at a time.
    inFlight: options.type === 'sqlite' ? 1 : 4,
  };
}

export const sqlGuarantee = ({ exactly_once }: SqlOptions): Guarantee =>
  exactly_once ? 'effectively-once' : 'at-least-once';

export const sqlRepeats = ({ exactly_once }: SqlOptions): Repeats =>
  exactly_once ? 'harmless' : 'stored-twice';
