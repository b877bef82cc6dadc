import { describe, expect, it } from 'vitest';
import { ByteWriter } from '#pump';
import { anEntry, aWeighedEntry, type RecordOverrides } from '#pump/testing';
import { createEncoder } from './encode.ts';

type Options = Parameters<typeof createEncoder>[0];

const call: RecordOverrides = {
  method: 'GET',
  path: '/Orders/7/',
  response_code: 200,
  api_key: 'Key',
  api_version: 'v1',
  api_name: 'Orders, EU',
  api_id: 'api-1',
  org_id: 'org',
  oauth_id: '',
  ip_address: '::1',
  raw_request: 'R0VU',
  raw_response: 'SFRU',
  request_time: 12,
  latency: { total: 15, upstream: 9, gateway: 3 },
  original_path: '/O/7',
  listen_path: '/o/',
  geo: { country: { iso_code: 'DE' }, city: { geoname_id: 7 }, location: { time_zone: 'CET' } },
};

function linesOf(options: Partial<Options>, record: RecordOverrides = call): readonly string[] {
  const out = new ByteWriter();
  const lines: string[] = [];
  const encode = createEncoder({
    fields: ['request_time'],
    tags: [],
    separated_method: false,
    sanitise: 'breaking',
    use_sample_weight: false,
    ...options,
  });
  encode(anEntry(record).record, {
    out,
    endLine: () => lines.push(out.take().toString('utf8')),
  });
  return lines;
}

const nameOf = (tag: string, record: RecordOverrides, options: Partial<Options> = {}): string =>
  (linesOf({ tags: [tag], ...options }, { ...record, request_time: 0 })[0] ?? '').slice(
    'request_time.'.length,
    -':0|ms'.length,
  );

describe('a line', () => {
  it('is one for each field', () => {
    const fields = ['request_time', 'latency_total', 'latency_upstream', 'latency_gateway'];

    expect(linesOf({ fields, tags: ['api_id'] })).toEqual([
      'request_time.api-1:12|ms',
      'latency_total.api-1:15|ms',
      'latency_upstream.api-1:9|ms',
      'latency_gateway.api-1:3|ms',
    ]);
  });

  it('is the same for a record that looks like an earlier one, wherever it is written', () => {
    const options = {
      fields: ['request_time', 'latency_total', 'latency_gateway'],
      tags: ['path', 'response_code', 'api_key', 'raw_request', 'time_stamp', 'nothing'],
      separated_method: false,
      sanitise: 'all',
      use_sample_weight: false,
    } as const;
    const encode = createEncoder(options);
    const records = [
      call,
      { ...call, path: '/Ä b"#/' },
      { ...call, raw_request: 'x'.repeat(2_000) },
    ];
    const expected = records.map((record) => linesOf(options, record));

    for (let round = 0; round < 3; round++)
      for (const [index, record] of records.entries()) {
        const out = new ByteWriter(16);
        encode(anEntry(record).record, { out, endLine: () => out.byte(0x0a) });

        expect(out.view().toString().split('\n').slice(0, -1)).toEqual(expected[index]);
      }
  });

  it('is none for a field there is not', () => {
    expect(linesOf({ fields: ['response_code', 'toString'] })).toEqual([]);
  });

  it('ends its name with a dot when there are no tags', () => {
    expect(linesOf({})).toEqual(['request_time.:12|ms']);
  });

  it('joins the tags in their order', () => {
    const tags = ['path', 'method', 'response_code', 'api_key', 'org_id', 'oauth_id', 'what'];

    expect(linesOf({ tags })).toEqual(['request_time.get/orders/7.null.200.key.org..null:12|ms']);
  });

  it('keeps the method apart if so asked', () => {
    expect(linesOf({ tags: ['method', 'path'], separated_method: true })).toEqual([
      'request_time.get./orders/7:12|ms',
    ]);
  });

  it.each([
    ['api_version', 'v1'],
    ['api_name', 'orders,eu'],
    ['api_id', 'api-1'],
    ['raw_request', 'r0vu'],
    ['raw_response', 'sfru'],
    ['request_time', '12'],
    ['latency_total', '15'],
    ['latency_upstream', '9'],
    ['latency_gateway', '3'],
    ['original_path', '/o/7'],
    ['listen_path', '/o/'],
    ['geo_country_iso_code', 'de'],
    ['geo_city_geoname_id', '7'],
    ['geo_location_time_zone', 'cet'],
    ['path_template', ''],
  ])('has the tag %s', (tag, text) => {
    expect(linesOf({ tags: [tag] })).toEqual([`request_time.${text}:12|ms`]);
  });

  it('has the second in the local zone, without its nanoseconds', () => {
    const timestamp = { seconds: 1_710_109_320, nanos: 5 };

    expect(nameOf('time_stamp', { timestamp })).toMatch(
      /^2024-03-1\d\d\d-\d\d-00[+-]\d{4}[a-z0-9+-]+$/,
    );
  });
});

describe('a tag is its JSON in lower case, without quotes and blanks', () => {
  it.each([
    ['a "b" c', 'a\\b\\c'],
    ['a\\b', 'a\\\\b'],
    ['<&>', '\\u003c\\u0026\\u003e'],
    ['tab\tline\n', 'tab\\tline\\n'],
    ['ÄÖÜ 日本', 'äöü日本'],
    ['İΣ', 'iσ'],
    ['100%', '100%'],
    ['line\u2028sep', 'line\\u2028sep'],
    [Buffer.from([0x41, 0xff]), 'a\\ufffd'],
  ])('%j → %s', (api_name, tag) => {
    expect(nameOf('api_name', { api_name })).toBe(tag);
  });
});

describe('sanitising', () => {
  it.each([
    ['breaking', 'a_b_c@d#e.f'],
    ['all', 'a_b_c_d_e.f'],
    ['off', 'a:b|c@d#e.f'],
  ] as const)('%s', (sanitise, tag) => {
    expect(nameOf('api_name', { api_name: 'a:b|c@d#e.f' }, { sanitise })).toBe(tag);
  });

  it('keeps an IPv6 address from ending the name', () => {
    expect(nameOf('ip_address', { ip_address: '2001:db8::1' })).toBe('2001_db8__1');
  });
});

it('says which share of the calls a line stands for, where it is told to', () => {
  const lineOf = (weight: number, use_sample_weight: boolean): string => {
    const out = new ByteWriter();
    const options = { fields: ['request_time'], tags: ['api_id'], separated_method: false };
    createEncoder({ ...options, sanitise: 'breaking', use_sample_weight })(
      aWeighedEntry(weight, call).record,
      { out, endLine: () => undefined },
    );
    return out.take().toString('utf8');
  };
  expect(lineOf(4, true)).toBe('request_time.api-1:12|ms|@0.25');
  expect(lineOf(1, true)).toBe('request_time.api-1:12|ms');
  expect(lineOf(4, false)).toBe('request_time.api-1:12|ms');
});
