import { describe, expect, it } from 'vitest';
import { chooseProxy } from './proxy.ts';

const proxyOf = (url: string, env: Readonly<Record<string, string>>): string | undefined => {
  const choice = chooseProxy(new URL(url), env);
  if (!choice.ok) throw new Error(`${choice.variable}: ${choice.expected}`);
  return choice.proxy?.url.host;
};

it.each<[string, Readonly<Record<string, string>>, string | undefined]>([
  ['https://a', {}, undefined],
  ['https://a', { HTTPS_PROXY: 'http://p:3128' }, 'p:3128'],
  ['https://a', { https_proxy: 'http://p:3128' }, 'p:3128'],
  ['https://a', { HTTPS_PROXY: 'http://big:1', https_proxy: 'http://small:2' }, 'big:1'],
  ['https://a', { HTTPS_PROXY: ' ', https_proxy: 'http://small:2' }, 'small:2'],
  ['https://a', { HTTP_PROXY: 'http://p:3128' }, undefined],
  ['http://a', { HTTPS_PROXY: 'http://p:3128' }, undefined],
  ['http://a', { HTTP_PROXY: 'http://p:3128' }, 'p:3128'],
  ['http://a', { http_proxy: 'p:3128' }, 'p:3128'],
  ['http://a', { http_proxy: 'https://p:3128/' }, 'p:3128'],
  ['http://a', { ALL_PROXY: 'http://p:3128' }, undefined],
])('before %s with %j stands %s', (url, env, expected) => {
  expect(proxyOf(url, env)).toBe(expected);
});

describe.each(['http', 'https'])('this machine, by %s, has no proxy before it:', (scheme) => {
  it.each(['localhost', '127.0.0.1', '127.9.9.9', '[::1]', '[::ffff:127.0.0.1]', 'LOCALHOST.'])(
    '%s',
    (host) => {
      const env = { HTTP_PROXY: 'http://p:1', HTTPS_PROXY: 'http://p:1' };

      expect(proxyOf(`${scheme}://${host}:9200`, env)).toBeUndefined();
    },
  );
});

// What Go's own tests of this have, and more.
it.each([
  ['https://example.com', '*', true],
  ['https://example.com', 'other.com, *', true],
  ['https://example.com', 'example.com', true],
  ['https://example.com', 'EXAMPLE.com', true],
  ['https://sub.example.com', 'example.com', true],
  ['https://badexample.com', 'example.com', false],
  ['https://example.com', '.example.com', false],
  ['https://sub.example.com', '.example.com', true],
  ['https://example.com', '*.example.com', false],
  ['https://sub.example.com', '*.example.com', true],
  ['https://example.com', ' other.com , example.com ', true],
  ['https://example.com', 'other.com example.com', false],
  ['https://example.com', 'example.com:443', true],
  ['https://example.com:8088', 'example.com:8088', true],
  ['https://example.com:8088', 'example.com:8089', false],
  ['https://example.com', 'example.com:80', false],
  ['https://sub.example.com:8088', '.example.com:8088', true],
  ['https://10.1.2.3', '10.1.2.3', true],
  ['https://10.1.2.3', '10.1.2.4', false],
  ['https://10.1.2.3:9200', '10.1.2.3:9200', true],
  ['https://10.1.2.3:9200', '10.1.2.3:9201', false],
  ['https://10.1.2.3', '10.0.0.0/8', true],
  ['https://10.1.2.3', '10.1.2.99/24', true],
  ['https://11.1.2.3', '10.0.0.0/8', false],
  ['https://ten.example.com', '10.0.0.0/8', false],
  ['https://10.1.2.3', '10.0.0.0/99', false],
  ['https://10.1.2.3', 'nonsense/8', false],
  ['https://[2001:db8::7]', '2001:db8::/32', true],
  ['https://[2001:db8::7]', '2001:db8::7', true],
  ['https://[2001:db8::7]', '[2001:db8::7]', true],
  ['https://[2001:db8::7]:9200', '[2001:db8::7]:9200', true],
  ['https://[2001:db8::7]:9200', '[2001:db8::7]:9201', false],
  ['https://[2001:db9::7]', '2001:db8::/32', false],
  ['https://[::ffff:10.1.2.3]', '10.0.0.0/8', true],
  ['https://xn--bcher-kva.example', 'bücher.example', true],
  ['https://example.com', ',,', false],
  ['https://example.com', '', false],
  ['https://example.com', ':443', false],
])('%s with NO_PROXY=%s goes without one: %s', (url, list, isSpared) => {
  const env = { HTTPS_PROXY: 'http://p:1', NO_PROXY: list };

  expect(proxyOf(url, env) === undefined).toBe(isSpared);
});

it('reads no_proxy too', () => {
  expect(proxyOf('http://a', { http_proxy: 'http://p', no_proxy: 'a' })).toBeUndefined();
});

it('keeps user and password apart from the address', () => {
  const choice = chooseProxy(new URL('http://a'), { HTTP_PROXY: 'http://me:p%40ss@p:3128' });

  if (!choice.ok || choice.proxy === undefined) throw new Error('no proxy');
  expect(choice.proxy.url.href).toBe('http://p:3128/');
  expect(choice.proxy.authorization?.reveal()).toBe(
    `Basic ${Buffer.from('me:p@ss').toString('base64')}`,
  );
});

it.each(['socks5://p:1080', 'http://', 'ftp://p', 'http://me:1/2@p:3128', 'http://p:99999', '//'])(
  'takes %s for no address, and shows nothing of it',
  (text) => {
    const choice = chooseProxy(new URL('https://a'), { HTTPS_PROXY: text });

    expect(choice).toMatchObject({ ok: false, variable: 'HTTPS_PROXY' });
    if (text.length > 7) expect(JSON.stringify(choice)).not.toContain(text);
  },
);

it('looks at no address that is not needed', () => {
  expect(proxyOf('https://a', { HTTPS_PROXY: 'socks5://p', NO_PROXY: 'a' })).toBeUndefined();
});
