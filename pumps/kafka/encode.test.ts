import { describe, expect, it } from 'vitest';
import { ByteWriter, jsonWriter } from '#pump';
import { anEntry, type RecordOverrides } from '#pump/testing';
import { hasMessage, messageShape } from './encode.ts';

it('writes Tyk Pump’s keys in the order of its JSON', () => {
  const record = {
    timestamp: { seconds: 1_710_109_320, nanos: 531_000_000 },
    method: 'PATCH',
    host: 'api.example.com',
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
    raw_request: 'R0VUIC8=',
    raw_response: 'T0s=',
    alias: 'alice',
    content_length: 1762,
    tags: ['a', 'b'],
    user_agent: 'curl',
  };

  expect(messageOf(record)).toBe(
    '{"alias":"alice","api_id":"pets","api_key":"key",' +
      '"api_name":"Pets \\u0026 \\u003cco\\u003e","api_version":"v1","content_length":1762,' +
      '"host":"api.example.com","ip_address":"192.0.2.7","method":"PATCH","oauth_id":"client",' +
      '"org_id":"org","path":"/pets","raw_path":"/v1/pets","raw_request":"R0VUIC8=",' +
      '"raw_response":"T0s=","request_time_ms":53,"response_code":201,"tags":["a","b"],' +
      `"timestamp":"${new Date(1_710_109_320_531).toISOString()}","user_agent":"curl"}`,
  );
});

describe('meta_data', () => {
  it('adds its keys among the others, in the order of their bytes', () => {
    const keys = Object.keys(
      JSON.parse(messageOf({}, { Zone: 'eu', env: 'prod', é: '' })) as object,
    );

    expect(keys.slice(0, 2)).toEqual(['Zone', 'alias']);
    expect(keys[keys.indexOf('env') + 1]).toBe('host');
    expect(keys.at(-1)).toBe('é');
    expect(keys).toHaveLength(23);
  });

  it('replaces keys of the record, numbers and lists too', () => {
    const message = JSON.parse(
      messageOf({ alias: 'alice' }, { alias: 'nobody', response_code: 'none', tags: '' }),
    ) as object;

    expect(message).toMatchObject({ alias: 'nobody', response_code: 'none', tags: '' });
    expect(Object.keys(message)).toHaveLength(20);
  });

  it('is escaped as Go escapes', () => {
    expect(messageOf({}, { 'a<b': '<&>\u2028"\n' })).toContain(
      '"a\\u003cb":"\\u003c\\u0026\\u003e\\u2028\\"\\n"',
    );
  });
});

it('writes null where a record has no tags', () => {
  expect(JSON.parse(messageOf({}))).toMatchObject({ tags: null });
});

it.each([
  [-62_167_219_201, false],
  [-62_167_219_200, true],
  [253_402_300_799, true],
  [253_402_300_800, false],
])('says of a time at second %i whether JSON has a date for it', (seconds, has) => {
  expect(hasMessage(anEntry({ timestamp: { seconds } }).record)).toBe(has);
});

function messageOf(
  record: RecordOverrides,
  metaData: Readonly<Record<string, string>> = {},
): string {
  const out = new ByteWriter();
  jsonWriter(messageShape(metaData))(anEntry(record).record, out);
  // MessagePack times are in the process's zone.
  return out
    .take()
    .toString()
    .replace(/"timestamp":"([^"]*)"/, (_, time: string) => {
      return `"timestamp":"${new Date(time).toISOString()}"`;
    });
}
