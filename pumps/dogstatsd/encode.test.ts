import { describe, expect, it } from 'vitest';
import { ByteWriter } from '#pump';
import { anEntry, aWeighedEntry, type RecordOverrides } from '#pump/testing';
import { createEncoder } from './encode.ts';

type Options = Parameters<typeof createEncoder>[0];

const call: RecordOverrides = {
  method: 'GET',
  path: '/orders//',
  response_code: 200,
  api_key: 'secret-1234',
  api_version: 'v1',
  api_name: 'Orders',
  api_id: 'api-1',
  org_id: 'org',
  oauth_id: '',
  track_path: true,
  request_time: 12,
  latency: { total: 15, upstream: 9, gateway: 3 },
};

interface Case {
  readonly options?: Partial<Options>;
  readonly record?: RecordOverrides;
  readonly globalTags?: readonly string[];
  readonly random?: number;
}

function linesOf({ options, record, globalTags = ['tyk-pump'], random = 0 }: Case) {
  const out = new ByteWriter();
  const lines: string[] = [];
  const encode = createEncoder(
    {
      namespace: 'default',
      tags: [],
      fields: ['request_time'],
      sample_rate: 1,
      obfuscate_api_keys: false,
      sanitise: 'off',
      use_sample_weight: false,
      ...options,
    },
    { globalTags, random: () => random },
  );
  encode(anEntry({ ...call, ...record }).record, {
    out,
    endLine: () => lines.push(out.take().toString('utf8')),
  });
  return lines;
}

const tagsOf = (options: Partial<Options>, record: RecordOverrides = {}): string | undefined =>
  linesOf({ options, record })[0]?.replace('default.request_time:12|h|#tyk-pump', '');

describe('a line', () => {
  it('is the same for a record that looks like an earlier one, wherever it is written', () => {
    const options = {
      ...{ namespace: 'ä', tags: [], fields: ['request_time', 'latency_total'] },
      ...{ sample_rate: 0.5, obfuscate_api_keys: true, sanitise: 'all' },
      use_sample_weight: false,
    } satisfies Options;
    const encode = createEncoder(options, { globalTags: ['b'], random: () => 0 });
    const records = [
      call,
      { ...call, path: '/é|#\n', oauth_id: 'o' },
      { ...call, track_path: false },
    ];
    const expected = records.map((record) => linesOf({ options, record, globalTags: ['b'] }));

    for (let round = 0; round < 3; round++)
      for (const [index, record] of records.entries()) {
        const out = new ByteWriter(16);
        encode(anEntry(record).record, { out, endLine: () => out.byte(0x0a) });

        expect(out.view().toString().split('\n').slice(0, -1)).toEqual(expected[index]);
      }
  });

  it('has the default tags, the path as it is', () => {
    expect(linesOf({})).toEqual([
      'default.request_time:12|h|#tyk-pump,path:/orders//,method:GET,response_code:200,api_version:v1,api_name:Orders,api_id:api-1,org_id:org,tracked:true',
    ]);
  });

  it('has the client where there is one', () => {
    expect(tagsOf({ tags: ['oauth_id'] }, { oauth_id: 'ios' })).toBe(',oauth_id:ios');
    expect(tagsOf({ tags: ['oauth_id'] })).toBe('');
  });

  it('has configured tags in their order, the path without its last slashes', () => {
    expect(tagsOf({ tags: ['tracked', 'path'] })).toBe(',tracked:true,path:/orders');
  });

  it('has the global tags first', () => {
    const [line] = linesOf({ options: { tags: ['method'] }, globalTags: ['env:prod', 'tyk-pump'] });

    expect(line).toBe('default.request_time:12|h|#env:prod,tyk-pump,method:GET');
  });

  it('begins with the namespace', () => {
    const [line] = linesOf({ options: { namespace: 'acme.gw', tags: ['method'] } });

    expect(line).toBe('acme.gw.request_time:12|h|#tyk-pump,method:GET');
  });

  it('is one for each field', () => {
    const fields = [
      'request_time',
      'latency_total',
      'latency_upstream',
      'latency_gateway',
    ] as const;

    expect(linesOf({ options: { fields, tags: ['method'] } })).toEqual([
      'default.request_time:12|h|#tyk-pump,method:GET',
      'default.latency_total:15|h|#tyk-pump,method:GET',
      'default.latency_upstream:9|h|#tyk-pump,method:GET',
      'default.latency_gateway:3|h|#tyk-pump,method:GET',
    ]);
  });

  it('has latencies and the key as tags', () => {
    const tags = ['latency_total', 'latency_upstream', 'latency_gateway', 'api_key'];

    expect(tagsOf({ tags })).toBe(
      ',latency_total:15,latency_upstream:9,latency_gateway:3,api_key:secret-1234',
    );
  });

  it('has places and the other paths as tags', () => {
    const tags = [
      ...['original_path', 'listen_path', 'geo_country_iso_code', 'geo_city_geoname_id'],
      'path_template',
    ];
    const geo = { country: { iso_code: 'DE' }, city: { geoname_id: 7 } };

    expect(tagsOf({ tags }, { original_path: '/o', listen_path: '/l/', geo })).toBe(
      ',original_path:/o,listen_path:/l/,geo_country_iso_code:DE,geo_city_geoname_id:7,path_template:',
    );
  });

  it.each([
    ['secret-1234', '****1234'],
    ['1234', '--'],
    ['key-äöü🐶', '****äöü🐶'],
  ])('obfuscates the key %s', (api_key, shown) => {
    const options = { tags: ['api_key'], obfuscate_api_keys: true };

    expect(tagsOf(options, { api_key })).toBe(`,api_key:${shown}`);
  });

  it('leaves out a tag there is not', () => {
    expect(tagsOf({ tags: ['colour', 'constructor', 'method'] })).toBe(',method:GET');
  });
});

describe('sampling', () => {
  it.each([
    [0.5, 0.49, ['default.request_time:12|h|@0.5|#tyk-pump,method:GET']],
    [0.5, 0.5, []],
    [0, 0.99, ['default.request_time:12|h|#tyk-pump,method:GET']],
    [1, 0.99, ['default.request_time:12|h|#tyk-pump,method:GET']],
    [-1, 0, []],
  ])('at %d with chance %d', (sample_rate, random, lines) => {
    expect(linesOf({ options: { sample_rate, tags: ['method'] }, random })).toEqual(lines);
  });
});

it.each([
  [1, 4, true, '@0.25|'],
  [0.5, 4, true, '@0.125|'],
  [0.5, 1, true, '@0.5|'],
  [1, 1, true, ''],
  [1, 4, false, ''],
])('at %d and a weight of %d, where that counts: %s', (sample_rate, weight, use, share) => {
  const out = new ByteWriter();
  createEncoder(
    {
      ...{ namespace: 'n', tags: ['method'], fields: ['request_time'], sanitise: 'off' },
      ...{ obfuscate_api_keys: false, sample_rate, use_sample_weight: use },
    },
    { globalTags: [], random: () => 0 },
  )(aWeighedEntry(weight, call).record, { out, endLine: () => undefined });
  expect(out.take().toString()).toBe(`n.request_time:12|h|${share}#,method:GET`);
});

describe('sanitising', () => {
  it.each([
    ['off', 'a,b|c:d@e#f'],
    ['breaking', 'a_b_c:d@e#f'],
    ['all', 'a_b_c_d_e_f'],
  ] as const)('%s, and line ends always go', (sanitise, value) => {
    expect(tagsOf({ tags: ['api_name'], sanitise }, { api_name: 'a,b|c\n:d@e#f' })).toBe(
      `,api_name:${value}`,
    );
  });
});
