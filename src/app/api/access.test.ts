import { describe, expect, it } from 'vitest';
import type { AdminUser } from '../../config/config.ts';
import { Secret } from '../../lib/secret.ts';
import { type Approach, admitting, isLoopback, mayDo } from './access.ts';
import { endpoints } from './endpoints.ts';

const users: readonly AdminUser[] = [
  { name: 'grafana', role: 'viewer', token: new Secret('viewer-token-1'), password: undefined },
  {
    name: 'ops',
    role: 'operator',
    token: new Secret('operator-token-1'),
    password: new Secret('pass:word with ü'),
  },
];

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

const approach = (
  headers: Approach['headers'],
  over: Partial<Omit<Approach, 'headers'>> = {},
): Approach => ({
  method: 'GET',
  peer: '127.0.0.1',
  isSecure: false,
  headers: { host: 'localhost:8083', ...headers },
  ...over,
});

describe('with users', () => {
  it.each<[string, string | undefined, unknown]>([
    ['a token', 'Bearer viewer-token-1', { ok: true, user: 'grafana', role: 'viewer' }],
    [
      'a token, the scheme in small letters',
      'bearer operator-token-1',
      { ok: true, user: 'ops', role: 'operator' },
    ],
    [
      'name and password',
      basic('ops:pass:word with ü'),
      { ok: true, user: 'ops', role: 'operator' },
    ],
    ['nothing', undefined, { ok: false, status: 401, isFailedLogin: false }],
    ['a wrong token', 'Bearer viewer-token-2', { ok: false, status: 401, isFailedLogin: true }],
    ['a token too long', 'Bearer viewer-token-11', { ok: false, status: 401, isFailedLogin: true }],
    ['no token', 'Bearer ', { ok: false, status: 401, isFailedLogin: true }],
    [
      'a token as a password',
      basic('ops:operator-token-1'),
      { ok: false, status: 401, isFailedLogin: true },
    ],
    ['a password as a token', 'Bearer pass:word', { ok: false, status: 401, isFailedLogin: true }],
    [
      'the password of somebody who has none',
      basic('grafana:'),
      { ok: false, status: 401, isFailedLogin: true },
    ],
    [
      'the password of nobody',
      basic('root:pass:word with ü'),
      { ok: false, status: 401, isFailedLogin: true },
    ],
    ['another scheme', 'Digest viewer-token-1', { ok: false, status: 401, isFailedLogin: true }],
    ['no base64', 'Basic §§§', { ok: false, status: 401, isFailedLogin: true }],
  ])('%s', (_, authorization, expected) => {
    expect(admitting(users)(approach({ authorization }))).toMatchObject(expected as object);
  });

  it('asks this machine for credentials too, and lets others in that have them', () => {
    const admit = admitting(users);
    expect(admit(approach({}))).toMatchObject({ ok: false, status: 401 });
    const elsewhere = { peer: '192.0.2.7' };
    const authorization = 'Bearer viewer-token-1';
    expect(admit(approach({ authorization, host: 'sluice.example' }, elsewhere)).ok).toBe(true);
  });
});

describe('without users', () => {
  const admit = admitting([]);

  it.each<[string, Approach['headers'], string]>([
    ['this machine', {}, '127.0.0.1'],
    ['another loopback address', {}, '127.8.9.10'],
    ['IPv6', { host: '[::1]:8083' }, '::1'],
    ['an address of version 4 as one of version 6', { host: '127.0.0.1' }, '::ffff:127.0.0.1'],
    ['a name below localhost', { host: 'sluice.LOCALHOST:80' }, '127.0.0.1'],
  ])('%s is an operator', (_, headers, peer) => {
    expect(admit(approach(headers, { peer }))).toEqual({
      ok: true,
      user: 'loopback',
      role: 'operator',
    });
  });

  it.each<[string, Approach['headers'], string]>([
    ['another machine', {}, '192.0.2.7'],
    ['another machine that says it is this one', { 'x-forwarded-for': '127.0.0.1' }, '192.0.2.7'],
    ['another machine, as one of version 6', {}, '::ffff:192.0.2.7'],
    ['another machine of version 6', {}, '2001:db8::1'],
    ['nobody known', {}, ''],
    ['a proxy on this machine', { 'x-forwarded-for': '192.0.2.7' }, '127.0.0.1'],
    ['a proxy that follows the standard', { forwarded: 'for=192.0.2.7' }, '127.0.0.1'],
    ['a page whose name leads here', { host: 'evil.example:8083' }, '127.0.0.1'],
    ['a page that ends like this machine', { host: 'evil-localhost' }, '127.0.0.1'],
    ['a page that begins like this machine', { host: '127.0.0.1.evil.example' }, '127.0.0.1'],
    [
      'a page with this machine’s address in brackets',
      { host: '[127.0.0.1].evil.example' },
      '127.0.0.1',
    ],
    ['no host', { host: undefined }, '127.0.0.1'],
  ])('%s is refused, whatever it asks with', (_, headers, peer) => {
    expect(admit(approach(headers, { peer }))).toMatchObject({ ok: false, status: 403 });
    const authorization = 'Bearer operator-token-1';
    expect(admit(approach({ ...headers, authorization }, { peer })).ok).toBe(false);
  });
});

describe.each([
  ['without users', [], undefined],
  ['with users', users, 'Bearer operator-token-1'],
] as const)('what changes something, %s', (_, some, authorization) => {
  const admit = admitting(some);
  const post = (headers: Approach['headers'], isSecure = false) =>
    admit(approach({ authorization, ...headers }, { method: 'POST', isSecure })).ok;

  it.each<[Approach['headers'], boolean]>([
    [{}, false],
    [{ origin: 'http://localhost:8083' }, false],
    [{ origin: 'https://localhost:8083' }, true],
    [{ 'sec-fetch-site': 'same-origin', origin: 'http://localhost:8083' }, false],
  ])('is done for %j', (headers, isSecure) => {
    expect(post(headers, isSecure)).toBe(true);
  });

  it.each<[Approach['headers'], boolean]>([
    [{ origin: 'https://evil.example' }, false],
    [{ origin: 'null' }, false],
    [{ origin: 'http://localhost:9999' }, false],
    [{ origin: 'https://localhost:8083' }, false],
    [{ origin: 'http://localhost:8083' }, true],
    [{ 'sec-fetch-site': 'cross-site' }, false],
    [{ 'sec-fetch-site': 'same-site', origin: 'http://localhost:8083' }, false],
  ])('is refused to %j', (headers, isSecure) => {
    expect(post(headers, isSecure)).toBe(false);
  });
});

describe('the role', () => {
  it('operator may do all, viewer may look', () => {
    expect(mayDo('operator', 'operator') && mayDo('operator', 'viewer')).toBe(true);
    expect([mayDo('viewer', 'viewer'), mayDo('viewer', 'operator')]).toEqual([true, false]);
  });

  it.each(endpoints.map((each) => [`${each.method} ${each.path}`, each] as const))(
    'of %s is the operator’s where something is changed',
    (_, { method, role, id }) => {
      const isLook = method === 'GET' || id.startsWith('find-');
      expect(role).toBe(isLook ? 'viewer' : 'operator');
    },
  );
});

describe('a loopback address', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.255.255.254', true],
    ['::1', true],
    ['0:0:0:0:0:0:0:1', true],
    ['::ffff:127.0.0.1', true],
    ['::ffff:7f00:1', true],
    ['128.0.0.1', false],
    ['::', false],
    ['::2', false],
    ['1::1', false],
    ['::ffff:128.0.0.1', false],
    ['127.1', false],
    ['0x7f.0.0.1', false],
    ['', false],
  ])('%s: %s', (address, expected) => {
    expect(isLoopback(address)).toBe(expected);
  });
});
