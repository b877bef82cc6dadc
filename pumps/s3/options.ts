import { choice, flag, type OptionsOf, optional, secret, size, text, tlsOptions } from '#pump';

export const options = {
  bucket: text({ doc: 'Bucket that objects go to. It must be there.' }),
  region: text({
    doc: 'Region of the bucket.',
    default: 'us-east-1',
  }),
  endpoint: secret({
    doc: 'Address of a server that speaks S3 and is not Amazon’s, such as `http://localhost:9000`. Empty: Amazon’s. Never printed.',
    default: '',
  }),
  force_path_style: flag({
    doc: 'The bucket stands in the path, not in the host’s name: most servers that are not Amazon’s want it.',
    default: false,
  }),
  access_key_id: text({
    doc: 'Empty: where Amazon’s tools look (environment, shared files, roles of the machine or the container).',
    default: '',
  }),
  secret_access_key: secret({ doc: 'Only with `access_key_id`.', default: '' }),
  session_token: secret({ doc: 'Only with `access_key_id`, for keys that expire.', default: '' }),
  prefix: text({
    doc: 'What the key of an object begins with. May name text fields of the record and the hour that it is of: `{{year}}`, `{{month}}`, `{{day}}`, `{{hour}}`, in UTC.',
    default: 'tyk/api_id={{api_id}}/date={{year}}-{{month}}-{{day}}/hour={{hour}}/',
  }),
  format: choice(['ndjson', 'parquet'], {
    doc: 'What an object is: a line of JSON for each record, or a file of Parquet.',
    default: 'ndjson',
  }),
  compression: optional(
    choice(['gzip', 'snappy', 'zstd', 'none'], {
      doc: 'How objects are compressed, and of Parquet the columns in them. Default: `gzip`; of Parquet `snappy`, which nothing else has. `zstd` needs Node.js 22.15 or later.',
    }),
  ),
  record_ids: flag({
    doc: 'Lines begin with `record_id`, by which a repeat can be told. Of Parquet it is the first column.',
    default: false,
  }),
  storage_class: optional(text({ doc: 'Such as `STANDARD_IA`. Default: the bucket’s.' })),
  part_bytes: size({
    doc: 'A larger object is uploaded in parts of so many bytes.',
    default: '16MiB',
    min: '5MiB',
  }),
  ...tlsOptions,
};

export type Options = OptionsOf<typeof options>;
