import { describe, expect, it } from 'vitest';
import { Batch, ByteWriter, fullShape, millis, type Shape } from '#pump';
import { aBatch, anEntry, type RecordOverrides } from '#pump/testing';
import { attributesOf, decodeLogs, logsIn, type SentLog } from '../decode.testing.ts';
import { envelopeOf } from '../envelope.ts';
import { attributesShape } from './document.ts';
import { type LogParts, logsEncoder } from './encode.ts';

const resource = { 'service.name': 'gateway' };
const now = millis(1_710_109_321_500);

function encoded(batch: Batch, parts: Partial<LogParts> = {}): Buffer {
  const encode = logsEncoder({
    ...{ body: 'line', document: attributesShape, envelope: envelopeOf(resource) },
    ...parts,
  });
  return Buffer.from(encode(batch, now, new ByteWriter(64)));
}

function logOf(overrides: RecordOverrides, parts: Partial<LogParts> = {}): SentLog {
  const [log] = logsIn(encoded(aBatch(1, overrides, 'seg'), parts));
  if (log === undefined) throw new Error('there is a log record');
  return log;
}

const attributesFrom = (overrides: RecordOverrides, parts: Partial<LogParts> = {}) =>
  attributesOf(logOf(overrides, parts).attributes);

const text = (key: string, field: 'path' | 'method' | 'api_id' | 'user_agent'): Shape[number] => ({
  key,
  value: { form: 'text', field },
});

describe('a log record', () => {
  it('has what the conventions have names for, and the rest under names of its own', () => {
    const found = attributesFrom({
      ...{ method: 'GET', path: '/pets/7', host: 'api.example.com', response_code: 200 },
      ...{ user_agent: 'curl/8', ip_address: '10.1.2.3', content_length: 5, tags: ['a', 'b'] },
      geo: { country: { iso_code: 'DE' }, location: { latitude: 52.5, longitude: 13.4 } },
    });

    expect(found).toMatchObject({
      'http.request.method': 'GET',
      'url.path': '/pets/7',
      'http.response.status_code': 200,
      'http.request.body.size': 5,
      'server.address': 'api.example.com',
      'client.address': '10.1.2.3',
      'user_agent.original': 'curl/8',
      'geo.country.iso_code': 'DE',
      'geo.location.lat': 52.5,
      'geo.location.lon': 13.4,
      'tyk.api.version': 'v1',
      'tyk.tags': ['a', 'b'],
      'tyk.request_time': 12,
      'tyk.latency.upstream': 10,
      'log.record.uid': 'seg:0',
    });
  });

  it('leaves out what is empty, but no number', () => {
    const found = attributesFrom({ user_agent: '', tags: [], response_code: 0, host: '' });

    for (const name of ['user_agent.original', 'tyk.tags', 'geo.location.lat', 'server.address'])
      expect(found).not.toHaveProperty([name]);
    expect(found).toMatchObject({ 'http.response.status_code': 0 });
    expect(attributesFrom({ content_length: -1 })).not.toHaveProperty(['http.request.body.size']);
  });

  it.each([
    ['get', { 'http.request.method': 'GET', 'http.request.method_original': 'get' }],
    ['BREW', { 'http.request.method': '_OTHER', 'http.request.method_original': 'BREW' }],
  ])('has a method %s as the conventions know it, and as it was', (method, expected) => {
    expect(attributesFrom({ method })).toMatchObject(expected);
  });

  it('has no original of a method that is known', () => {
    expect(attributesFrom({ method: 'PUT' })).not.toHaveProperty(['http.request.method_original']);
  });

  it.each([
    ['example.com:8443', { 'server.address': 'example.com', 'server.port': 8443 }],
    ['[2001:db8::1]:80', { 'server.address': '2001:db8::1', 'server.port': 80 }],
    ['[2001:db8::1]', { 'server.address': '2001:db8::1' }],
    ['2001:db8::1', { 'server.address': '2001:db8::1' }],
    ['example.com:99999', { 'server.address': 'example.com' }],
  ])('has of the host %s address and port', (host, expected) => {
    const found = attributesFrom({ host });

    expect(found).toMatchObject(expected);
    if (!('server.port' in expected)) expect(found).not.toHaveProperty(['server.port']);
  });

  it.each([
    [0, undefined, undefined],
    [200, 9n, 'INFO'],
    [304, 9n, 'INFO'],
    [404, 13n, 'WARN'],
    [500, 17n, 'ERROR'],
  ])('with the status %i has the severity %s', (response_code, number, name) => {
    const log = logOf({ response_code });

    expect(log.severityNumber).toBe(number);
    expect(log.severityText).toBe(name);
  });

  it('has its time, and when it was sent', () => {
    const log = logOf({ timestamp: { seconds: 1_710_109_320, nanos: 123_456_789 } });

    expect(log.timeUnixNano).toBe(1_710_109_320_123_456_789n);
    expect(log.observedTimeUnixNano).toBe(1_710_109_321_500_000_000n);
  });

  it('has no time where that is no number of nanoseconds since 1970', () => {
    for (const seconds of [-62_135_596_800, 0, 99_999_999_999])
      expect(logOf({ timestamp: { seconds } }).timeUnixNano).toBeUndefined();
  });

  it('joins the trace that its caller named', () => {
    const head =
      'GET / HTTP/2.0\r\nTraceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n\r\n';
    const log = logOf({ raw_request: Buffer.from(head).toString('base64') });

    expect(log).toMatchObject({
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      spanId: '00f067aa0ba902b7',
      flags: 1,
    });
    expect(attributesOf(log.attributes)).toMatchObject({ 'network.protocol.version': '2' });
    expect(logOf({})).not.toHaveProperty('traceId');
  });

  it('is a line that says nothing the document does not', () => {
    const overrides = { method: 'GET', path: '/a b', response_code: 200 };

    expect(logOf(overrides).body).toEqual({ stringValue: 'GET /a b 200' });
    expect(logOf(overrides, { document: [text('verb', 'method')] }).body).toEqual({
      stringValue: 'GET',
    });
    expect(logOf(overrides, { document: [] })).not.toHaveProperty('body');
  });

  it('has the document in its body where that is wanted, and no attributes of it', () => {
    const log = logOf({ path: '/"x"' }, { body: 'document', document: fullShape });

    expect(JSON.parse(log.body?.stringValue ?? '')).toMatchObject({
      path: '/"x"',
      latency: { total: 12 },
    });
    expect(attributesOf(log.attributes)).toEqual({ 'log.record.uid': 'seg:0' });
  });

  it('has the attributes that the operator wants', () => {
    const document: Shape = [
      text('where', 'path'),
      { key: 'raw', value: { form: 'base64', field: 'raw_request' } },
      { key: 'at', value: { form: 'time', field: 'timestamp' } },
      {
        key: 'latency',
        value: {
          form: 'object',
          entries: [{ key: 'total', value: { form: 'integer', field: 'latency.total' } }],
        },
      },
      { key: 'names', value: { form: 'city-names' } },
      { key: 'types', value: { form: 'graph-types' } },
      { key: 'tracked', value: { form: 'flag', field: 'track_path' } },
      { key: 'mcp', value: { form: 'text', field: 'api_id' }, when: 'mcp_stats.is_mcp' },
      { key: 'env', value: { form: 'constant', json: '"prod"' } },
      { key: 'one', value: { form: 'constant', json: '1' } },
      { key: 'half', value: { form: 'constant', json: '0.5' } },
      { key: 'yes', value: { form: 'constant', json: 'true' } },
      { key: 'none', value: { form: 'constant', json: 'null' } },
    ];

    const found = attributesFrom(
      {
        ...{ path: '/x', raw_request: 'aGk=', track_path: true },
        geo: { city: { names: { en: 'Köln' } } },
      },
      { document },
    );

    expect(found).toEqual({
      ...{ where: '/x', raw: 'hi', at: '2024-03-10T22:22:00Z', 'latency.total': 12 },
      ...{ names: '{"en":"Köln"}', tracked: true, env: 'prod', one: 1, half: 0.5, yes: true },
      none: 'null',
      'log.record.uid': 'seg:0',
    });
  });

  it.each(['msgpack', 'protobuf'])('has integers of all sizes (%s)', () => {
    for (const number of [0, 127, 128, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1])
      expect(attributesFrom({ content_length: number })).toMatchObject({
        'http.request.body.size': number,
      });
    expect(attributesFrom({ latency: { total: -5, upstream: 0 } })).toMatchObject({
      'tyk.latency.total': -5,
    });
  });
});

describe('a request', () => {
  it('has all records of a batch, in one resource and in their order', () => {
    const batch = aBatch(300, (index) => ({
      path: `/${index}`,
      user_agent: 'u'.repeat(index * 7),
    }));
    const request = decodeLogs(encoded(batch));

    expect(request.resourceLogs).toHaveLength(1);
    expect(attributesOf(request.resourceLogs?.[0]?.resource.attributes)).toEqual(resource);
    const paths = logsIn(encoded(batch)).map(
      ({ attributes }) => attributesOf(attributes)['url.path'],
    );
    expect(paths).toEqual(batch.entries.map((_, index) => `/${index}`));
  });

  it.each([0, 1, 60, 127, 128, 16_000, 16_384, 300_000])(
    'has sizes before it that are right, with a text of %i bytes',
    (size) => {
      const batch = Batch.of([anEntry({ path: 'x'.repeat(size) }), anEntry({ path: '/after' })]);
      const document = [text('where', 'path')];

      const found = logsIn(encoded(batch, { document })).map(
        ({ attributes }) => attributesOf(attributes)['where'],
      );

      expect(found).toEqual([size === 0 ? undefined : 'x'.repeat(size), '/after']);
    },
  );
});
