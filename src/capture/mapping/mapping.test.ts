import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decoders } from '../../record/decoders.ts';
import { createMsgpackEncoder, encodeMsgpack } from '../../record/encode/msgpack.ts';
import { encodeProtobuf } from '../../record/encode/protobuf.ts';
import type { AnalyticsRecord } from '../../record/record.ts';
import { anExchange, bodyOf, type ExchangeOverrides } from '../exchange.testing.ts';
import type { Exchange } from '../exchange.ts';
import { type MappingRules, mappedFields, recordFieldsOf } from './record-fields.ts';

const rules: MappingRules = { isDetailed: true, tags: true, orgId: '' };
const fieldsOf = (overrides: ExchangeOverrides = {}) =>
  recordFieldsOf(anExchange(overrides), rules);
const unpacked = (text: unknown): string => Buffer.from(String(text), 'base64').toString('latin1');

describe('a record', () => {
  it('has what a gateway writes of a call', () => {
    const { raw_request: request, raw_response: response, ...fields } = fieldsOf();

    expect(unpacked(request)).toBe(
      'POST /orders/7?full=1 HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: curl/8\r\nX-a: b\r\n\r\n{"a":1}',
    );
    expect(unpacked(response)).toBe(
      'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n\r\n{"id":7}',
    );
    expect(fields).toEqual({
      method: 'POST',
      host: 'shop.example',
      path: '/orders/7',
      raw_path: '/orders/7',
      content_length: 7,
      user_agent: 'curl/8',
      ...{ day: 1, month: 12, year: 2026, hour: 10 },
      response_code: 201,
      api_key: '',
      timestamp: { seconds: 1_796_119_200, nanos: 123_456_055, zone: 'Local' },
      expireAt: { seconds: 1_796_119_200 + 3_153_600_000, nanos: 123_456_055 },
      api_version: 'Non Versioned',
      api_name: 'Orders',
      api_id: 'a1',
      org_id: 'o1',
      oauth_id: '',
      request_time: 12,
      ip_address: '10.0.0.7',
      network: { bytes_in: 100, bytes_out: 200 },
      latency: { total: 12, upstream: 10, gateway: 2 },
      tags: ['cap-source-gateway', 'cap-dir-in', 'cap-peer-10.0.0.9:3000'],
      alias: '',
      track_path: false,
      listen_path: '',
    });
  });

  it.each([
    ['/a/b?c', '/a/b'],
    ['http://x.example:80/a?b', '/a'],
    ['http://x.example', '/'],
    ['*', '*'],
    ['//a', '//a'],
  ])('has the path of %s', (target, path) => {
    expect(fieldsOf({ request: { target, method: 'GET' } }).path).toBe(path);
  });

  it('of HTTP/2 is written as HTTP/1.1, with the host it was meant for', () => {
    const { raw_request: request, raw_response: response } = fieldsOf({
      request: { httpVersion: '2.0', rawHeaders: ['te', 'trailers'] },
      response: { httpVersion: '2.0', status: 404, reason: '' },
    });
    expect(unpacked(request)).toMatch(
      /^POST \/orders\/7\?full=1 HTTP\/1\.1\r\nHost: shop\.example\r\nte: trailers\r\n\r\n/,
    );
    expect(unpacked(response)).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
  });

  it('says the length of a body that came in chunks, and once', () => {
    const rawHeaders = ['Host', 'x', 'TRANSFER-encoding', 'chunked', 'Transfer-Encoding', 'gzip'];
    expect(unpacked(fieldsOf({ request: { rawHeaders } }).raw_request)).toBe(
      'POST /orders/7?full=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\n{"a":1}',
    );
  });

  it('of a body that was cut says so, and how long it was', () => {
    const fields = fieldsOf({ request: { body: bodyOf('abc', 1000) } });
    expect(fields.content_length).toBe(1000);
    expect(fields.tags).toContain('cap-truncated');
    expect(recordFieldsOf(anExchange(), { ...rules, isDetailed: false })).toMatchObject({
      raw_request: '',
      raw_response: '',
    });
  });

  it('carries the name of the cluster, where there is one', () => {
    const tags = recordFieldsOf(anExchange(), { ...rules, cluster: 'eu-1' }).tags;
    expect(tags).toEqual([...(fieldsOf().tags ?? []), 'cap-cluster-eu-1']);
  });

  it('has payloads as the call says', () => {
    expect(fieldsOf({ call: { isDetailed: false } }).raw_request).toBe('');
    const off = { ...rules, isDetailed: false };
    expect(recordFieldsOf(anExchange({ call: { isDetailed: true } }), off).raw_request).not.toBe(
      '',
    );
  });

  it('of an opaque tunnel has what is known of it', () => {
    const fields = fieldsOf({
      source: 'forward',
      direction: 'out',
      isOpaque: true,
      scheme: 'tcp',
      tls: { version: 'TLSv1.3', serverName: 'x.example', alpn: undefined },
      request: { method: 'CONNECT', target: 'x.example:443', host: 'x.example:443' },
      response: null,
      error: { kind: 'reset', words: 'the server closed the connection' },
      call: { tags: ['team-a'] },
      client: { address: '::ffff:10.0.0.7', port: 1 },
      server: { address: '2001:db8::1', port: 443 },
    });
    expect(fields).toMatchObject({
      ...{ method: 'CONNECT', host: 'x.example:443', path: '', raw_path: '', response_code: 0 },
      ...{ raw_request: '', raw_response: '', ip_address: '10.0.0.7' },
    });
    expect(fields.tags).toEqual([
      ...['team-a', 'cap-source-forward', 'cap-dir-out', 'cap-peer-[2001:db8::1]:443'],
      ...['cap-tls-1.3', 'cap-tcp', 'cap-opaque', 'cap-error-reset'],
    ]);
  });
});

const word = fc.string({ unit: 'grapheme', maxLength: 12 });
const count = fc.integer({ min: 0, max: 2 ** 40 });
const exchanges: fc.Arbitrary<Exchange> = fc
  .record({
    ...{ method: word, target: word, host: word, reason: word, name: word, tag: word },
    status: fc.integer({ min: 0, max: 999 }),
    startedAt: fc.integer({ min: 0, max: 4e12 }),
    ...{ total: count, upstream: count, bytesIn: count, bytesOut: count },
    body: fc.uint8Array({ maxLength: 40 }),
    rest: count,
    flag: fc.boolean(),
    headers: fc.array(fc.tuple(word, word), { maxLength: 4 }),
  })
  .map((of) =>
    anExchange({
      startedAt: of.startedAt,
      latency: { total: of.total, upstream: of.upstream },
      ...{ bytesIn: of.bytesIn, bytesOut: of.bytesOut },
      request: {
        ...{ method: of.method, target: of.target, host: of.host },
        rawHeaders: of.headers.flat(),
        body: { bytes: of.body, length: of.body.length + of.rest },
      },
      response: { status: of.status, reason: of.reason },
      call: {
        ...{ apiId: of.name, apiName: of.name, apiKey: of.name, alias: of.name },
        ...{ tags: [of.tag], trackPath: of.flag, listenPath: of.target, orgId: of.host },
        expiresAfter: of.rest,
      },
    }),
  );

/** Every field that a mapped record has, as it is read back. */
const readBack = (record: AnalyticsRecord) => ({
  method: record.text('method'),
  host: record.text('host'),
  path: record.text('path'),
  raw_path: record.text('raw_path'),
  content_length: record.integer('content_length'),
  user_agent: record.text('user_agent'),
  day: record.integer('day'),
  month: record.integer('month'),
  year: record.integer('year'),
  hour: record.integer('hour'),
  response_code: record.integer('response_code'),
  api_key: record.text('api_key'),
  timestamp: record.seconds('timestamp'),
  nanos: record.time('timestamp').nanos,
  expireAt: record.seconds('expireAt'),
  oauth_id: record.text('oauth_id'),
  api_version: record.text('api_version'),
  api_name: record.text('api_name'),
  api_id: record.text('api_id'),
  org_id: record.text('org_id'),
  request_time: record.integer('request_time'),
  raw_request: record.text('raw_request'),
  raw_response: record.text('raw_response'),
  ip_address: record.text('ip_address'),
  bytes_in: record.integer('network.bytes_in'),
  bytes_out: record.integer('network.bytes_out'),
  total: record.integer('latency.total'),
  upstream: record.integer('latency.upstream'),
  tags: record.list('tags'),
  alias: record.text('alias'),
  track_path: record.flag('track_path'),
  listen_path: record.text('listen_path'),
});

describe('what is mapped', () => {
  it('is read back the same from both encodings', () => {
    fc.assert(
      fc.property(exchanges, (exchange) => {
        const fields = recordFieldsOf(exchange, rules);
        const encoded = [encodeMsgpack(fields), encodeProtobuf(fields)];
        const [one, other] = encoded.map((bytes, at) => {
          const record = decoders[at]?.decode([bytes]).record(0);
          return record && readBack(record);
        });
        const { timestamp, expireAt, network, latency, ...plain } = fields;
        expect(one).toEqual({
          ...plain,
          timestamp: timestamp?.seconds,
          nanos: timestamp?.nanos,
          expireAt: expireAt?.seconds,
          bytes_in: network?.bytes_in,
          bytes_out: network?.bytes_out,
          total: latency?.total,
          upstream: latency?.upstream,
        });
        expect(other).toEqual(one);
      }),
    );
  });
});

it.each<[string, Parameters<typeof anExchange>[0]]>([
  ['as most are', {}],
  ['that failed', { response: null, server: undefined, error: { kind: 'timeout', words: 'late' } }],
  [
    'with all that a source may know',
    {
      tls: { version: 'TLSv1.3', serverName: 'a', alpn: 'h2' },
      call: {
        ...{ apiId: 'a', apiName: 'é', apiVersion: 'v', orgId: 'o', apiKey: 'k', oauthId: 'i' },
        ...{ alias: 'l', listenPath: '/a/', path: '/b', rawPath: '/c', host: 'h', expiresAfter: 5 },
        ...{ isDetailed: true, trackPath: true, tags: ['t', 'ü'], clientAddress: '::1' },
      },
    },
  ],
])('the prepared encoder writes the same bytes of an exchange %s', (_, overrides) => {
  const encode = createMsgpackEncoder(mappedFields);
  for (const isDetailed of [true, false]) {
    const fields = recordFieldsOf(anExchange(overrides), { isDetailed, tags: true, orgId: '' });
    expect(Buffer.from(encode(fields))).toEqual(encodeMsgpack(fields));
  }
});
