import { describe, expect, it } from 'vitest';
import { ByteWriter } from '#pump';
import { anEntry, type RecordOverrides } from '#pump/testing';
import { createEventWriter, eventShape } from './encode.ts';

type Chosen = Parameters<typeof eventShape>[0];

function encoded(overrides: RecordOverrides, options: Partial<Chosen> = {}): string {
  const chosen: Chosen = {
    ...{ fields: [], ignore_tag_prefix_list: [] },
    ...{ obfuscate_api_keys: false, obfuscate_api_keys_length: 0 },
    ...options,
  };
  const out = new ByteWriter();
  createEventWriter(eventShape(chosen), chosen)(anEntry(overrides).record, out);
  return out.view().toString('utf8');
}

const eventOf = (text: string): unknown => (JSON.parse(text) as { readonly event: unknown }).event;

it('has the usual 14 keys, sorted, and the time in seconds', () => {
  expect(encoded({ timestamp: { seconds: 1_710_109_320, nanos: 117_000_000 } })).toBe(
    '{"time":1710109320,"event":{"api_id":"api-pets","api_key":"test-key","api_name":"Pets",' +
      '"api_version":"v1","ip_address":"192.0.2.1","method":"GET","oauth_id":"","org_id":"org-alpha",' +
      '"path":"/pets","raw_request":"","raw_response":"","request_time":12,"response_code":200,' +
      '"time_stamp":"2024-03-10T22:22:00.117Z"}}',
  );
});

it('has what fields names, once, and passes over what nobody knows', () => {
  const text = encoded(
    { tags: ['a'], alias: 'me', geo: { country: { iso_code: 'DE' } } },
    { fields: ['tags', 'latency', 'alias', 'nope', 'alias', 'day', 'track_path', 'geo'] },
  );

  expect(eventOf(text)).toEqual({
    alias: 'me',
    geo: {
      city: { geoname_id: 0, names: null },
      country: { iso_code: 'DE' },
      location: { latitude: 0, longitude: 0, time_zone: '' },
    },
    latency: { total: 12, upstream: 10, gateway: 2 },
    tags: ['a'],
    track_path: false,
  });
});

it('has a time before the year 1', () => {
  expect(encoded({ timestamp: { seconds: -62_135_596_800 } }, { fields: ['path'] })).toBe(
    '{"time":-62135596800,"event":{"path":"/pets"}}',
  );
});

describe('an API key', () => {
  it.each([
    ['0123456789', 4, '****6789'],
    ['0123456789', 0, '****'],
    ['0123456789', -3, '****'],
    ['0123456789', 9, '****123456789'],
    ['0123456789', 10, '****'],
    ['0123', 8, '****'],
    ['', 4, ''],
  ])('%j of which %i characters are shown is %j', (api_key, length, expected) => {
    const options = {
      fields: ['api_key'],
      ...{ obfuscate_api_keys: true, obfuscate_api_keys_length: length },
    };

    expect(eventOf(encoded({ api_key }, options))).toEqual({ api_key: expected });
  });

  it('stays whole where nothing is said', () => {
    const text = encoded({ api_key: 'key' }, { fields: ['api_key'], obfuscate_api_keys_length: 1 });

    expect(eventOf(text)).toEqual({ api_key: 'key' });
  });
});

describe('tags', () => {
  it.each([
    [['key-1', 'key-2', 'a', 'key-3'], ['key-'], ['a']],
    [['key-1'], ['key-'], []],
    [['a', 'b'], ['a', 'b', ''], []],
    [['a'], [''], ['a']],
    [null, ['key-'], null],
    [['<a>', 'two\n"'], ['x'], ['<a>', 'two\n"']],
  ])('%j without %j are %j', (tags, ignore_tag_prefix_list, expected) => {
    const options = { fields: ['path', 'tags', 'user_agent'], ignore_tag_prefix_list };

    expect(eventOf(encoded({ tags }, options))).toEqual({
      ...{ path: '/pets', tags: expected, user_agent: '' },
    });
  });

  it.each([
    [['tags'], '{"tags":["\\u003ca\\u003e"]}'],
    [['alias', 'tags'], '{"alias":"","tags":["\\u003ca\\u003e"]}'],
    [['tags', 'track_path'], '{"tags":["\\u003ca\\u003e"],"track_path":false}'],
  ])('may stand anywhere: %j', (fields, expected) => {
    const text = encoded({ tags: ['<a>', 'x'] }, { fields, ignore_tag_prefix_list: ['x'] });

    expect(text).toBe(`{"time":1710109320,"event":${expected}}`);
  });
});
