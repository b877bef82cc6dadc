/** The objects within a definition, field by field, as of the gateway's `apidef.APIDefinition` (version 5). */
import { choice, flag, integer, list, map, number, rows, text } from '#source';
import { quiet, refused, type Section } from './treatment.ts';

const section = <const S extends Section>(of: S): S => of;

const notBuilt = refused('this proxy records; it does not manage APIs');

export const authSection = section({
  obeyed: {
    auth_header_name: text({
      doc: 'Header with the key or the JWT; empty: `Authorization`.',
      default: '',
    }),
    disable_header: flag({ doc: 'Takes no key from a header.', default: false }),
    use_param: flag({
      doc: 'Takes the key from the query, too; it goes before the header.',
      default: false,
    }),
    param_name: text({ doc: 'Its name there; empty: the header’s.', default: '' }),
    use_cookie: flag({
      doc: 'Takes the key from a cookie, too; it goes before the query.',
      default: false,
    }),
    cookie_name: text({ doc: 'Its name there; empty: the header’s.', default: '' }),
  },
  sections: [],
  others: {
    name: quiet('a name in the dashboard'),
    use_certificate: refused('client certificates are in the gateway’s own store'),
    validate_signature: refused('signatures of keys are not checked'),
    signature: quiet('counts with `validate_signature`, which is refused'),
  },
});

export const definitionSection = section({
  obeyed: {
    location: choice(['', 'header', 'url-param', 'url'], {
      doc: 'Where a request says its version: a header, the query, or the first part of the path behind the listen path.',
      default: '',
    }),
    key: text({
      doc: 'Name of the header or of the parameter; empty: `x-api-version`.',
      default: '',
    }),
    strip_path: flag({
      doc: 'The upstream is asked without the version in the path.',
      default: false,
    }),
    strip_versioning_data: flag({
      doc: 'The upstream does not see the version, wherever it stood.',
      default: false,
    }),
  },
  sections: [],
  others: {
    enabled: refused('versions that are APIs of their own'),
    name: quiet('counts with `enabled`, which is refused'),
    default: quiet('counts with `enabled`, which is refused'),
    versions: quiet('counts with `enabled`, which is refused'),
    fallback_to_default: refused('an unknown version is an error'),
    url_versioning_pattern: refused('the first part of the path is the version'),
  },
});

export const versionDataSection = section({
  obeyed: {
    not_versioned: flag({ doc: 'The one version serves all requests.', default: false }),
    default_version: text({
      doc: 'Version of a request that says none; empty: such a request is refused.',
      default: '',
    }),
  },
  sections: ['versions'],
  others: {
    // Where the walk of Tyk, Elasticsearch and Kibana has it, the gateway reads nothing.
    use_extended_paths: quiet('a field of a version, and the gateway reads it there alone'),
  },
});

const endpoint = {
  disabled: flag({ doc: 'As if it were not there.', default: false }),
  path: text({ doc: 'The path, in which `{name}` stands for anything up to the next `/`.' }),
  method: text({ doc: 'The method it is for.', default: '' }),
};

export const extendedPathsSection = section({
  obeyed: {
    hard_timeouts: rows(
      { ...endpoint, timeout: number({ doc: 'Seconds until the answer must have begun.' }) },
      { doc: 'How long the upstream has for an endpoint: 504 afterwards.' },
    ),
    track_endpoints: rows(endpoint, {
      doc: 'Endpoints whose records have `track_path`, and the endpoint’s path as theirs.',
    }),
    do_not_track_endpoints: rows(endpoint, { doc: 'Endpoints without records.' }),
  },
  sections: [],
  others: {
    ignored: refused('paths without authentication'),
    white_list: refused('lists of paths'),
    black_list: refused('lists of paths'),
    cache: notBuilt,
    advance_cache_config: notBuilt,
    mock_response: refused('answers without an upstream'),
    transform: refused('transforms'),
    transform_response: refused('transforms'),
    transform_jq: refused('transforms'),
    transform_jq_response: refused('transforms'),
    transform_headers: refused('transforms of a path; `global_headers` are obeyed'),
    transform_response_headers: refused('transforms'),
    circuit_breakers: notBuilt,
    url_rewrites: refused('rewritten addresses'),
    virtual: refused('plugins'),
    size_limits: refused('limits of bodies'),
    method_transforms: refused('transforms'),
    validate_json: refused('validation of bodies'),
    validate_request: refused('validation of bodies'),
    internal: refused('endpoints for other APIs alone'),
    go_plugin: refused('plugins'),
    persist_graphql: refused('GraphQL'),
    rate_limit: refused('limits of endpoints'),
  },
});

export const versionSection = section({
  obeyed: {
    name: text({ doc: 'Its name; empty: its key.', default: '' }),
    expires: text({
      doc: 'Until when it is served: `2006-01-02 15:04` in UTC; empty or `-1`: always.',
      default: '',
    }),
    use_extended_paths: flag({ doc: '`extended_paths` counts.', default: false }),
    global_headers: map({
      doc: 'Headers that the upstream gets, with context variables.',
      default: {},
    }),
    global_headers_remove: list(text({ doc: 'A name.' }), {
      doc: 'Headers that the upstream does not get; they go first.',
      default: [],
    }),
    global_headers_disabled: flag({ doc: 'Neither of them.', default: false }),
    override_target: text({ doc: 'Its own `target_url`.', default: '' }),
    ignore_endpoint_case: flag({
      doc: 'Paths of endpoints fit whatever the case of their letters.',
      default: false,
    }),
  },
  sections: ['extended_paths'],
  others: {
    paths: refused('lists of paths'),
    global_response_headers: refused('transforms of answers'),
    global_response_headers_remove: refused('transforms of answers'),
    global_response_headers_disabled: quiet('counts with fields that are refused'),
    global_size_limit: refused('limits of bodies'),
    global_size_limit_disabled: quiet('counts with `global_size_limit`, which is refused'),
  },
});

export const transportSection = section({
  obeyed: {
    ssl_insecure_skip_verify: flag({
      doc: 'Trusts whatever certificate the upstream shows. Only for tests.',
      default: false,
    }),
    ssl_min_version: integer({
      doc: 'Oldest version of TLS to it, as Go numbers them (771 is 1.2, 772 is 1.3); 0: 1.2.',
      default: 0,
      min: 0,
    }),
    ssl_max_version: integer({ doc: 'Newest one; 0: 1.3.', default: 0, min: 0 }),
  },
  sections: [],
  others: {
    ssl_ciphers: refused('its own list of ciphers'),
    ssl_force_common_name_check: refused('names in the subject alone'),
    proxy_url: refused('a proxy on the way to the upstream'),
  },
});

export const proxySection = section({
  obeyed: {
    listen_path: text({
      doc: 'Beginning of the paths that the API serves; the longest that fits counts.',
    }),
    target_url: text({
      doc: 'The upstream: `http://`, `https://`, `h2c://` (HTTP/2 without TLS), or `unix:/path`; its path goes before the request’s.',
      default: '',
    }),
    strip_listen_path: flag({
      doc: 'The upstream is asked without the listen path.',
      default: false,
    }),
    preserve_host_header: flag({ doc: 'The upstream gets the client’s `Host`.', default: false }),
    disable_strip_slash: flag({
      doc: 'The upstream’s path keeps its last `/` where nothing follows.',
      default: false,
    }),
    enable_load_balancing: flag({
      doc: '`target_list` counts in place of `target_url`.',
      default: false,
    }),
    target_list: list(text({ doc: 'An upstream.' }), {
      doc: 'Upstreams that take turns; one that stands there twice gets two turns.',
      default: [],
    }),
    check_host_against_uptime_tests: flag({
      doc: 'Of several upstreams those get no calls whose `uptime_tests` fail, while others are there.',
      default: false,
    }),
  },
  sections: ['transport'],
  others: {
    service_discovery: refused('upstreams from a registry', 'use_discovery_service'),
  },
});
