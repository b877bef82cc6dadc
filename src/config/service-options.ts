import { choice, flag, integer, optional, port, secret, text } from './options/builders.ts';
import { group, list, map } from './options/collections.ts';
import { duration, size } from './options/measures.ts';
import type { OptionsOf } from './options/option.ts';
import { recordsOptions } from './records-options.ts';

/**
 * What the operator may say about the service. Names, units and variables of Tyk Pump are kept to the letter
 * (tyk-pump.md, "Storage options", "Variables").
 */

const deprecated = (name: string): string => `Deprecated name of \`${name}\`.`;

const tlsVersions = '"1.0", "1.1", "1.2" or "1.3"';

const storageOptions = {
  type: choice(['', 'redis'], { doc: 'Kind of store: `redis`, or empty.', default: '' }),
  host: text({ doc: 'Host of Redis, used together with `port`.', default: '' }),
  port: port({ doc: 'Port of Redis. 0: `host` is not used.', default: 0 }),
  hosts: map({ doc: 'Deprecated form of `addrs`: an object of host → port.', default: {} }),
  addrs: list(text({ doc: 'host:port' }), {
    doc: 'Addresses as `host:port`: of Redis, of the sentinels (`master_name`) or of cluster nodes (`enable_cluster`).',
    default: [],
  }),
  master_name: text({
    doc: 'Name of the master. If set, Sentinel mode.',
    default: '',
    env: 'MASTERNAME',
  }),
  sentinel_password: secret({ doc: 'Password of the sentinels.', default: '' }),
  username: text({ doc: 'ACL user.', default: '' }),
  password: secret({ doc: 'Password of Redis.', default: '' }),
  database: integer({ doc: 'Database number; ignored in cluster mode.', default: 0, min: 0 }),
  timeout: integer({
    doc: 'Seconds within which connecting and each command must finish; 0: 5.',
    default: 0,
    min: 0,
    max: 86_400,
  }),
  optimisation_max_idle: integer({
    doc: 'Idle connections of Tyk Pump’s pool.',
    default: 0,
    env: 'MAXIDLE',
    withoutEffect: 'commands share a few connections, so there is no pool to keep idle',
    isQuiet: true,
  }),
  optimisation_max_active: integer({
    doc: 'Size of Tyk Pump’s connection pool.',
    default: 0,
    env: 'MAXACTIVE',
    withoutEffect: 'commands share a few connections, so there is no pool to limit',
    isQuiet: true,
  }),
  enable_cluster: flag({ doc: 'Redis Cluster.', default: false }),
  redis_key_prefix: text({ doc: deprecated('key_prefix'), default: '' }),
  key_prefix: text({ doc: 'Prefix of the analytics lists; empty: `analytics-`.', default: '' }),
  use_ssl: flag({ doc: 'TLS to Redis.', default: false }),
  redis_use_ssl: flag({ doc: deprecated('use_ssl'), default: false }),
  ssl_insecure_skip_verify: flag({ doc: 'Accepts any certificate.', default: false }),
  redis_ssl_insecure_skip_verify: flag({
    doc: deprecated('ssl_insecure_skip_verify'),
    default: false,
  }),
  ssl_ca_file: text({ doc: 'PEM file of an additional trusted authority.', default: '' }),
  ssl_cert_file: text({ doc: 'PEM file of the client certificate.', default: '' }),
  ssl_key_file: text({ doc: 'PEM file of the client key.', default: '' }),
  ssl_max_version: text({ doc: `Highest TLS version: ${tlsVersions}.`, default: '' }),
  ssl_min_version: text({ doc: `Lowest TLS version: ${tlsVersions}; empty: 1.2.`, default: '' }),
  iam_auth: group(
    {
      enabled: flag({ doc: 'Not available in this version.', default: false }),
      provider: text({ doc: 'Used with `enabled`.', default: '' }),
      service_account: text({ doc: 'Used with `enabled`.', default: '' }),
      token_refresh_before_expiry: text({ doc: 'Used with `enabled`.', default: '5m' }),
    },
    { doc: 'Cloud identity instead of a password.' },
  ),
};

export const globalOptions = {
  purge_delay: integer({
    doc: 'Seconds between two claims while there is no backlog; unset or 0: 10.',
    default: 0,
    min: 0,
  }),
  purge_chunk: integer({
    doc: 'Maximum records in one range of work; 0: as many as fit into about 1 MiB, or 400 where these are larger, up to 4 MiB. It does not make anything wait for the next tick.',
    default: 0,
    min: 0,
  }),
  storage_expiration_time: integer({
    doc: 'Seconds after which Tyk Pump lets Redis delete the remains of a chunk.',
    default: 0,
    min: 0,
    withoutEffect: 'claimed records never expire',
    isQuiet: true,
  }),
  dont_purge_uptime_data: flag({ doc: 'Leaves the uptime list alone.', default: false }),
  analytics_storage_type: choice(['', 'redis'], {
    doc: 'Kind of store: `redis`, or empty.',
    default: '',
  }),
  analytics_storage_config: group(storageOptions, { doc: 'The Redis with the records.' }),
  statsd_connection_string: text({
    doc: 'StatsD daemon, `host:port`, that receives metrics of the service over UDP; only with the variable `TYK_INSTRUMENTATION=1`.',
    default: '',
  }),
  statsd_prefix: text({
    doc: 'Prefix of the names of these metrics.',
    default: '',
  }),
  log_level: text({ doc: 'error, warn, info or debug; `TYK_LOGLEVEL` wins.', default: 'info' }),
  log_format: text({ doc: 'text, json or legacy; `TYK_LOGFORMAT` wins.', default: 'text' }),
  health_check_endpoint_name: text({
    doc: 'Path of the health endpoint, without a slash.',
    default: 'health',
  }),
  health_check_endpoint_port: port({
    doc: 'Port of the health endpoint; 0: 8083.',
    default: 8083,
  }),
  omit_detailed_recording: flag({
    doc: 'Has no effect at this level, nor in Tyk Pump.',
    default: false,
    withoutEffect: 'set it on the pump’s entry, as in Tyk Pump',
  }),
  max_record_size: integer({
    doc: 'Bytes to which raw requests and responses are cut, for pumps without their own value; 0: off.',
    default: 0,
    min: 0,
  }),
  enable_http_profiler: flag({
    doc: 'Serves Serves Go’s profiler over HTTP.',
    default: false,
    env: 'HTTPPROFILE',
    withoutEffect: 'there is no Go profiler here',
  }),
  omit_config_file: flag({
    doc: 'Has no effect in the file, nor in Tyk Pump; the variable `TYK_PMP_OMITCONFIGFILE` does.',
    default: false,
    env: false,
    withoutEffect: 'only the variable TYK_PMP_OMITCONFIGFILE works, as in Tyk Pump',
  }),
  raw_request_decoded: flag({
    doc: 'Has no effect at this level, nor in Tyk Pump.',
    default: false,
    env: 'DECODERAWREQUEST',
    withoutEffect: 'set it on the pump’s entry, as in Tyk Pump',
  }),
  raw_response_decoded: flag({
    doc: 'Has no effect at this level, nor in Tyk Pump.',
    default: false,
    env: 'DECODERAWRESPONSE',
    withoutEffect: 'set it on the pump’s entry, as in Tyk Pump',
  }),
};

const none = (doc: string, env: string) => list(text({ doc }), { doc, default: [], env });
const noCodes = (doc: string, env: string) => list(integer({ doc }), { doc, default: [], env });

/** An entry of `pumps`, without its `meta`, which is the pump's own. */
export const entryOptions = {
  name: text({
    doc: 'Has no effect, nor in Tyk Pump.',
    default: '',
    withoutEffect: 'a pump is named by its key under `pumps`',
    isQuiet: true,
  }),
  type: text({
    doc: 'Kind of destination, or an external module (docs/plugins.md); empty: the entry’s name.',
    default: '',
  }),
  filters: group(
    {
      // The variables of the organisation lists have an S too many in Tyk Pump.
      org_ids: none('Only records of these organisations.', 'ORGSIDS'),
      api_ids: none('Only records of these APIs.', 'APIIDS'),
      response_codes: noCodes('Only records with these response codes.', 'RESPONSECODES'),
      skip_org_ids: none('No records of these organisations.', 'SKIPPEDORGSIDS'),
      skip_api_ids: none('No records of these APIs.', 'SKIPPEDAPIIDS'),
      skip_response_codes: noCodes('No records with these codes.', 'SKIPPEDRESPONSECODES'),
    },
    { doc: 'Which records this pump receives.' },
  ),
  timeout: integer({
    doc: 'Seconds after which one attempt is given up and repeated; 0: `sluice.attempt_timeout`.',
    default: 0,
    min: 0,
  }),
  omit_detailed_recording: flag({
    doc: 'Empties raw requests and responses.',
    default: false,
  }),
  max_record_size: integer({
    doc: 'Bytes to which raw requests and responses are cut; 0: the global value.',
    default: 0,
    min: 0,
  }),
  raw_request_decoded: flag({
    doc: 'Decodes raw requests from base64.',
    default: false,
    env: 'DECODERAWREQUEST',
  }),
  raw_response_decoded: flag({
    doc: 'Decodes raw responses from base64.',
    default: false,
    env: 'DECODERAWRESPONSE',
  }),
  ignore_fields: none('Fields to empty, by their JSON names.', 'IGNOREFIELDS'),
  start_at: choice(['now', 'oldest'], {
    doc: 'Where a pump begins at its very first start: `now`, with records claimed from then on, or `oldest`, also with records still kept for other pumps. Afterwards it continues from its position. Tyk Pump does not have this option.',
    default: 'now',
  }),
  max_age: optional(
    duration({
      doc: 'A record that is older than this, by its own time, when it is to be sent is left out and counted as `stale`. For sinks to which old records are of no use, such as metrics (docs/routes.md).',
      min: '1s',
    }),
  ),
  limits: group(
    {
      records: optional(integer({ doc: 'Maximum records in a batch.', min: 1 })),
      bytes: optional(size({ doc: 'Maximum bytes in a batch.' })),
      age: optional(duration({ doc: 'Longest time that a record waits for its batch to fill.' })),
      in_flight: optional(integer({ doc: 'Maximum batches under way at once.', min: 1 })),
      concurrency: choice(['adaptive', 'fixed'], {
        doc: '`adaptive`: as many batches under way as the sink accepts without slowing down or refusing records, at most `in_flight`; `fixed`: always `in_flight`.',
        default: 'adaptive',
      }),
      rate: group(
        {
          records: optional(
            integer({
              doc: 'Maximum records per second sent to its sink, by all instances together.',
              min: 1,
            }),
          ),
          bytes: optional(
            size({
              doc: 'Maximum bytes of records per second, likewise; counted as the records are in Redis.',
              min: '1KiB',
            }),
          ),
        },
        {
          doc: 'Most that its sink is sent in a second; `sluice route rate` says otherwise while the service runs (docs/routes.md).',
        },
      ),
    },
    { doc: 'Lowers the limits of this pump. Ours; Tyk Pump has none.' },
  ),
  ...recordsOptions,
};

export type StorageOptions = OptionsOf<typeof storageOptions>;
export type GlobalOptions = OptionsOf<typeof globalOptions>;
export type EntryOptions = OptionsOf<typeof entryOptions>;
