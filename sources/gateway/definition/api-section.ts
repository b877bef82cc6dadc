/** The fields of a definition itself, as of the gateway's `apidef.APIDefinition` (version 5). */
import { choice, flag, integer, list, secret, text } from '#source';
import { ignored, type Other, quiet, refused, type Section } from './treatment.ts';

const seconds = (doc: string) => integer({ doc, default: 0, min: 0 });
const off = (doc: string) => flag({ doc, default: false });

/** Kept by name, as many definitions have them all. */
const others: Readonly<Record<string, Other>> = {
  // Said of an API, without an effect on a call.
  id: quiet('the database’s number of the definition'),
  _id: quiet('the database’s number of the definition'),
  slug: quiet('a name in addresses of the dashboard'),
  description: quiet('a word for people'),
  config_data: quiet('data for plugins'),
  config_data_disabled: quiet('counts for plugins'),
  is_site: quiet('a mark of the dashboard'),
  sort_by: quiet('a setting of the dashboard'),
  user_owners: quiet('rights in the dashboard'),
  user_group_owners: quiet('rights in the dashboard'),
  hook_references: quiet('webhooks of the dashboard'),
  created_at: quiet('a date'),
  updated_at: quiet('a date'),
  auth_provider: quiet('where keys are: Redis, as always'),
  session_provider: quiet('where sessions are: Redis, as always'),
  session_lifetime: quiet('sessions are not written'),
  session_lifetime_respects_key_expiration: quiet('sessions are not written'),
  dont_set_quota_on_create: quiet('keys are not made'),
  jwt_skip_kid: quiet('the key is that of `jwt_source`, whatever `kid` says'),
  idp_client_id_mapping_disabled: quiet('ids of clients are not looked up'),
  hmac_allowed_clock_skew: quiet('counts with `enable_signature_checking`, which is refused'),
  hmac_allowed_algorithms: quiet('counts with `enable_signature_checking`, which is refused'),
  oauth_meta: quiet('counts with `use_oauth2`, which is refused'),
  notifications: quiet('counts with `use_oauth2`, which is refused'),
  openid_options: quiet('counts with `use_openid`, which is refused'),
  basic_auth: quiet('counts with `use_basic_auth`, which is refused'),
  client_certificates: quiet('counts with `use_mutual_tls_auth`, which is refused'),
  upstream_certificates_disabled: quiet('counts with `upstream_certificates`, which is refused'),
  certificate_pinning_disabled: quiet('counts with `pinned_public_keys`, which is refused'),
  custom_middleware_bundle_disabled: quiet(
    'counts with `custom_middleware_bundle`, which is refused',
  ),
  tag_headers_disabled: quiet('the gateway knows no such field'),
  response_processors: refused('transforms of answers'),

  // Left out: a call is the same without them, and somebody may wait for what they promise.
  event_handlers: ignored('no events are fired'),
  certificates: ignored('certificates are the source’s own, by `tls`'),
  enable_batch_request_support: ignored('there is no endpoint for batches'),
  detailed_tracing: ignored('there are no traces'),

  // Ways to know the client that are not built.
  use_oauth2: refused('OAuth'),
  external_oauth: refused('OAuth', 'enabled'),
  use_openid: refused('OpenID'),
  use_basic_auth: refused('passwords'),
  use_mutual_tls_auth: refused('client certificates'),
  use_go_plugin_auth: refused('plugins'),
  enable_coprocess_auth: refused('plugins'),
  custom_plugin_auth_enabled: refused('plugins'),
  enable_signature_checking: refused('signed requests'),
  auth_configs: refused('settings of each way to authenticate; `auth` is obeyed'),
  jwt_jwks_uris: refused('addresses of keys are not asked'),
  jwt_client_base_field: refused('policies of clients'),
  jwt_scope_to_policy_mapping: refused('policies by scope'),
  jwt_scope_claim_name: quiet('counts with `jwt_scope_to_policy_mapping`, which is refused'),
  scopes: refused('policies by scope'),
  security_requirements: refused('several ways to authenticate'),

  // What a proxy that records does not do to calls.
  custom_middleware: refused('plugins'),
  custom_middleware_bundle: refused('plugins'),
  analytics_plugin: refused('plugins', 'enable'),
  graphql: refused('GraphQL', 'enabled'),
  CORS: refused('CORS', 'enable'),
  cache_options: refused('a cache', 'enable_cache'),
  request_signing: refused('signed requests', 'is_enabled'),
  upstream_auth: refused('credentials for the upstream', 'enabled'),
  upstream_certificates: refused('client certificates in the gateway’s own store'),
  pinned_public_keys: refused('pinned keys'),
  global_rate_limit: refused('a limit of the API; those of keys and policies are told from it'),
  listen_port: refused('a port of its own; `listen` of the source says where it listens'),
  enable_proxy_protocol: refused('the PROXY protocol'),
  internal: refused('an API for other APIs alone'),
  expiration: refused('an end of the API; `expires` of a version is obeyed'),
  is_oas: refused('definitions in OpenAPI'),
  json_rpc_version: refused('JSON-RPC'),
  application_protocol: refused('protocols other than HTTP'),
};

export const apiSection = {
  obeyed: {
    name: text({ doc: '`api_name` of the records.', default: '' }),
    api_id: text({ doc: '`api_id` of the records; a session’s rights go by it.' }),
    org_id: text({ doc: '`org_id` of the records; policies of others do not count.', default: '' }),
    active: flag({ doc: 'False: the API is not served.', default: true }),
    protocol: choice(['', 'http', 'https', 'h2c'], {
      doc: 'Of targets that name none.',
      default: '',
    }),
    domain: text({ doc: 'Host that the API is served at; empty: at all of them.', default: '' }),
    domain_disabled: off('`domain` does not count.'),
    use_keyless: off('Everybody may call.'),
    use_standard_auth: off('Clients need a key; so it is where nothing else is said.'),
    enable_jwt: off('Clients need a JWT.'),
    base_identity_provided_by: choice(['', 'auth_token', 'jwt_claim'], {
      doc: 'Whose session counts; the one way to authenticate that the API has.',
      default: '',
    }),
    jwt_signing_method: choice(['', 'hmac', 'rsa', 'ecdsa'], {
      doc: 'Family of its signatures; empty: `hmac`. Tokens of another one, and unsigned ones, are refused.',
      default: '',
    }),
    jwt_source: secret({
      doc: 'In base64: the secret (`hmac`), or the public key or certificate in PEM or DER. Addresses of keys are refused.',
      default: '',
    }),
    jwt_identity_base_field: text({
      doc: 'Claim that says who calls; where it is not there, `sub` does.',
      default: '',
    }),
    jwt_policy_field_name: text({ doc: 'Claim with the id of the policy.', default: '' }),
    jwt_default_policies: list(text({ doc: 'An id.' }), {
      doc: 'Policies of tokens that name none.',
      default: [],
    }),
    jwt_issued_at_validation_skew: seconds('Seconds by which `iat` may lie ahead.'),
    jwt_expires_at_validation_skew: seconds('Seconds by which `exp` may lie behind.'),
    jwt_not_before_validation_skew: seconds('Seconds by which `nbf` may lie ahead.'),
    strip_auth_data: off('Neither the upstream nor the record sees the key or the JWT.'),
    enable_context_vars: off('`$tyk_context.…` in `global_headers`.'),
    tag_headers: list(text({ doc: 'A name.' }), {
      doc: 'Headers that the record has as tags, `name-value`.',
      default: [],
    }),
    tags: list(text({ doc: 'A tag.' }), { doc: 'Tags of all records of the API.', default: [] }),
    tags_disabled: off('`tags` do not count.'),
    do_not_track: off('No records.'),
    enable_detailed_recording: off(
      'Records have request and answer, where the source keeps payloads at all (`record.bodies`).',
    ),
    expire_analytics_after: seconds(
      'Seconds until records expire, for sinks that do so; 0: a hundred years.',
    ),
    ip_access_control_disabled: off('Neither list of addresses counts.'),
    enable_ip_whitelisting: off('Only `allowed_ips` may call.'),
    allowed_ips: list(text({ doc: 'An address, or a range as `10.0.0.0/8`.' }), {
      doc: 'Who may call.',
      default: [],
    }),
    enable_ip_blacklisting: off('`blacklisted_ips` may not call.'),
    blacklisted_ips: list(text({ doc: 'An address, or a range as `10.0.0.0/8`.' }), {
      doc: 'Who may not.',
      default: [],
    }),
    disable_rate_limit: off('The rate of keys and policies is not limited here.'),
    disable_quota: off('The quota of keys and policies does not count here.'),
  },
  sections: ['auth', 'definition', 'version_data', 'proxy', 'uptime_tests'],
  others,
} satisfies Section;
