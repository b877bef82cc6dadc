import { describe, expect, it } from 'vitest';
import { ByteWriter, jsonWriter } from '#pump';
import { anEntry, type RecordOverrides } from '#pump/testing';
import { type DocumentParts, documentShape, hasDocument } from './encode.ts';

const plain: DocumentParts = { extendedStats: false, decodeBase64: false };
const extended: DocumentParts = { extendedStats: true, decodeBase64: false };
const decoded: DocumentParts = { extendedStats: true, decodeBase64: true };

it('writes Tyk Pump’s keys in the order of its JSON', () => {
  const record = {
    timestamp: { seconds: 1_710_109_320, nanos: 531_000_000 },
    method: 'PATCH',
    path: '/pets',
    raw_path: '/v1/pets',
    response_code: 201,
    ip_address: '192.0.2.7',
    api_key: 'key',
    api_version: 'v1',
    api_name: 'Pets & <co>',
    api_id: 'pets',
    org_id: 'org',
    oauth_id: 'client',
    request_time: 53,
    alias: 'alice',
    content_length: 1762,
    tags: ['a', 'b'],
  };

  expect(documentOf(record, plain)).toBe(
    `{"@timestamp":"${new Date(1_710_109_320_531).toISOString()}",` +
      '"alias":"alice","api_id":"pets","api_key":"key","api_name":"Pets \\u0026 \\u003cco\\u003e",' +
      '"api_version":"v1","content_length":1762,"http_method":"PATCH","ip_address":"192.0.2.7",' +
      '"oauth_id":"client","org_id":"org","request_time_ms":53,"request_uri":"/pets",' +
      '"request_uri_full":"/v1/pets","response_code":201,"tags":["a","b"]}',
  );
});

describe('a key that depends on an option or on the record', () => {
  const raw = { raw_request: 'R0VUIC8=', raw_response: 'T0s=', user_agent: 'curl' };
  const mcp = {
    mcp_stats: { is_mcp: true, jsonrpc_method: 'tools/call', primitive_type: 'tool' },
  };

  it.each<[string, RecordOverrides, DocumentParts, object]>([
    ['no tags', {}, plain, { tags: null }],
    ['extended_stats', raw, extended, raw],
    [
      'decode_base64',
      raw,
      decoded,
      { raw_request: 'GET /', raw_response: 'OK', user_agent: 'curl' },
    ],
    [
      'decode_base64 of a text that is cut',
      { raw_request: 'R0VUIC' },
      decoded,
      { raw_request: 'GET' },
    ],
    [
      'an MCP record',
      mcp,
      plain,
      { mcp_method: 'tools/call', mcp_primitive_type: 'tool', mcp_primitive_name: '' },
    ],
  ])('%s', (_, record, parts, expected) => {
    expect(JSON.parse(documentOf(record, parts))).toMatchObject(expected);
  });

  it.each([
    ['raw_request', raw, plain],
    ['user_agent', raw, plain],
    ['mcp_method', {}, extended],
  ])('%s is not there otherwise', (key, record, parts) => {
    expect(JSON.parse(documentOf(record, parts))).not.toHaveProperty(key);
  });

  it('decode_base64 changes nothing without extended_stats', () => {
    expect(documentShape({ extendedStats: false, decodeBase64: true })).toEqual(
      documentShape(plain),
    );
  });
});

it.each([
  [-62_167_219_201, false],
  [-62_167_219_200, true],
  [0, true],
  [253_402_300_799, true],
  [253_402_300_800, false],
])('says of a time at second %i whether JSON has a date for it', (seconds, has) => {
  expect(hasDocument(anEntry({ timestamp: { seconds } }).record)).toBe(has);
});

function documentOf(record: RecordOverrides, parts: DocumentParts): string {
  const out = new ByteWriter();
  const { record: view } = anEntry(record);
  jsonWriter(documentShape(parts))(view, out);
  // MessagePack times are in the process's zone.
  return out
    .take()
    .toString()
    .replace(/"@timestamp":"([^"]*)"/, (_, time: string) => {
      return `"@timestamp":"${new Date(time).toISOString()}"`;
    });
}
