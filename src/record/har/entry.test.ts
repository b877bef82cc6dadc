import { createRequire } from 'node:module';
import { isIPv4, isIPv6 } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../arbitrary.testing.ts';
import { aRecord } from '../testing.ts';
import { harEntry, harHead, harTail } from './entry.ts';

const load = createRequire(import.meta.url);
const schemas = load('har-schema') as Readonly<Record<string, object>>;
const ajv = new Ajv({
  strict: false,
  formats: {
    ...{
      ipv4: isIPv4,
      ipv6: isIPv6,
      'date-time': (text: string) => !Number.isNaN(Date.parse(text)),
    },
    // Names as records have them need not be addresses in the strict sense.
    ...{ uri: true },
  },
});
ajv.addMetaSchema(load('ajv/dist/refs/json-schema-draft-06.json') as object);
for (const schema of Object.values(schemas)) ajv.addSchema(schema);
const isHar = ajv.getSchema('har.json#');

/** What stands in the file, which the schema of HAR must accept. */
function written(fields: Parameters<typeof aRecord>[0]) {
  const document: unknown = JSON.parse(harHead + harEntry(aRecord(fields)) + harTail);
  expect(isHar?.(document), JSON.stringify(isHar?.errors)).toBe(true);
  const { log } = document as { readonly log: { readonly entries: readonly Entry[] } };
  const [entry] = log.entries;
  if (entry === undefined) throw new Error('there is an entry');
  return entry;
}

interface Message {
  readonly [name: string]: unknown;
}

interface Entry {
  readonly request: Message;
  readonly response: Message;
  readonly [name: string]: unknown;
}

const base64 = (...parts: readonly (string | Buffer)[]): string =>
  Buffer.concat(parts.map((part) => Buffer.from(part))).toString('base64');

describe('a record as an entry of HAR', () => {
  it('is what its payloads say', () => {
    const entry = written({
      raw_request: base64(
        'POST /orders?full=1&x=%20 HTTP/1.1\r\nHost: shop.example\r\nCookie: a=1; b=2\r\nContent-Type: application/json\r\n\r\n{"a":"é"}',
      ),
      raw_response: base64(
        'HTTP/1.1 201 Created\r\nSet-Cookie: s=1; Path=/\r\nLocation: /orders/7\r\nContent-Type: image/png\r\n\r\n',
        Buffer.from([0x89, 0]),
      ),
      ...{ response_code: 201, content_length: 10, request_time: 12, ip_address: '10.0.0.7' },
      latency: { total: 12, upstream: 10, gateway: 2 },
      tags: ['user-7', 'cap-tls-1.3', 'cap-peer-[::1]:443'],
    });

    expect(entry).toMatchObject({
      startedDateTime: '2024-03-10T22:22:00.000Z',
      ...{ time: 12, timings: { blocked: -1, send: 0, wait: 10, receive: 2 } },
      request: {
        ...{
          method: 'POST',
          url: 'https://shop.example/orders?full=1&x=%20',
          httpVersion: 'HTTP/1.1',
        },
        queryString: [
          { name: 'full', value: '1' },
          { name: 'x', value: ' ' },
        ],
        cookies: [
          { name: 'a', value: '1' },
          { name: 'b', value: '2' },
        ],
        postData: { mimeType: 'application/json', text: '{"a":"é"}' },
      },
      response: {
        ...{ status: 201, statusText: 'Created', redirectURL: '/orders/7' },
        cookies: [{ name: 's', value: '1' }],
        content: { size: 2, mimeType: 'image/png', text: 'iQA=', encoding: 'base64' },
      },
      ...{ serverIPAddress: '::1', _client: '10.0.0.7', _api_name: 'Pets' },
    });
  });

  it('is made of its fields where it has no payload', () => {
    const entry = written({ response_code: 0, user_agent: 'curl/8', tags: ['cap-error-timeout'] });

    expect(entry.request).toMatchObject({
      ...{ method: 'GET', url: 'http://api.example.com/pets', headersSize: -1 },
      headers: [{ name: 'User-Agent', value: 'curl/8' }],
    });
    expect(entry.response).toMatchObject({ status: 0, _error: 'timeout', content: { size: 0 } });
  });

  it.each([
    ['chunks', 'Transfer-Encoding: chunked', '3\r\nabc\r\n4;x=y\r\n-def\r\n0\r\n\r\n'],
    ['compressed', 'Content-Encoding: gzip', gzipSync('abc-def')],
  ])('has bodies as they are once decoded: %s', (_, header, body) => {
    const entry = written({ raw_response: base64(`HTTP/1.1 200 OK\r\n${header}\r\n\r\n`, body) });

    expect(entry.response['content']).toMatchObject({ size: 7, text: 'abc-def' });
  });

  it('has a body as it is where it cannot be decoded', () => {
    const zipped = gzipSync('abc').subarray(0, 12);
    const entry = written({
      raw_response: base64('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n', zipped),
    });

    expect(entry.response['content']).toMatchObject({
      encoding: 'base64',
      text: zipped.toString('base64'),
    });
  });

  it('takes payloads that an edit has decoded, and what is no message for none', () => {
    expect(written({ raw_request: 'PUT /x HTTP/1.1\r\nHost: h\r\n\r\n' }).request).toMatchObject({
      ...{ method: 'PUT', url: 'http://h/x' },
    });
    expect(written({ raw_request: base64('nonsense') }).request['url']).toBe(
      'http://api.example.com/pets',
    );
  });

  it('is valid by the schema of HAR, whatever the record is', () => {
    fc.assert(
      fc.property(fieldsOf, fc.uint8Array(), fc.uint8Array(), (fields, request, response) => {
        const head = (start: string): string =>
          `${start}\r\nContent-Encoding: br\r\nTransfer-Encoding: chunked\r\n\r\n`;
        written({
          ...fields,
          raw_request: base64(head('GET / HTTP/1.1'), Buffer.from(request)),
          raw_response: base64(head('HTTP/1.1 200 OK'), Buffer.from(response)),
        });
        written(fields);
      }),
    );
  });
});
