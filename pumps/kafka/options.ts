import {
  basicTlsOptions,
  choice,
  flag,
  integer,
  list,
  map,
  type OptionsOf,
  optional,
  secret,
  text,
} from '#pump';
import { timeout } from './timeout.ts';

/**
 * What the operator may say. Names, units and environment suffixes are Tyk's (tyk-pump.md, "kafka"); ours come last.
 */
export const options = {
  broker: list(text({ doc: 'Address of a broker.' }), {
    doc: 'Initial brokers, as `host:port`; the others are learnt from them.',
    default: [],
  }),
  client_id: text({
    doc: 'Name by which the broker knows this client. Empty: `sluice`.',
    default: '',
  }),
  topic: text({ doc: 'Topic the messages go to.', default: '' }),
  timeout,
  compressed: flag({ doc: 'The same as `compression: "snappy"`.', default: false }),
  meta_data: map({
    doc: 'Further keys of every message. They replace keys of the record of the same name.',
    default: {},
  }),
  use_ssl: flag({ doc: 'Connects with TLS.', default: false }),
  ...basicTlsOptions,
  ssl_insecure_skip_verify: flag({
    doc: 'Accepts any broker certificate. Insecure.',
    default: false,
  }),
  sasl_mechanism: text({
    doc: '`plain`, `scram`, `oauthbearer` or `aws_msk_iam`. Empty: no login.',
    default: '',
  }),
  sasl_username: text({ doc: 'User of the login.', default: '', env: 'USERNAME' }),
  sasl_password: secret({ doc: 'Password of the login.', default: '', env: 'PASSWORD' }),
  sasl_algorithm: text({
    doc: 'Hash of `scram`: `sha-256` or `sha-512`. Empty: `sha-256`.',
    default: '',
    env: 'ALGORITHM',
  }),
  batch_bytes: integer({
    doc: 'Maximum bytes of messages sent to a partition at once, before compression. 0: 1 MiB. A larger record is a dead letter.',
    default: 0,
    min: 0,
  }),

  compression: optional(
    choice(['none', 'gzip', 'snappy', 'lz4', 'zstd'], {
      doc: 'Compression of the messages. `zstd` needs Node 22.15. Default: `none`, or `snappy` with `compressed`.',
    }),
  ),
  partition_by: choice(['none', 'api_id', 'org_id', 'api_key'], {
    doc: 'Records with the same value go to the same partition, in their order. `none`: a batch goes to one partition, the next one to another.',
    default: 'none',
  }),
  message_key: choice(['none', 'record', 'partition'], {
    doc: 'Key of the messages: none as with Tyk Pump, our record id, or the value that `partition_by` names.',
    default: 'none',
  }),
  client: choice(['own', 'kafkajs'], {
    doc: 'What talks to the brokers: our own producer, or the library kafkajs. The library costs five times the processor time, and stores a batch twice if its answer is lost.',
    default: 'own',
  }),
  sasl_oauth_token: secret({ doc: 'Token of `oauthbearer`.', default: '' }),
  sasl_oauth_token_file: text({
    doc: 'File with the token of `oauthbearer`; read at every login.',
    default: '',
  }),
  sasl_oauth_token_url: secret({
    doc: 'Where to request a token for `oauthbearer`, with the client credentials grant.',
    default: '',
  }),
  sasl_oauth_client_id: text({ doc: 'Client id for requesting the token.', default: '' }),
  sasl_oauth_client_secret: secret({ doc: 'Client secret for requesting the token.', default: '' }),
  sasl_oauth_scope: text({ doc: 'Scope of the token. Empty: none is requested.', default: '' }),
  aws_region: text({ doc: 'Region of the MSK cluster, for `aws_msk_iam`.', default: '' }),
  aws_access_key_id: text({ doc: 'Access key of `aws_msk_iam`.', default: '' }),
  aws_secret_access_key: secret({ doc: 'Secret access key of `aws_msk_iam`.', default: '' }),
  aws_session_token: secret({
    doc: 'Session token of `aws_msk_iam`, if the keys are a role’s.',
    default: '',
  }),
  transactional_id: text({
    doc: 'Sends each batch as one transaction with this id: either all of its messages appear or none. Only one process may use an id.',
    default: '',
  }),
};

export type Options = OptionsOf<typeof options>;
