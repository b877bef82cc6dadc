import { describe, expect, it } from 'vitest';
import { aRecord } from '../record/testing.ts';
import { hasPayload, leaksOf } from './leaks.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const request = (headers: string, body = ''): string =>
  base64(`GET /pets HTTP/1.1\r\nHost: a\r\n${headers}\r\n\r\n${body}`);

describe('a record carries', () => {
  it.each([
    ['Authorization: Bearer abc', ['authorization']],
    ['authorization: x', ['authorization']],
    ['Proxy-Authorization: x', ['authorization']],
    ['Cookie: a=b', ['cookie']],
    ['X-Api-Key: abc', ['token']],
    ['X-Data: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc', ['token']],
    ['Authorization: a\r\nCookie: b=c', ['authorization', 'cookie']],
    ['Referer: http://a/?access_token=abc', ['token']],
    ['X-Authorization-Mode: none', []],
    ['Authorization:', []],
    ['Accept: */*', []],
    ['Authorization: [redacted]', []],
    ['Authorization: Bearer [redacted]', []],
    ['Cookie: a=[redacted]', []],
  ] as const)('%s: %j', (headers, kinds) => {
    expect(leaksOf(aRecord({ raw_request: request(headers) }))).toEqual(kinds);
  });

  it('a cookie in its answer, and a token in its path', () => {
    expect(leaksOf(aRecord({ raw_response: request('Set-Cookie: a=b') }))).toEqual(['cookie']);
    expect(leaksOf(aRecord({ raw_path: '/pets?api_key=1' }))).toEqual(['token']);
  });

  it('them also in payloads that are decoded, or longer than what is looked at', () => {
    const plain = 'GET / HTTP/1.1\r\nCookie: a=b\r\n\r\n';
    expect(leaksOf(aRecord({ raw_request: plain }))).toEqual(['cookie']);
    const long = request('Cookie: a=b', 'x'.repeat(100_000));
    expect(leaksOf(aRecord({ raw_request: long }))).toEqual(['cookie']);
  });

  it('nothing', () => {
    expect(leaksOf(aRecord())).toEqual([]);
  });

  it.each([
    ['/pets?api_key=[redacted]', []],
    ['/pets?a=1&token=[hmac:0af3]&b=2', []],
    ['/pets?token=[redacted]&password=abc', ['token']],
    ['/pets?token=[red', ['token']],
  ])('in %s: %j', (raw_path, kinds) => {
    expect(leaksOf(aRecord({ raw_path }))).toEqual(kinds);
    const line = `GET ${raw_path} HTTP/1.1\r\nHost: a\r\n\r\n`;
    expect(leaksOf(aRecord({ raw_request: base64(line) }))).toEqual(kinds);
  });
});

it('has a payload or none', () => {
  expect(hasPayload(aRecord())).toBe(false);
  expect(hasPayload(aRecord({ raw_response: 'YQ==' }))).toBe(true);
});
