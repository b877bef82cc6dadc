import { describe, expect, it } from 'vitest';
import { masked, nodesOf } from './nodes.ts';

interface Said {
  readonly url?: string;
  readonly user?: string;
  readonly password?: string;
  readonly keyId?: string;
  readonly key?: string;
}

const listOf = ({ url = '', user = '', password = '', keyId = '', key = '' }: Said) =>
  nodesOf({
    elasticsearch_url: secret(url),
    auth_basic_username: user,
    auth_basic_password: secret(password),
    auth_api_key_id: keyId,
    auth_api_key: secret(key),
  });

// The class behind an option of kind secret is the kit's own.
const secret = (value: string) => ({ reveal: () => value }) as never;

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

describe('the nodes', () => {
  it.each([
    ['', ['http://localhost:9200/'], 0],
    ['http://a:9200', ['http://a:9200/'], 0],
    ['http://a:9200,https://b/path', ['http://a:9200/', 'https://b/path'], 0],
    [' http://a:9200 , http://a:9200/ ,', ['http://a:9200/'], 0],
    ['http://a:9200,b:9200,ftp://c', ['http://a:9200/'], 2],
    ['nothing', [], 1],
    ['http://user:12,34@a:9200', ['http://user:12/'], 1],
  ])('of %j are %j', (url, expected, unusable) => {
    const list = listOf({ url });

    expect(list.nodes.map((node) => node.url.href)).toEqual(expected);
    expect(list.unusable).toBe(unusable);
  });
});

describe('the authorization', () => {
  const url = 'http://inside:us%40r@a:9200';

  it.each<[string, Said, string | undefined]>([
    ['nothing said', {}, undefined],
    ['in the URL', { url }, basic('inside:us@r')],
    ['user and password', { url, user: 'me', password: 'pw' }, basic('me:pw')],
    ['a user alone', { url, user: 'me' }, basic('inside:us@r')],
    [
      'an API key',
      { url, user: 'me', password: 'pw', keyId: 'id', key: 'k' },
      `ApiKey ${Buffer.from('id:k').toString('base64')}`,
    ],
    ['half an API key', { key: 'k' }, undefined],
    ['a URL with a stray percent sign', { url: 'http://u:5%@a' }, basic('u:5%')],
  ])('%s', (_, said, authorization) => {
    expect(listOf(said).nodes[0]?.authorization).toBe(authorization);
  });
});

it.each<[Said, string]>([
  [{ url: 'http://me:pw@a:9200' }, 'http://***:***@a:9200'],
  [{ url: 'http://a:9200/path?key=k' }, 'http://a:9200'],
])('shows %j as %s', (said, shown) => {
  expect(listOf(said).nodes.map(masked)).toEqual([shown]);
});
