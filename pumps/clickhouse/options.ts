import { flag, integer, type OptionsOf, secret, size, text, tlsOptions } from '#pump';

export const options = {
  url: secret({
    doc: 'Address of the HTTP interface: `http://localhost:8123`. Never printed: it may hold a password.',
  }),
  database: text({ doc: 'Database of the table.', default: 'default' }),
  table: text({ doc: 'Table that the rows go to.', default: 'tyk_analytics' }),
  username: text({ doc: 'User. Empty: the user of `url`, or the server’s default.', default: '' }),
  password: secret({ doc: 'Its password.', default: '' }),
  create_table: flag({
    doc: 'Creates the table if it is missing, and adds columns that it lacks.',
    default: false,
  }),
  engine: text({
    doc: 'Engine of the table that is created. On a cluster: `ReplicatedReplacingMergeTree`.',
    default: 'ReplacingMergeTree',
  }),
  order_by: text({
    doc: 'Order of the table that is created. With `record_id` in it, a repeat replaces itself at the next merge.',
    default: '(api_id, timestamp, record_id)',
  }),
  partition_by: text({
    doc: 'Partitions of the table that is created.',
    default: 'toYYYYMM(timestamp)',
  }),
  table_options: text({
    doc: 'Further clauses for the table that is created, such as `TTL toDateTime(timestamp) + INTERVAL 90 DAY`.',
    default: '',
  }),
  async_insert: flag({
    doc: 'Lets the server gather inserts of several clients. The pump still waits until they are stored.',
    default: false,
  }),
  gzip: flag({ doc: 'Sends rows compressed.', default: false }),
  batch_records: integer({
    doc: 'Maximum rows in an insert.',
    default: 20_000,
    min: 1,
    max: 100_000,
  }),
  batch_bytes: size({
    doc: 'Maximum bytes of records in an insert, up to 64MiB.',
    default: '16MiB',
    min: '1KiB',
  }),
  ...tlsOptions,
};

export type Options = OptionsOf<typeof options>;
