import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Exchange } from '#source';
import { type AnyEntry, anEntry } from '../har.testing.ts';
import { exchangeOf } from './entry.ts';

const rules = { bodyLimit: 1024, direction: 'out', call: { apiId: 'a1' } } as const;

function exchange(entry: unknown): Exchange {
  const made = exchangeOf(entry, rules);
  if (typeof made === 'string') throw new Error(made);
  return made;
}

const request = (more: AnyEntry): AnyEntry =>
  anEntry({ request: { ...(anEntry()['request'] as AnyEntry), ...more } });
const response = (more: AnyEntry): AnyEntry =>
  anEntry({ response: { ...(anEntry()['response'] as AnyEntry), ...more } });
const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();

describe('an entry of Chrome', () => {
  it('becomes an exchange', () => {
    const made = exchange(anEntry());

    expect(made).toMatchObject({
      ...{ source: 'har', direction: 'out', startedAt: Date.UTC(2026, 11, 1, 10) + 123 },
      latency: { total: 57.5, upstream: 40 },
      server: { address: '2001:db8::1', port: 443 },
      ...{
        scheme: 'https',
        tls: { serverName: 'shop.example' },
        isOpaque: false,
        error: undefined,
      },
      request: {
        ...{ method: 'POST', target: '/orders?full=1', host: 'shop.example', httpVersion: '2.0' },
        rawHeaders: ['accept', '*/*'],
      },
      // What stands there is decoded, so the headers may not say that it is not.
      response: {
        status: 201,
        rawHeaders: ['content-type', 'application/json', 'Content-Length', '8'],
      },
      ...{ bytesIn: 7, bytesOut: 300, call: { apiId: 'a1' } },
    });
    expect(text(made.request.body.bytes)).toBe('{"a":1}');
    expect(text(made.response?.body.bytes)).toBe('{"id":7}');
  });

  it.each([
    ['net::ERR_CONNECTION_REFUSED', 'refused'],
    ['net::ERR_TIMED_OUT', 'timeout'],
    ['net::ERR_CERT_DATE_INVALID', 'tls'],
    ['net::ERR_CONNECTION_RESET', 'reset'],
    ['net::ERR_BLOCKED_BY_CLIENT', 'denied'],
    ['net::ERR_ABORTED', 'aborted'],
    ['', 'aborted'],
  ])('without an answer (%s) is a call that failed: %s', (said, kind) => {
    const made = exchange(response({ status: 0, _error: said, content: { size: 0 } }));

    expect(made.response).toBeUndefined();
    expect(made.error?.kind).toBe(kind);
  });
});

describe('entries of others', () => {
  it('Firefox: cookies of one answer in one value, and a negative time', () => {
    const made = exchange({
      ...response({
        headers: [
          { name: 'Set-Cookie', value: 'a=1\nb=2' },
          { name: 'X', value: 'é\r\nY: z' },
        ],
        httpVersion: 'HTTP/3',
      }),
      ...{
        time: -1,
        timings: { blocked: -1, dns: -1, connect: -1, send: 0, wait: 12, receive: 3 },
      },
    });

    expect(made.response?.rawHeaders).toEqual([
      ...['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2'],
      ...['X', Buffer.from('é Y: z').toString('latin1')],
    ]);
    expect(made.response?.httpVersion).toBe('3.0');
    expect(made.latency).toEqual({ total: 15, upstream: 12 });
  });

  it('Safari and Charles: bodies in base64, numbers as texts, no timings', () => {
    const png = Buffer.from([0x89, 0x50, 0, 1]);
    const made = exchange({
      ...response({
        content: { size: '4', encoding: 'base64', text: png.toString('base64') },
        status: '200',
      }),
      ...{ timings: null, time: '20.5', serverIPAddress: '' },
    });

    expect(made.response?.body).toEqual({ bytes: png, length: 4 });
    expect(made.latency).toEqual({ total: 20.5, upstream: 0 });
    expect(made.server).toBeUndefined();
  });

  it('mitmproxy and Fiddler: what was sent is kept as it was, and times have seven digits and a zone', () => {
    const zipped = Buffer.from([0x1f, 0x8b, 8, 0]);
    const made = exchange({
      ...response({
        headers: [{ name: 'Content-Encoding', value: 'gzip' }],
        content: { encoding: 'base64', text: zipped.toString('base64') },
      }),
      startedDateTime: '2026-12-01T12:00:00.1234567+02:00',
    });

    expect(made.response?.rawHeaders).toEqual(['Content-Encoding', 'gzip']);
    expect(made.startedAt).toBeCloseTo(Date.UTC(2026, 11, 1, 10) + 123.4567, 3);
  });

  it('Postman and the like: headers as an object, forms by their fields, nothing that can be left out', () => {
    const made = exchange({
      startedDateTime: 1_796_119_200_000,
      request: {
        ...{ method: 'post', url: 'http://localhost:3000', headers: { Accept: '*/*' } },
        postData: {
          mimeType: 'application/x-www-form-urlencoded',
          params: [{ name: 'a b', value: '1&2' }],
        },
      },
      response: { status: 204 },
    });

    expect(made).toMatchObject({
      request: {
        method: 'post',
        target: '/',
        host: 'localhost:3000',
        rawHeaders: ['Accept', '*/*'],
      },
      response: { status: 204, reason: '', rawHeaders: [], body: { length: 0 } },
      ...{ scheme: 'http', tls: undefined, startedAt: 1_796_119_200_000, error: undefined },
    });
    expect(text(made.request.body.bytes)).toBe('a+b=1%262');
  });

  it('says how long a body was that was left out, and keeps the beginning of a long one', () => {
    expect(exchange(response({ content: { size: 5000 } })).response?.body).toEqual({
      ...{ bytes: Buffer.alloc(0), length: 5000 },
    });
    const long = exchange(response({ content: { text: 'x'.repeat(3000) } })).response?.body;
    expect([long?.bytes.length, long?.length]).toEqual([1024, 3000]);
  });

  it('a tunnel has a name and a port', () => {
    const made = exchange(request({ method: 'CONNECT', url: 'https://shop.example' }));

    expect(made).toMatchObject({
      ...{ isOpaque: true, request: { target: 'shop.example:443', host: 'shop.example:443' } },
    });
  });

  it.each([
    ['wss://chat.example/ws', 'https', '/ws', 'chat.example'],
    ['http://user:pw@[::1]:81?q', 'http', '/?q', '[::1]:81'],
    ['https://x.example/a b\r\nEvil: 1#top', 'https', '/a%20b%0D%0AEvil:%201', 'x.example'],
    ['/relative', 'http', '/relative', 'shop.example'],
  ])('%j is %s, %s at %s', (url, scheme, target, host) => {
    const headers = url.startsWith('/') ? [{ name: 'Host', value: 'shop.example' }] : [];
    const made = exchange(request({ url, headers }));

    expect([made.scheme, made.request.target, made.request.host]).toEqual([scheme, target, host]);
  });
});

describe('what is no call', () => {
  it.each([
    [null, 'expected an object, found null'],
    [[], 'expected an object, found a list'],
    [{}, 'expected an object in request, found nothing'],
    [request({ method: 'GET /' }), 'expected a method in request.method, found a text'],
    [request({ url: 'data:text/plain,x' }), 'expected an address of HTTP in request.url'],
    [request({ url: 'https:///x' }), 'expected a host in request.url'],
    [request({ url: '/x', headers: [] }), 'expected a host in request.url or in a header'],
    [anEntry({ startedDateTime: 'soon' }), 'expected a date in startedDateTime, found a text'],
  ])('%j: %s', (entry, words) => {
    expect(exchangeOf(entry, rules)).toBe(words);
  });

  it('never throws, whatever stands in it, and never makes a second header of one', () => {
    const value = fc.anything({ maxDepth: 2 });
    const odd = fc.dictionary(
      fc.constantFrom(...Object.keys(anEntry())),
      fc.oneof(
        value,
        fc.dictionary(
          fc.constantFrom('method', 'url', 'headers', 'postData', 'status', 'content', 'wait'),
          value,
        ),
      ),
    );
    fc.assert(
      fc.property(
        odd,
        fc.array(fc.record({ name: fc.string(), value: fc.string() })),
        (more, headers) => {
          const made = exchangeOf({ ...request({ headers }), ...more }, rules);
          if (typeof made === 'string') return;
          for (const each of made.request.rawHeaders) expect(each).not.toMatch(/[\r\n]/);
          expect(made.request.target).not.toMatch(/[\s]/);
          expect(made.latency.total).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });
});
