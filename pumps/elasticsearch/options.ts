import {
  basicTlsOptions,
  choice,
  flag,
  group,
  integer,
  type OptionsOf,
  optional,
  secret,
  text,
} from '#pump';

/**
 * What the operator may say. Names, units and environment suffixes are Tyk's (tyk-pump.md, "elasticsearch"); ours come
 * last.
 */
export const options = {
  index_name: text({
    doc: 'Index the documents go to. Created by the server when the first one arrives.',
    default: 'tyk_analytics',
  }),
  elasticsearch_url: secret({
    doc: 'Comma-separated URLs of the nodes, `http://localhost:9200` by default. A user and password in a URL are used and never printed.',
    default: 'http://localhost:9200',
  }),
  use_sniffing: flag({
    doc: 'Asks the cluster for its nodes and spreads the requests over them.',
    default: false,
    env: 'ENABLESNIFFING',
    aliases: ['enable_sniffing'],
  }),
  document_type: text({
    doc: 'Mapping type of the documents. Only servers before 7 have types.',
    default: 'tyk_analytics',
  }),
  rolling_index: flag({
    doc: 'Appends the local date to the names of the indices: `tyk_analytics-2024.03.10`.',
    default: false,
  }),
  extended_stats: flag({
    doc: 'Adds `raw_request`, `raw_response` and `user_agent`.',
    default: false,
    env: 'EXTENDEDSTATISTICS',
  }),
  generate_id: flag({
    doc: 'The same as `document_id: "tyk"`: ids as Tyk Pump makes them. They collide, see below.',
    default: false,
  }),
  decode_base64: flag({
    doc: 'Decodes the raw fields from base64. Only with `extended_stats`.',
    default: false,
  }),
  version: choice(['auto', '3', '5', '6', '7', '8', '9', 'opensearch', ''], {
    doc: 'Version of the server; `auto` (or an empty text) asks it. `3` stands for 1.x and 2.x.',
    default: 'auto',
  }),
  disable_bulk: flag({
    doc: 'Sends one request per record. Much slower; ignores `mcp_index_name`.',
    default: false,
  }),
  bulk_config: group(
    {
      workers: integer({
        doc: 'Maximum bulk requests under way at once. 0: 4.',
        default: 0,
        min: 0,
      }),
      flush_interval: integer({
        doc: 'Longest time that a record waits for its batch to fill, in seconds. 0: one second.',
        default: 0,
        min: 0,
      }),
      bulk_actions: integer({
        doc: 'Maximum records in a bulk request. 0: 1000. −1: no special limit (10,000).',
        default: 1_000,
        min: -1,
      }),
      bulk_size: integer({
        doc: 'Maximum bytes of a bulk request before compression. 0: 5 MiB. −1: no special limit (32 MiB).',
        default: 5_242_880,
        min: -1,
      }),
    },
    { doc: 'How large batches get and how many are sent at once.' },
  ),
  auth_api_key_id: text({ doc: 'Id of the API key.', default: '' }),
  auth_api_key: secret({
    doc: 'The API key; together with its id it is used instead of user and password.',
    default: '',
  }),
  auth_basic_username: text({
    doc: 'User for basic authentication.',
    default: '',
    env: 'USERNAME',
  }),
  auth_basic_password: secret({
    doc: 'Password for basic authentication.',
    default: '',
    env: 'PASSWORD',
  }),
  use_ssl: flag({
    doc: 'Applies the `ssl_…` options to `https` URLs. Without it, they are verified against the system’s roots.',
    default: false,
  }),
  ...basicTlsOptions,
  mcp_index_name: text({
    doc: 'Index for MCP records; empty: with the others.',
    default: '',
  }),

  document_id: optional(
    choice(['record', 'tyk', 'tyk_hex', 'none'], {
      doc: 'Ids of the documents: `record` (our record id; a repeat is stored once), `tyk` (as `generate_id`), `tyk_hex` (the same hash in full, as 16 hex digits), `none` (the server’s own). Default: `record`, or `tyk` with `generate_id`.',
    }),
  ),
  rolling_by: choice(['write', 'record'], {
    doc: 'Whose date `rolling_index` appends: the day of writing, as Tyk Pump does, or the record’s own day.',
    default: 'write',
  }),
  data_stream: flag({
    doc: 'The indices are data streams: only `create` is used. Needs an index template with a data stream.',
    default: false,
  }),
  pipeline: text({ doc: 'Ingest pipeline the documents go through.', default: '' }),
  index_template: text({
    doc: 'Name of an index template that is created if there is none with that name, with mappings that suit Kibana. Empty: none.',
    default: '',
  }),
  gzip: flag({ doc: 'Compresses the requests.', default: false }),
};

export type Options = OptionsOf<typeof options>;
