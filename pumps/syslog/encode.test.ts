import { describe, expect, it } from 'vitest';
import { type AnalyticsRecord, ByteWriter, bytes, millis } from '#pump';
import { anEntry, type RecordOverrides } from '#pump/testing';
import { keys } from './encode.ts';
import { type Framing, frame } from './framing.ts';
import { createMessageWriter, localTime } from './message.ts';
import { headerName, timestampOf } from './rfc5424.ts';
import type { Settings } from './settings.ts';

const now = millis(1_710_109_320_999);

function messageOf(record: AnalyticsRecord, settings: Partial<Settings> = {}): string {
  const whole: Settings = {
    ...{ transport: 'tcp', framing: 'newline', format: 'map', priority: 134, tag: 'gateway' },
    ...{ structuredDataId: 'tyk@32473', mostBytes: bytes(1e6), keepsLineEnds: false },
    ...settings,
  };
  const out = new ByteWriter();
  createMessageWriter(whole, { hostname: 'höst 1', processId: 42 }, keys)(record, now, out);
  return out.view().toString('utf8');
}

const aRecord = (overrides: RecordOverrides = {}): AnalyticsRecord => anEntry(overrides).record;

describe('the map', () => {
  it('is Tyk’s, with all its mistakes', () => {
    expect(messageOf(aRecord({ content_length: -1, user_agent: 'curl' }))).toBe(
      `<134>${localTime(now)} höst 1 gateway[42]: map[alias: api_id:api-pets api_key:test-key ` +
        'api_name:Pets api_version:v1 content_length:%!s(int64=-1) host:api.example.com ' +
        'ip_address:192.0.2.1 method:GET oauth_id: org_id:org-alpha path:/pets raw_path:/pets ' +
        'raw_request: raw_response: request_time_ms:%!s(int64=12) response_code:%!s(int=200) ' +
        'timestamp:2024-03-10 22:22:00 +0000 UTC user_agent:curl]',
    );
  });

  it('has the bodies on one line, and nothing else', () => {
    const text = messageOf(aRecord({ raw_request: 'a\r\n\nb', raw_response: '\n', path: '/a\nb' }));

    expect(text).toContain('raw_request:a\r\\n\\nb raw_response:\\n ');
    expect(text).toContain('path:/a\nb ');
  });

  it('keeps bytes that are no UTF-8', () => {
    const out = new ByteWriter();
    const settings: Settings = {
      ...{ transport: 'udp', framing: 'datagram', format: 'map', priority: 0, tag: 't' },
      ...{ structuredDataId: 'x', mostBytes: bytes(1e6), keepsLineEnds: false },
    };
    const record = aRecord({ path: Buffer.from([0x2f, 0xff]) });

    createMessageWriter(settings, { hostname: 'h', processId: 1 }, keys)(record, now, out);

    expect(out.view().includes(Buffer.from([0x2f, 0xff, 0x20]))).toBe(true);
  });

  it('ends with a line end in a datagram, as Go’s library does', () => {
    expect(messageOf(aRecord(), { framing: 'datagram' })).toMatch(/user_agent:\]\n$/);
  });
});

it('is the same as JSON, with numbers and a time', () => {
  const text = messageOf(aRecord({ path: '/a"\nb' }), { format: 'json' });

  expect(text).toMatch(/^<134>\S+ höst 1 gateway\[42\]: \{"alias":"","api_id":"api-pets",/);
  expect(JSON.parse(text.slice(text.indexOf('{')))).toMatchObject({
    ...{ path: '/a"\nb', content_length: 0, request_time_ms: 12, response_code: 200 },
    timestamp: '2024-03-10T22:22:00Z',
  });
});

describe('RFC 5424', () => {
  it('has the keys as structured data and a message to read', () => {
    const text = messageOf(aRecord({ api_name: 'a"]\\b' }), { format: 'rfc5424' });

    expect(text).toMatch(
      /^<134>1 2024-03-10T22:22:00Z h_st_1 gateway 42 - \[tyk@32473 alias="" api_id="api-pets" /,
    );
    expect(text).toContain(' api_name="a\\"\\]\\\\b" ');
    expect(text).toMatch(/ timestamp="2024-03-10T22:22:00Z" user_agent=""\] GET \/pets 200$/);
  });

  it.each([
    [{ seconds: 0, nanos: 1 }, '1970-01-01T00:00:00.000000Z'],
    [{ seconds: 0, nanos: 123_456_789 }, '1970-01-01T00:00:00.123456Z'],
    [{ seconds: 0, nanos: 120_000_000 }, '1970-01-01T00:00:00.12Z'],
    [{ seconds: -62_135_596_800 }, '0001-01-01T00:00:00Z'],
    [{ seconds: 253_402_300_800 }, '-'],
    [{ seconds: -62_167_219_201 }, '-'],
  ])('has a time of at most six digits behind the point: %j', (timestamp, expected) => {
    expect(timestampOf(aRecord({ timestamp }))).toBe(expected);
  });

  it.each([
    ['gateway', 48, 'gateway'],
    ['two words', 48, 'two_words'],
    ['ünïcode', 3, '_n_'],
    ['', 48, '-'],
  ])('has names of printable ASCII: %j', (text, longest, expected) => {
    expect(headerName(text, longest)).toBe(expected);
  });
});

it('says the local time with its zone', () => {
  expect(Date.parse(localTime(now))).toBe(1_710_109_320_000);
  expect(localTime(now)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$/);
});

describe('a frame', () => {
  it.each([
    ['datagram', 'é\n', 'é\n'],
    ['datagram', 'a\n<13>x\n', 'a\\n<13>x\n'],
    ['datagram', 'a\n\n', 'a\\n\n'],
    ['datagram', 'a\nb', 'a\\nb'],
    ['datagram', 'a\nb\n', 'a\nb\n', true],
    ['newline', 'a\nb', 'a\\nb\n', true],
    ['newline', 'é\n<13>x\n', 'é\\n<13>x\\n\n'],
    ['newline', 'abc', 'abc\n'],
    ['octet-counting', 'é\n', '3 é\n'],
  ] as const)(
    'of %s around %j is %j',
    (framing: Framing, message, expected, keepsLineEnds?: boolean) => {
      const out = new ByteWriter();

      frame(Buffer.from(message), { framing, keepsLineEnds: keepsLineEnds === true }, out);

      expect(out.view().toString('utf8')).toBe(expected);
    },
  );
});
