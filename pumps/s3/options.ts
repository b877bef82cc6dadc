import { choice, flag, type OptionsOf, optional, secret, size, text, tlsOptions } from '#pump';

export const options = {
  bucket: text({ doc: 'Bucket that objects go to. It must exist.' }),
  region: text({
    doc: 'Region of the bucket.',
    default: 'us-east-1',
  }),
  endpoint: secret({
    doc: 'Address of an S3 server other than Amazon’s, such as `http://localhost:9000`. Empty: Amazon’s. Never printed.',
    default: '',
  }),
  force_path_style: flag({
    doc: 'Puts the bucket into the path, not into the host name, as most servers other than Amazon’s require.',
    default: false,
  }),
  access_key_id: text({
    doc: 'Empty: found where Amazon’s tools look (environment, shared files, roles of the machine or the container).',
    default: '',
  }),
  secret_access_key: secret({ doc: 'Only with `access_key_id`.', default: '' }),
  session_token: secret({ doc: 'Only with `access_key_id`, for keys that expire.', default: '' }),
  prefix: text({
    doc: 'Beginning of an object’s key. May name text fields of the record and its hour: `{{year}}`, `{{month}}`, `{{day}}`, `{{hour}}`, in UTC.',
    default: 'tyk/api_id={{api_id}}/date={{year}}-{{month}}-{{day}}/hour={{hour}}/',
  }),
  format: choice(['ndjson', 'parquet'], {
    doc: 'Format of an object: a line of JSON for each record, or a Parquet file.',
    default: 'ndjson',
  }),
  compression: optional(
    choice(['gzip', 'snappy', 'zstd', 'none'], {
      doc: 'How objects are compressed, or for Parquet their columns. Default: `gzip`; for Parquet `snappy`, which is available only there. `zstd` needs Node.js 22.15 or later.',
    }),
  ),
  record_ids: flag({
    doc: 'Lines begin with `record_id`, by which repeats can be recognised. In Parquet it is the first column.',
    default: false,
  }),
  storage_class: optional(text({ doc: 'Such as `STANDARD_IA`. Default: the bucket’s.' })),
  part_bytes: size({
    doc: 'A larger object is uploaded in parts of this many bytes.',
    default: '16MiB',
    min: '5MiB',
  }),
  ...tlsOptions,
};

export type Options = OptionsOf<typeof options>;
