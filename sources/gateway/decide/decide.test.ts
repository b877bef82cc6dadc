import { describe, expect, it } from 'vitest';
import type { Decision } from '../../shared/relay/decision.ts';
import { decider, keyless, now, valueOf } from './testing.ts';

/** The two files and the policy of the walk with Tyk, Elasticsearch and Kibana, as they stand there. */
const httpbin = {
  ...{ name: 'httpbin', slug: 'httpbin', api_id: 'httpbin', use_keyless: true },
  version_data: {
    not_versioned: true,
    default_version: '',
    versions: { default: { name: 'default', use_extended_paths: true } },
  },
  proxy: { listen_path: '/httpbin/', target_url: 'http://httpbin.org/', strip_listen_path: true },
  ...{ active: true, tag_headers: [], strip_auth_data: false },
};
const httpbinJwt = {
  ...{ name: 'httpbin-jwt', api_id: 'httpbin-jwt', enable_jwt: true, jwt_signing_method: 'hmac' },
  ...{ jwt_source: 'Zm9v', jwt_identity_base_field: 'sub' },
  jwt_default_policies: ['5e189590801287e42a6cf5ce'],
  version_data: {
    not_versioned: true,
    use_extended_paths: true,
    versions: {
      default: { name: 'default', global_headers: { User: '$tyk_context.jwt_claims_sub' } },
    },
  },
  proxy: {
    ...{ listen_path: '/httpbin-jwt/', target_url: 'http://httpbin.org/', strip_listen_path: true },
  },
  ...{ active: true, enable_context_vars: true, tag_headers: ['User'], strip_auth_data: true },
};
const policies = {
  '5e189590801287e42a6cf5ce': {
    ...{ id: '5e189590801287e42a6cf5ce', rate: 100, per: 1, quota_max: -1, quota_renews: -1 },
    ...{ quota_remaining: 0, quota_renewal_rate: 60 },
    access_rights: {
      'httpbin-jwt': { api_id: 'httpbin-jwt', api_name: 'httpbin-jwt', versions: ['default'] },
    },
    ...{ name: 'JWT Demo Policy', active: true },
  },
};
const token =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJmb29AYmFyLmNvbSIsIm5hbWUiOiJBaG1ldCBTb29ybWFsbHkiLCJpYXQiOjE1MTYyMzkwMjJ9.8E-X89YnHe6m_jV4Lmyy487VnkCpzuYlsLDceCz4ScU';

const forwarded = (decision: Decision) => {
  if (decision.kind !== 'forward') throw new Error(`${decision.status} ${decision.body}`);
  return decision;
};
const answered = (decision: Decision) => {
  if (decision.kind !== 'answer') throw new Error(`forwarded to ${decision.target}`);
  return decision;
};
const wordsOf = (decision: Decision): string =>
  (JSON.parse(answered(decision).body) as { readonly error: string }).error;

describe('the walk with Tyk, Elasticsearch and Kibana', () => {
  const walk = decider({ apis: [httpbin, httpbinJwt], policies });

  it('forwards a keyless call without its listen path', async () => {
    const decision = forwarded(await walk('/httpbin/get?foo=bar', { headers: ['Accept', '*/*'] }));
    expect(decision).toMatchObject({
      target: '/get?foo=bar',
      upstream: { protocol: 'http:', host: 'httpbin.org', port: 80 },
      headers: ['Host', 'httpbin.org', 'Accept', '*/*', 'X-Forwarded-For', '192.0.2.1'],
      answerHeaders: [
        ...['X-Ratelimit-Limit', '0', 'X-Ratelimit-Remaining', '0', 'X-Ratelimit-Reset', '0'],
      ],
      isRecorded: true,
    });
    // As a real gateway 5.3 wrote it of such a call.
    expect(decision.call).toMatchObject({
      ...{ apiId: 'httpbin', apiName: 'httpbin', apiVersion: 'Non Versioned', orgId: undefined },
      ...{ apiKey: '00000000', path: '/get', rawPath: '/get', trackPath: false },
      ...{ tags: ['key-00000000', 'api-httpbin'], host: 'httpbin.org' },
    });
  });

  it('puts the claim of the token in place of the token', async () => {
    const headers = ['Authorization', `Bearer ${token}`, 'Accept', '*/*'];
    const decision = forwarded(await walk('/httpbin-jwt/get', { headers }));
    expect(decision.target).toBe('/get');
    expect(decision.headers).toEqual([
      ...['Host', 'httpbin.org', 'Accept', '*/*', 'User', 'foo@bar.com'],
      ...['X-Forwarded-For', '192.0.2.1'],
    ]);
    expect(JSON.stringify(decision)).not.toContain(token);
    expect(decision.call).toMatchObject({ apiId: 'httpbin-jwt', alias: 'foo@bar.com' });
    expect(decision.call.apiKey).toMatch(/^[0-9a-f]{16}$/);
    expect(decision.call.tags).toEqual([
      ...['pol-5e189590801287e42a6cf5ce', 'user-foo@bar.com'],
      ...[`key-${decision.call.apiKey}`, 'api-httpbin-jwt'],
    ]);
  });

  it('refuses a call without a token in the words of a real gateway', async () => {
    const decision = answered(await walk('/httpbin-jwt/get'));
    expect(decision).toMatchObject({
      status: 400,
      body: '{\n    "error": "Authorization field missing"\n}',
      recordedTarget: '/get',
      isRecorded: true,
      call: {
        ...{ apiId: 'httpbin-jwt', apiKey: '00000000', host: 'httpbin.org', path: '/get' },
        tags: ['key-00000000', 'api-httpbin-jwt'],
      },
    });
  });

  it('says so of a policy that is not there, in the words of a real gateway', async () => {
    const without = decider({ apis: [httpbinJwt] });
    const decision = await without('/httpbin-jwt/get', { headers: ['Authorization', token] });
    expect(answered(decision)).toMatchObject({
      status: 500,
      body: '{\n    "error": "failed to create key: policy not found: \\"5e189590801287e42a6cf5ce\\""\n}',
    });
  });

  it.each([
    [`Bearer ${token.slice(0, -3)}AAA`, 403, 'Key not authorized'],
    ['Bearer nonsense', 403, 'Key not authorized'],
    [
      'eyJhbGciOiJub25lIn0.eyJzdWIiOiJmb29AYmFyLmNvbSJ9.AAAA',
      403,
      'Key not authorized: Unexpected signing method',
    ],
  ])('refuses the token %#', async (authorization, status, words) => {
    const decision = await walk('/httpbin-jwt/get', { headers: ['Authorization', authorization] });
    expect(answered(decision).status).toBe(status);
    expect(wordsOf(decision)).toBe(words);
    // The record must not show it either: a broken token may be one letter from a good one.
    expect(JSON.stringify(decision)).not.toContain(authorization);
  });

  it('keeps no record of what no API serves', async () => {
    expect(answered(await walk('/other'))).toMatchObject({
      status: 404,
      isRecorded: false,
      call: {},
    });
  });
});

describe('versions', () => {
  const versioned = (definition: object, data: object = {}) =>
    decider({
      apis: [
        keyless({
          org_id: 'org',
          definition,
          version_data: {
            not_versioned: false,
            versions: {
              v1: { name: 'v1' },
              v2: { name: 'v2', override_target: 'http://two:81/base' },
              old: { name: 'old', expires: '2026-11-30 23:59' },
              new: { name: 'new', expires: '2026-12-01 00:01' },
            },
            ...data,
          },
        }),
      ],
    });
  const header = versioned({ location: 'header', key: 'X-API-Version' });
  const asking = (version: string) => ({ headers: ['x-api-version', version] });

  it('is that of the header', async () => {
    expect(forwarded(await header('/a/x', asking('v1'))).call.apiVersion).toBe('v1');
    const second = forwarded(await header('/a/x', asking('v2')));
    expect(second).toMatchObject({
      ...{ target: '/base/x', upstream: { host: 'two', port: 81 }, call: { host: 'two:81' } },
    });
  });

  it.each([
    ['v9', 'This API version does not seem to exist', 'v9'],
    ['', 'Version information not found', 'Non Versioned'],
    ['old', 'Api Version has expired, please check documentation or contact administrator', 'old'],
    ['__proto__', 'This API version does not seem to exist', '__proto__'],
  ])('is refused as %j', async (version, words, recorded) => {
    const decision = await header('/a/x?q', asking(version));
    expect(answered(decision)).toMatchObject({
      ...{ status: 403, recordedTarget: '/x?q' },
      call: { apiVersion: recorded, host: 'upstream:8080', path: '/x' },
    });
    expect(wordsOf(decision)).toBe(words);
  });

  it('says when it ends', async () => {
    const decision = forwarded(await header('/a/x', asking('new')));
    expect(valueOf(decision.answerHeaders, 'x-tyk-api-expires')).toBe(
      'Tue, 01 Dec 2026 00:01:00 UTC',
    );
  });

  it('is the default one where none is said, and recorded as none', async () => {
    const decide = versioned({ location: 'header', key: 'v' }, { default_version: 'v2' });
    expect(forwarded(await decide('/a/x'))).toMatchObject({
      ...{ upstream: { host: 'two' }, call: { apiVersion: 'Non Versioned' } },
    });
  });

  it('is that of the query, which can go', async () => {
    const kept = versioned({ location: 'url-param', key: 'v' });
    expect(forwarded(await kept('/a/x?a=%20&v=v1&b')).target).toBe('/x?a=%20&v=v1&b');
    const gone = versioned({ location: 'url-param', key: 'v', strip_versioning_data: true });
    expect(forwarded(await gone('/a/x?a=%20&v=v1&b')).target).toBe('/x?a=%20&b');
  });

  it('is that of the path, which can go', async () => {
    const kept = versioned({ location: 'url' });
    expect(forwarded(await kept('/a/v1/x')).target).toBe('/v1/x');
    const gone = versioned({ location: 'url', strip_path: true });
    const decision = forwarded(await gone('/a/v1/x'));
    expect(decision).toMatchObject({ target: '/x', call: { apiVersion: 'v1', path: '/x' } });
  });

  it('is not told to the upstream where the header is stripped', async () => {
    const gone = versioned({ location: 'header', key: 'v', strip_versioning_data: true });
    const decision = forwarded(await gone('/a/x', { headers: ['V', 'v1'] }));
    expect(valueOf(decision.headers, 'v')).toBeUndefined();
  });
});

describe('context variables', () => {
  const withHeader = (value: string, more: object = {}) =>
    decider({
      apis: [
        keyless({
          enable_context_vars: true,
          version_data: { not_versioned: true, versions: { d: { global_headers: { X: value } } } },
          ...more,
        }),
      ],
    });

  it.each([
    ['$tyk_context.path', '/a/b c'],
    ['$tyk_context.path_parts', 'a,b c'],
    ['$tyk_context.remote_addr', '192.0.2.1'],
    ['$tyk_context.headers_Host', 'gateway:8080'],
    ['$tyk_context.headers_X_Order', 'né 1'],
    ['$tyk_context.headers_x_order', ''],
    ['$tyk_context.cookies_a_b', 'c=d'],
    ['$tyk_context.request_data_q', '1'],
    ['$tyk_context.request_data', 'q:1,2;r:3'],
    ['$tyk_context.jwt_claims_sub', ''],
    ['$tyk_context.constructor', ''],
    ['$tyk_meta.anything', ''],
    ['<$tyk_context.request_data_q|$tyk_context.request_data_r>', '<1|3>'],
    ['plain $5', 'plain $5'],
  ])('%s is %j', async (written, value) => {
    const decision = forwarded(
      await withHeader(written)('/a/b%20c?q=1&q=2&r=3', {
        headers: ['x-order', Buffer.from('né 1').toString('latin1'), 'Cookie', 'a-b="c=d"'],
      }),
    );
    const sent = valueOf(decision.headers, 'x') ?? 'none';
    expect(Buffer.from(sent, 'latin1').toString()).toBe(value);
  });

  it('have one request id for a call', async () => {
    const decide = withHeader('$tyk_context.request_id $tyk_context.request_id');
    const [one, same] = (valueOf(forwarded(await decide('/a/')).headers, 'x') ?? '').split(' ');
    expect(one).toMatch(/^[\da-f-]{36}$/);
    expect(same).toBe(one);
    expect(valueOf(forwarded(await decide('/a/')).headers, 'x')).not.toContain(one);
  });

  it('are nothing where they are not enabled', async () => {
    const decide = withHeader('($tyk_context.path)', { enable_context_vars: false });
    expect(valueOf(forwarded(await decide('/a/')).headers, 'x')).toBe('()');
  });

  it('cannot begin another header', async () => {
    const decide = withHeader('$tyk_context.request_data_q');
    const decision = forwarded(await decide('/a/?q=a%0d%0aX-Evil:%201%00'));
    expect(valueOf(decision.headers, 'x')).toBe('a  X-Evil: 1');
  });
});

describe('what a request may look like', () => {
  const decide = decider({
    apis: [
      keyless(),
      keyless({ api_id: 'b', proxy: { listen_path: '/a/long/', target_url: 'http://b' } }),
    ],
  });

  it.each([
    '/a/../b',
    '/a/%2e%2e/b',
    '/a/%2E./b',
    '/a/..%2fb',
    String.raw`/a/..\b`,
    '/a/..;x/b',
    '*',
    'a',
    '',
  ])('is not %j', async (target) => {
    expect(answered(await decide(target))).toMatchObject({ status: 400, isRecorded: false });
  });

  it.each([
    ['/a/..b/c..', '/..b/c..'],
    ['/a/x%2Fy?z=%2e%2e/..', '/x%2Fy?z=%2e%2e/..'],
    ['/a/', '/'],
    ['/a/%zz', '/%zz'],
    ['/%61/x', '/x'],
    ['/%61/x%3Fy%2Fz%23', '/x%3Fy%2Fz%23'],
    ['/a%2Fx', '/x'],
    ['http://gateway/a/x?y', '/x?y'],
  ])('can be %j, which is %j to the upstream', async (target, sent) => {
    expect(forwarded(await decide(target)).target).toBe(sent);
  });

  it('goes to the longest listen path', async () => {
    expect(forwarded(await decide('/a/long/x'))).toMatchObject({ target: '/a/long/x' });
  });

  it('has its escapes taken away for the record alone', async () => {
    expect(forwarded(await decide('/a/na%C3%AFve/0'))).toMatchObject({
      ...{ target: '/na%C3%AFve/0', call: { path: '/naïve/0', rawPath: '/naïve/0' } },
    });
  });
});

describe('limits', () => {
  const limited = (policy: object, api: object = {}) =>
    decider({
      apis: [{ ...httpbinJwt, ...api }],
      policies: {
        '5e189590801287e42a6cf5ce': { ...policies['5e189590801287e42a6cf5ce'], ...policy },
      },
    });
  const asking = { headers: ['Authorization', token] };

  it('of a rate are a 429', async () => {
    const decide = limited({ rate: 1, per: 60 });
    forwarded(await decide('/httpbin-jwt/get', asking));
    const decision = await decide('/httpbin-jwt/get', asking);
    expect(answered(decision)).toMatchObject({ status: 429, call: { alias: 'foo@bar.com' } });
    expect(wordsOf(decision)).toBe('Rate limit exceeded');
  });

  it('of a quota are told, and in the end a 403, as a gateway has it', async () => {
    const decide = limited({ rate: 0, quota_max: 1, quota_renewal_rate: 60 });
    const { answerHeaders } = forwarded(await decide('/httpbin-jwt/get', asking));
    expect(answerHeaders).toEqual([
      ...['X-Ratelimit-Limit', '1', 'X-Ratelimit-Remaining', '0'],
      ...['X-Ratelimit-Reset', String(now / 1000 + 60)],
    ]);
    const decision = await decide('/httpbin-jwt/get', asking);
    expect(answered(decision).status).toBe(403);
    expect(wordsOf(decision)).toBe('Quota exceeded');
  });

  it('do not count where the API says so', async () => {
    const decide = limited(
      { rate: 1, per: 60, quota_max: 1 },
      { disable_rate_limit: true, disable_quota: true },
    );
    for (let call = 0; call < 3; call++) forwarded(await decide('/httpbin-jwt/get', asking));
  });
});
