import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uptimeFixtures } from '../../../test/fixtures/records.ts';
import { mutate, mutation } from '../arbitrary.testing.ts';
import { encodeUptime, type UptimeFields } from '../encode/uptime.ts';
import { msgpackDecoder } from '../msgpack/decoder.ts';
import { uptimeDecoder } from './decoder.ts';
import { uptimeJson } from './json.ts';
import { readUptime } from './read.ts';

// The reference's values were captured with the process in UTC, as these tests are (vitest.config.ts).

const fields: UptimeFields = {
  id: 'x1',
  url: 'http://up.example.com/health',
  request_time: 31,
  response_code: 503,
  tcp_error: true,
  server_error: true,
  day: 10,
  month: 3,
  year: 2024,
  hour: 22,
  minute: 15,
  timestamp: { seconds: 1_710_108_900, nanos: 5 },
  expireAt: { seconds: 1_710_195_300 },
  api_id: 'up-a',
  org_id: 'org-up',
};

const reasonOf = (bytes: Uint8Array): string | undefined =>
  uptimeDecoder.decode([bytes]).undecodable[0]?.reason;

const recordOf = (bytes: Uint8Array) => uptimeDecoder.decode([bytes]).record(0)!;

describe('the uptime records of a gateway', () => {
  const fixtures = uptimeFixtures();

  it.each(fixtures)('$name reads as in the reference', ({ bytes, json }) => {
    expect(JSON.parse(uptimeJson(recordOf(bytes)))).toEqual(JSON.parse(json!));
  });

  it('are written by our encoder byte for byte', () => {
    for (const { bytes, json } of fixtures) {
      const { _id, timestamp, ExpireAt, ...same } = JSON.parse(json!) as Record<string, string>;
      const seconds = (time = '') => ({ seconds: Date.parse(time) / 1000 });
      const read = {
        ...same,
        id: _id ?? '',
        timestamp: seconds(timestamp),
        expireAt: seconds(ExpireAt),
      };
      expect(encodeUptime(read)).toEqual(bytes);
    }
    expect(fixtures.length).toBeGreaterThan(30);
  });
});

describe('an uptime record', () => {
  it('has all its fields', () => {
    expect(readUptime(recordOf(encodeUptime(fields)))).toEqual({
      id: 'x1',
      url: 'http://up.example.com/health',
      requestTime: 31,
      responseCode: 503,
      isTcpError: true,
      isServerError: true,
      ...{ day: 10, month: 3, year: 2024, hour: 22, minute: 15 },
      timestamp: { seconds: 1_710_108_900, nanos: 5, zone: 'UTC' },
      expireAt: { seconds: 1_710_195_300, nanos: 0, zone: 'UTC' },
      apiId: 'up-a',
      orgId: 'org-up',
    });
  });

  it('answers as any record for what it has in common with a call', () => {
    const record = recordOf(encodeUptime(fields));

    expect([record.text('api_id'), record.text('org_id'), record.text('path')]).toEqual([
      'up-a',
      'org-up',
      '',
    ]);
    expect([record.integer('response_code'), record.integer('request_time')]).toEqual([503, 31]);
    expect(record.seconds('timestamp')).toBe(1_710_108_900);
    expect(record.list('tags')).toBe(null);
  });

  it('reads as Go’s zero values where it says nothing', () => {
    // An empty map, and nil.
    for (const bytes of [Buffer.of(0x80), Buffer.of(0xc0)])
      expect(readUptime(recordOf(bytes))).toMatchObject({
        ...{ url: '', requestTime: 0, isTcpError: false, orgId: '' },
        timestamp: { seconds: -62_135_596_800, nanos: 0 },
      });
  });

  it('may come as a list in the order of Go’s struct, with more behind it', () => {
    // Id, URL, time, code, two flags.
    const list = Buffer.concat([
      Buffer.of(0x96, 0xa0),
      Buffer.of(0xa1, 0x75, 0x07, 0xcc, 0xc8, 0xc3, 0xc2),
      Buffer.from('behind'),
    ]);

    expect(readUptime(recordOf(list))).toMatchObject({
      ...{ url: 'u', requestTime: 7, responseCode: 200, isTcpError: true, isServerError: false },
    });
  });

  it('ignores what it does not know, and takes the last of two', () => {
    const text = (value: string) =>
      Buffer.concat([Buffer.of(0xa0 | value.length), Buffer.from(value)]);
    const bytes = Buffer.concat([
      Buffer.of(0x83),
      ...[text('New'), Buffer.of(0x91, 0x81, 0xa1, 0x61, 0xc0)],
      ...[text('URL'), text('a'), text('URL'), text('b')],
    ]);

    expect(readUptime(recordOf(bytes)).url).toBe('b');
  });

  it.each([
    ['a flag that is nil', 'TCPError', Buffer.of(0xc0)],
    ['a flag that is a number', 'ServerError', Buffer.of(0x01)],
    ['a code with a fraction', 'ResponseCode', Buffer.from('cb3ff8000000000000', 'hex')],
    ['a time that is nil', 'TimeStamp', Buffer.of(0xc0)],
    ['a time that is a number', 'TimeStamp', Buffer.of(0x07)],
    ['a URL that is a number', 'URL', Buffer.of(0x07)],
  ])('is none with %s', (_, name, value) => {
    const key = Buffer.concat([Buffer.of(0xa0 | name.length), Buffer.from(name)]);

    expect(reasonOf(Buffer.concat([Buffer.of(0x81), key, value]))).toMatch(/ /);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a text', Buffer.of(0xa1, 0x61)],
    ['a record that is cut short', encodeUptime(fields).subarray(0, 40)],
  ])('is not %s', (_, bytes) => {
    expect(reasonOf(bytes)).toMatch(/ /);
    expect(() => readUptime({ bytes })).toThrow('no uptime record');
  });

  it('is never an exception, whatever the bytes are: read, or undecodable with a reason', () => {
    fc.assert(
      fc.property(fc.array(mutation, { maxLength: 4 }), (changes) => {
        const bytes = mutate(encodeUptime(fields), changes);
        const chunk = uptimeDecoder.decode([bytes]);
        const record = chunk.record(0);
        if (record === undefined) expect(chunk.undecodable[0]?.reason).toMatch(/ /);
        else JSON.parse(uptimeJson(record));
      }),
      { numRuns: 500 },
    );
  });

  it('keeps the others of its range readable', () => {
    const chunk = uptimeDecoder.decode([
      encodeUptime(fields),
      Buffer.of(0x0f),
      encodeUptime({ ...fields, url: 'second' }),
    ]);

    expect(chunk.undecodable.map(({ index }) => index)).toEqual([1]);
    expect(readUptime(chunk.record(2)!).url).toBe('second');
  });

  it('is of another kind than a call', () => {
    expect([uptimeDecoder.records, msgpackDecoder.records]).toEqual(['uptime', 'analytics']);
  });
});
