import { flag, group, integer, type OptionsOf, rows, secret, text, tlsOptions } from '#pump';
import { pointOptions, pointTime } from '../shared/line-protocol/point-options.ts';

/**
 * What the operator may say. Names and environment suffixes are Tyk's (tyk-pump.md, "influx and influx2"); ours come
 * last.
 */
export const options = {
  bucket: text({ doc: 'Bucket the points go to.', default: '', env: 'BUCKETNAME' }),
  organization: text({ doc: 'Organisation of the bucket.', default: '', env: 'ORGNAME' }),
  address: secret({
    doc: 'URL of the server: `http://localhost:8086`. Never printed.',
    default: '',
    env: 'ADDR',
  }),
  token: secret({
    doc: 'API token. Needs to write to the bucket; to read buckets for readiness; to read organisations and write buckets for `create_missing_bucket`.',
    default: '',
  }),
  ...pointOptions,
  flush: flag({
    doc: 'In In Tyk Pump: waits at the end of each batch until it is written.',
    default: false,
    withoutEffect: 'every batch is written before it counts as delivered',
    isQuiet: true,
  }),
  create_missing_bucket: flag({
    doc: 'Creates the bucket at start if there is none.',
    default: false,
  }),
  new_bucket_config: group(
    {
      description: text({ doc: 'Description of the bucket that is created.', default: '' }),
      retention_rules: rows(
        {
          every_seconds: integer({
            doc: 'How long points are kept, in seconds. 0: for ever.',
            default: 0,
            min: 0,
          }),
          shard_group_duration_seconds: integer({
            doc: 'Time that one shard group covers, in seconds. 0: the server decides.',
            default: 0,
            min: 0,
          }),
          type: text({ doc: 'Kind of rule; `expire` is the only one.', default: '' }),
        },
        { doc: 'How long points are kept in the bucket that is created.', env: false },
      ),
    },
    { doc: 'The bucket that `create_missing_bucket` creates.', env: 'NEWBUCKETCONFIG' },
  ),

  timestamp: pointTime,
  ...tlsOptions,
};

export type Options = OptionsOf<typeof options>;
