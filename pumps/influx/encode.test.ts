import { describe, expect, it } from 'vitest';
import { type LineDialect, millis } from '#pump';
import { aBatch, type RecordOverrides } from '#pump/testing';
import { createEncoder, hasFields } from './encode.ts';
import type { Options } from './options.ts';

type Named = Pick<Options, 'fields' | 'tags' | 'timestamp'>;

function linesOf(
  options: Partial<Named>,
  size = 1,
  dialect: LineDialect = 'strict',
  record: RecordOverrides = {},
): string {
  const named: Named = { fields: ['path'], tags: [], timestamp: 'record', ...options };
  const batch = aBatch(size, record, '1700000000000000-1');
  return createEncoder(named, dialect)(batch, millis(1_750_000_000_000)).body.toString('utf8');
}

it('writes one line for each record, with its own time', () => {
  expect(linesOf({ tags: ['method', 'api_id'] }, 2)).toMatch(
    /^analytics,api_id=api-pets,method=GET path="\/pets" 1710109320000\d{6}\nanalytics,.* 1710109320000\d{6}\n$/,
  );
});

it('writes the time of writing where that is asked for', () => {
  expect(linesOf({ timestamp: 'write' })).toMatch(/ 1750000000000\d{6}\n$/);
});

it('knows what Tyk Pump knows', () => {
  const fields = [
    ...['method', 'path', 'response_code', 'api_key', 'time_stamp', 'api_version', 'api_name'],
    ...['api_id', 'org_id', 'oauth_id', 'raw_request', 'request_time', 'raw_response'],
    'ip_address',
  ];

  expect(linesOf({ fields })).toMatch(
    /^analytics api_id="api-pets",api_key="test-key",api_name="Pets",api_version="v1",ip_address="192.0.2.1",method="GET",oauth_id="",org_id="org-alpha",path="\/pets",raw_request="",raw_response="",request_time=12i,response_code=200i,time_stamp="2024-03-10 22:22:00 \+0000 UTC" /,
  );
});

it('knows what others call a group: places, paths and latencies', () => {
  const record = {
    ...{ original_path: '/o', listen_path: '/l', latency: { total: 3, upstream: 2, gateway: 1 } },
    geo: { country: { iso_code: 'DE' }, city: { geoname_id: 7 } },
  };
  const tags = ['geo_country_iso_code', 'geo_location_time_zone', 'listen_path', 'client_os'];
  const fields = ['geo_city_geoname_id', 'latency_gateway', 'original_path', 'path_template'];

  expect(linesOf({ tags, fields }, 1, 'strict', record)).toMatch(
    /^analytics,geo_country_iso_code=DE,listen_path=\/l geo_city_geoname_id=7i,latency_gateway=1i,original_path="\/o",path_template="" /,
  );
});

it('does not know the latencies of version 2', () => {
  expect(linesOf({ fields: ['path', 'total_latency'] })).toMatch(/^analytics path="\/pets" /);
});

it('names each column once', () => {
  expect(linesOf({ fields: ['path', 'path'] })).toMatch(/^analytics path="\/pets" /);
});

describe.each([
  [[], false],
  [['nope', 'constructor'], false],
  [['nope', 'path'], true],
])('with the fields %j', (fields, expected) => {
  it(`a point ${expected ? 'holds' : 'would hold no'} value`, () => {
    expect(hasFields({ fields })).toBe(expected);
  });
});
