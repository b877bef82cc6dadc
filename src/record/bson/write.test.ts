import { BSON } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../lib/byte-writer.ts';
import type { AnalyticsRecord } from '../record.ts';
import { aRecord, decodeRecord, encodeRecord } from '../testing.ts';
import { writeDocument } from './element.ts';
import type { BsonShape } from './shape.ts';
import { storedShape } from './stored-shape.ts';
import { bsonWriter } from './write.ts';

/** As a driver reads it: integers with their sizes, nothing made a JavaScript number that is none. */
function documentOf(record: AnalyticsRecord, shape: BsonShape = storedShape) {
  const out = new ByteWriter(16);
  const write = bsonWriter(shape);
  writeDocument(out, () => write(record, out));
  return BSON.deserialize(out.take(), { promoteValues: false, promoteLongs: false });
}

const { Int32, Long, Double } = BSON;

describe('a record as BSON', () => {
  it('has the names and types that Tyk Pump stores', () => {
    const record = aRecord({
      content_length: 7,
      user_agent: 'curl/8',
      oauth_id: 'o',
      raw_request: 'R0VU',
      raw_response: 'SFRUUA==',
      geo: {
        country: { iso_code: 'PT' },
        city: { geoname_id: 5, names: { en: 'Évora' } },
        location: { latitude: 38.5, longitude: -7.9, time_zone: 'Europe/Lisbon' },
      },
      network: { open_connections: 1, closed_connections: 2, bytes_in: 3, bytes_out: 4 },
      tags: ['a', 'b'],
      alias: 'alice',
      track_path: true,
      api_schema: 'not stored',
      original_path: '/o',
      listen_path: '/l',
    });

    expect(documentOf(record)).toEqual({
      method: 'GET',
      host: 'api.example.com',
      path: '/pets',
      rawpath: '/pets',
      contentlength: Long.fromNumber(7),
      useragent: 'curl/8',
      day: new Int32(10),
      month: new Int32(3),
      year: new Int32(2024),
      hour: new Int32(22),
      responsecode: new Int32(200),
      apikey: 'test-key',
      timestamp: new Date(1_710_109_320_000),
      apiversion: 'v1',
      apiname: 'Pets',
      apiid: 'api-pets',
      orgid: 'org-alpha',
      oauthid: 'o',
      requesttime: Long.fromNumber(12),
      rawrequest: 'R0VU',
      rawresponse: 'SFRUUA==',
      ipaddress: '192.0.2.1',
      geo: {
        country: { isocode: 'PT' },
        city: { geonameid: Long.fromNumber(5), names: { en: 'Évora' } },
        location: {
          latitude: new Double(38.5),
          longitude: new Double(-7.9),
          timezone: 'Europe/Lisbon',
        },
      },
      network: {
        openconnections: Long.fromNumber(1),
        closedconnection: Long.fromNumber(2),
        bytesin: Long.fromNumber(3),
        bytesout: Long.fromNumber(4),
      },
      latency: {
        total: Long.fromNumber(12),
        upstream: Long.fromNumber(10),
        gateway: Long.fromNumber(2),
      },
      tags: ['a', 'b'],
      alias: 'alice',
      trackpath: true,
      expireAt: new Date(1_710_112_920_000),
      originalpath: '/o',
      listenpath: '/l',
    });
  });

  it('has an empty list and an empty map where Go has nil, and the year 1 where a time is missing', () => {
    const document = documentOf(decodeRecord(encodeRecord({ method: 'GET' })));

    expect(document).toMatchObject({ tags: [], geo: { city: { names: {} } }, rawrequest: '' });
    expect(document['timestamp']).toEqual(new Date(-62_135_596_800_000));
  });

  it('takes 64 bits for an int of Go where 32 do not do, and keeps every bit', () => {
    const record = aRecord({ response_code: 2n ** 40n, content_length: 2n ** 63n - 1n });

    expect(documentOf(record)).toMatchObject({
      responsecode: Long.fromBigInt(2n ** 40n),
      contentlength: Long.fromBigInt(2n ** 63n - 1n),
    });
  });

  it('keeps bytes that are no UTF-8 as they are', () => {
    const bytes = encodeRecord({ path: '/qqqq', tags: ['t'] });
    bytes.fill(0xc3, bytes.indexOf('qqqq'), bytes.indexOf('qqqq') + 4);
    const out = new ByteWriter(16);
    bsonWriter([{ key: 'path', value: { form: 'field', field: 'path' } }])(
      decodeRecord(bytes),
      out,
    );

    expect(out.take().toString('latin1')).toBe('\x02path\0\x06\0\0\0/\xc3\xc3\xc3\xc3\0');
  });

  it('says what GraphQL and a pump’s own members are', () => {
    const record = aRecord({
      graphql_stats: {
        IsGraphQL: true,
        Types: { Query: ['pets'] },
        RootFields: ['pets'],
        Errors: [{ message: 'no', path: ['pets', 0] }],
      },
    });

    const document = documentOf(record, [
      { key: 'types', value: { form: 'field', field: 'graphql_stats.Types' } },
      { key: 'rootfields', value: { form: 'field', field: 'graphql_stats.RootFields' } },
      { key: 'errors', value: { form: 'field', field: 'graphql_stats.Errors' } },
      { key: 'kind', value: { form: 'computed', compute: () => 'Query' } },
      { key: 'with\0nul', value: { form: 'constant', text: 'x' } },
    ]);

    expect(document).toEqual({
      types: { Query: ['pets'] },
      rootfields: ['pets'],
      errors: [{ message: 'no', path: ['pets', Long.fromNumber(0)] }],
      kind: 'Query',
      'with\ufffdnul': 'x',
    });
  });
});
