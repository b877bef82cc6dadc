import { describe, expect, it } from 'vitest';
import { problemLines } from '#source';
import { keyless, readAsFile } from '../decide/testing.ts';

const said = (value: unknown): readonly string[] =>
  readAsFile(value).problems.map((problem) => problemLines(problem)[0] ?? '');

/** A version with these extended paths. */
const extended = (paths: object) => ({
  version_data: {
    not_versioned: true,
    versions: { Default: { name: 'Default', use_extended_paths: true, extended_paths: paths } },
  },
});
const version = (fields: object) => ({
  version_data: { not_versioned: true, versions: { Default: { name: 'Default', ...fields } } },
});
const proxy = (fields: object) => ({
  proxy: { listen_path: '/a/', target_url: 'http://upstream', ...fields },
});

describe('what is not built', () => {
  const plugin = { path: './x.so', func_name: 'F' };
  it.each<[string, object]>([
    [
      'custom_middleware',
      { custom_middleware: { pre: [{ name: 'x', path: 'x.js' }], driver: 'otto' } },
    ],
    ['custom_middleware', { custom_middleware: { auth_check: { name: 'A' }, driver: 'grpc' } }],
    ['custom_middleware_bundle', { custom_middleware_bundle: 'bundle.zip' }],
    ['enable_coprocess_auth', { enable_coprocess_auth: true }],
    ['custom_plugin_auth_enabled', { custom_plugin_auth_enabled: true }],
    ['analytics_plugin', { analytics_plugin: { enable: true, ...plugin } }],
    ['graphql', { graphql: { enabled: true, schema: 'type Query { a: Int }' } }],
    ['CORS', { CORS: { enable: true, allowed_origins: ['*'] } }],
    ['cache_options', { cache_options: { enable_cache: true, cache_timeout: 60 } }],
    ['use_oauth2', { use_oauth2: true }],
    ['use_openid', { use_openid: true }],
    ['use_basic_auth', { use_basic_auth: true }],
    ['use_mutual_tls_auth', { use_mutual_tls_auth: true }],
    ['enable_signature_checking', { enable_signature_checking: true }],
    ['upstream_certificates', { upstream_certificates: { '*': 'id' } }],
    ['upstream_auth', { upstream_auth: { enabled: true } }],
    ['request_signing', { request_signing: { is_enabled: true } }],
    ['global_rate_limit', { global_rate_limit: { rate: 5, per: 1 } }],
    ['listen_port', { listen_port: 9000 }],
    ['internal', { internal: true }],
    ['is_oas', { is_oas: true }],
    ['response_processors', { response_processors: [{ name: 'header_transform' }] }],
    ['jwt_jwks_uris', { jwt_jwks_uris: [{ url: 'https://keys.example' }] }],
    ['jwt_scope_to_policy_mapping', { jwt_scope_to_policy_mapping: { admin: 'p' } }],
    ['scopes', { scopes: { jwt: { scope_to_policy: { admin: 'p' } } } }],
    ['auth_configs', { auth_configs: { jwt: { auth_header_name: 'X' } } }],
    ['definition.enabled', { definition: { enabled: true, name: 'v1' } }],
    ['auth.use_certificate', { auth: { use_certificate: true } }],
    ['proxy.service_discovery', proxy({ service_discovery: { use_discovery_service: true } })],
    ['proxy.transport.proxy_url', proxy({ transport: { proxy_url: 'http://proxy' } })],
    ['version_data.versions.Default.global_size_limit', version({ global_size_limit: 5 })],
    ['version_data.versions.Default.paths', version({ paths: { white_list: ['/a'] } })],
    [
      'version_data.versions.Default.extended_paths.white_list',
      extended({ white_list: [{ path: '/a' }] }),
    ],
    [
      'version_data.versions.Default.extended_paths.ignored',
      extended({ ignored: [{ path: '/a' }] }),
    ],
    [
      'version_data.versions.Default.extended_paths.transform_jq',
      extended({ transform_jq: [{ path: '/a', filter: '.' }] }),
    ],
    [
      'version_data.versions.Default.extended_paths.url_rewrites',
      extended({ url_rewrites: [{ path: '/a' }] }),
    ],
    [
      'version_data.versions.Default.extended_paths.circuit_breakers',
      extended({ circuit_breakers: [{ path: '.*' }] }),
    ],
    [
      'version_data.versions.Default.extended_paths.pre_plugin',
      extended({ pre_plugin: [{ path: 'get' }] }),
    ],
    ['an_unknown_field', { an_unknown_field: 1 }],
  ])('%s is refused by name and line', (key, fields) => {
    const { api, problems } = readAsFile(keyless(fields));
    expect(api).toBeUndefined();
    const errors = problems.filter(({ severity }) => severity === 'error');
    expect(errors.map((problem) => problem.key)).toEqual([key]);
    expect(said(keyless(fields)).join('\n')).toMatch(/^api\.json:\d+:\d+: /m);
  });

  it.each<object>([
    { custom_middleware: { pre: null, auth_check: { disabled: true, name: '' }, driver: '' } },
    { graphql: { enabled: false, schema: 'type Query { a: Int }' } },
    { global_rate_limit: { disabled: true, rate: 5, per: 1 } },
    { analytics_plugin: { enable: false, path: 'x' } },
    { an_unknown_field: false },
    { config_data: { a: 1 }, slug: 'x', id: '5' },
    extended({ white_list: [{ disabled: true, path: '/a' }], transform: null, cache: [] }),
    // Without `use_extended_paths` they do not count.
    version({ extended_paths: { white_list: [{ path: '/a' }] } }),
    // With it, these do not.
    version({ use_extended_paths: true, paths: { white_list: ['/a'] } }),
    { tag_headers: null, org_id: null, proxy: { ...proxy({}).proxy, target_list: null } },
  ])('is no matter where it is off (%#)', (fields) => {
    expect(said(keyless(fields))).toEqual([]);
  });

  it.each([
    ['event_handlers', { event_handlers: { events: { AuthFailure: [{ handler_name: 'x' }] } } }],
    ['enable_batch_request_support', { enable_batch_request_support: true }],
    ['certificates', { certificates: ['id'] }],
  ])('%s is passed over with a warning', (key, fields) => {
    const { api, problems } = readAsFile(keyless(fields));
    expect(api).toMatchObject({ id: 'api1' });
    expect(problems.map((problem) => [problem.key, problem.severity])).toEqual([[key, 'warning']]);
  });
});

describe('what is wrong', () => {
  it.each<[string, object]>([
    ['api_id', { api_id: undefined }],
    ['use_keyless', { use_keyless: 'perhaps' }],
    ['proxy', { proxy: [] }],
    ['proxy.listen_path', proxy({ listen_path: 'a' })],
    ['proxy.target_url', proxy({ target_url: '' })],
    ['proxy.target_url', proxy({ target_url: 'ftp://a' })],
    ['proxy.target_url', proxy({ target_url: 'tyk://self' })],
    ['proxy.target_url', proxy({ target_url: 'http://user:pass@a' })],
    ['proxy.target_list', proxy({ enable_load_balancing: true })],
    [
      'proxy.target_list[1]',
      proxy({ enable_load_balancing: true, target_list: ['a:1', 'http://'] }),
    ],
    ['proxy.transport.ssl_min_version', proxy({ transport: { ssl_min_version: 5 } })],
    ['domain', { domain: '{a:.*}.example.com' }],
    [
      'allowed_ips[1]',
      { enable_ip_whitelisting: true, allowed_ips: ['10.0.0.0/8', '10.0.0.0/33'] },
    ],
    ['version_data.versions.Default.expires', version({ expires: 'tomorrow' })],
    ['version_data.versions.Default.override_target', version({ override_target: 'no://where' })],
    [
      'version_data.versions.Default.global_headers.X',
      version({ global_headers: { X: '$secret_env.TOKEN' } }),
    ],
    [
      'version_data.versions.Default.global_headers.a b',
      version({ global_headers: { 'a b': '1' } }),
    ],
    ['version_data', { version_data: { not_versioned: false } }],
    ['definition.location', { version_data: { versions: { v1: { name: 'v1' } } } }],
    [
      'version_data.versions.Default.extended_paths.hard_timeouts[0].path',
      extended({ hard_timeouts: [{ path: '/(', method: 'GET', timeout: 1 }] }),
    ],
    [
      'use_standard_auth',
      { use_keyless: false, enable_jwt: true, use_standard_auth: true, jwt_source: 'Zm9v' },
    ],
    ['jwt_source', { use_keyless: false, enable_jwt: true, jwt_source: 'https://keys.example' }],
    ['jwt_source', { use_keyless: false, enable_jwt: true }],
  ])('is said by its key: %s (%#)', (key, fields) => {
    const { api, problems } = readAsFile(keyless(fields));
    expect(api).toBeUndefined();
    expect(problems.map((problem) => problem.key)).toContain(key);
  });

  it('is said all at once, and never with what stands there', () => {
    const lines = said(
      keyless({
        ...{
          use_keyless: false,
          enable_jwt: true,
          jwt_source: 'hunter2!',
          graphql: { enabled: true },
        },
        ...proxy({ target_url: 'http://user:hunter2@a' }),
      }),
    );
    expect(lines.length).toBe(3);
    expect(lines.join('\n')).not.toContain('hunter2');
  });
});

describe('what counts', () => {
  it.each([
    ['http://a', { host: 'a', port: 80, protocol: 'http:' }, 'a', '/'],
    ['https://a', { host: 'a', port: 443, protocol: 'https:', http2: 'alpn' }, 'a', '/'],
    ['h2c://a:1', { host: 'a', port: 1, protocol: 'http:', http2: 'prior-knowledge' }, 'a:1', '/'],
    ['a:1/base', { host: 'a', port: 1, protocol: 'http:' }, 'a:1', '/base'],
    ['http://[::1]:81/', { host: '::1', port: 81 }, '[::1]:81', '/'],
    ['unix:/run/app.sock', { socketPath: '/run/app.sock' }, 'localhost', '/'],
    ['unix:///run/app.sock:/base', { socketPath: '/run/app.sock' }, 'localhost', '/base'],
  ])('the target %s', (url, upstream, host, path) => {
    const { api } = readAsFile(keyless(proxy({ target_url: url })));
    if (api === undefined || api === 'inactive' || api.versioning.kind !== 'one')
      throw new Error('it is read');
    expect(api.versioning.version.targets.next()?.target).toMatchObject({ upstream, host, path });
  });

  it('verifies the upstream unless it is told otherwise, and says so', () => {
    const { api, problems } = readAsFile(
      keyless(proxy({ target_url: 'https://a', transport: { ssl_insecure_skip_verify: true } })),
    );
    if (api === undefined || api === 'inactive' || api.versioning.kind !== 'one')
      throw new Error('it is read');
    expect(api.versioning.version.targets.next()?.target.upstream.tls).toEqual({
      rejectUnauthorized: false,
    });
    expect(problems).toMatchObject([{ severity: 'warning' }]);
  });

  it('is that it is active, which is so where nothing is said', () => {
    expect(readAsFile(keyless({ active: false })).api).toBe('inactive');
    expect(readAsFile(keyless({ active: true })).api).toMatchObject({ id: 'api1' });
  });
});
