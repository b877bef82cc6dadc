import { describe, expect, it } from 'vitest';
import { Secret } from '../../lib/secret.ts';
import { below, credentialsIn, httpUrl, httpUrlProblems, shownUrl } from './address.ts';

it.each([
  ['http://localhost:8086', true],
  ['https://[::1]/x', true],
  ['http://user:p%2Fw@localhost:8086', true],
  ['http://user:p@ss@localhost:8086', true],
  ['http://localhost/a%40b', true],
  ['localhost:8086', false],
  ['ftp://localhost', false],
  ['', false],
])('takes %s for an address: %s', (text, expected) => {
  expect(httpUrl(text) !== undefined).toBe(expected);
});

describe.each(['/', '?', '#', '\\'])('a password with %s in it', (mark) => {
  const address = `http://shipper:123${mark}S3cretPart@host:9200`;

  it('makes no address, for the host would be another one', () => {
    expect(httpUrl(address)).toBeUndefined();
  });

  it('is an error without a character of it', () => {
    const said = [...httpUrlProblems('address', new Secret(address), { sends: 'token' })];

    expect(said).toMatchObject([{ key: 'address', severity: 'error' }]);
    expect(JSON.stringify(said)).not.toMatch(/S3cret|shipper|host:9200/);
  });
});

it.each([
  ['http://me:5%@a', 'me', '5%'],
  ['http://me:%zz%41@a', 'me', '%zzA'],
  ['http://m%40e:%ff@a', 'm@e', '%ff'],
  ['http://me@a', 'me', ''],
])('reads the user and the password of %s', (address, username, password) => {
  expect(credentialsIn(new URL(address))).toEqual({ username, password });
});

it('shows scheme, host and port alone', () => {
  expect(shownUrl(new URL('https://u:p@host:9200/path?token=t#f'))).toBe('https://host:9200');
});

it.each<[string, 'token' | 'user and password', number]>([
  ['http://a', 'token', 0],
  ['http://u:p@a', 'user and password', 0],
  ['http://u:p@a', 'token', 1],
  ['http://a/?u=1', 'user and password', 0],
  ['http://a/#u', 'user and password', 1],
])('of %s, with the %s sent, %i parts have no effect', (address, sends, expected) => {
  const said = [...httpUrlProblems('address', new Secret(address), { sends })];

  expect(said.map(({ severity }) => severity)).toEqual(Array<string>(expected).fill('warning'));
});

it.each([
  ['http://h', '/write', '/write'],
  ['http://h/', '/write?db=a', '/write?db=a'],
  ['http://h/prefix', '/write?db=a', '/prefix/write?db=a'],
  ['http://h/prefix/', '/write', '/prefix/write'],
  ['http://h/prefix/', '/', '/prefix/'],
  ['http://h/ingest/', '', '/ingest/'],
  ['http://h/ingest', '', '/ingest'],
  ['http://h', '', '/'],
  ['http://h/ingest/?token=t', '', '/ingest/?token=t'],
  ['http://h/?tenant=a', '/_bulk', '/_bulk?tenant=a'],
  ['http://h/p?tenant=a&b=c', '/_bulk?x=y', '/p/_bulk?tenant=a&b=c&x=y'],
  ['http://h/p', '/a?b=c?d', '/p/a?b=c?d'],
])('of %s, the request %s goes to %s', (address, path, expected) => {
  expect(below(new URL(address), path)).toBe(expected);
});
