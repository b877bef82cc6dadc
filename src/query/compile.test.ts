import { describe, expect, it, test } from 'vitest';
import { recordFixtures } from '../../test/fixtures/records.ts';
import type { RecordFields } from '../record/encode/record-fields.ts';
import { fields } from '../record/fields.ts';
import { anUptimeRecord, aRecord, decodeRecord } from '../record/testing.ts';
import { compileQuery } from './compile.ts';
import { friendlyNames, subjectsOf } from './names.ts';
import { parseQuery } from './parse.ts';

function compiled(text: string) {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return compileQuery(parsed.query);
}

const request = [
  'POST /pets HTTP/1.1',
  'Host: api.example.com',
  'X-Id:  Abc ',
  'Accept: a',
  'Accept: b',
  ' folded: c',
  '',
  '{"name":"Rex"}\nX-Body: 1',
].join('\r\n');

const call: RecordFields = {
  method: 'POST',
  path: '/api/Pets',
  raw_path: '/api/Pets?limit=1',
  response_code: 503,
  api_key: 'Key-1',
  api_id: 'id-1',
  api_name: 'Pets',
  user_agent: 'curl/8',
  timestamp: { seconds: 1_767_225_600, nanos: 5 },
  ip_address: '10.1.2.3',
  latency: { total: 250, upstream: 240 },
  content_length: 2048,
  tags: ['user-7', 'Blue'],
  alias: '',
  track_path: true,
  raw_request: Buffer.from(request).toString('base64'),
  raw_response: Buffer.from('HTTP/1.1 503 Down\n\nsorry').toString('base64'),
};

describe.each(['msgpack', 'protobuf'] as const)('a record in %s', (encoding) => {
  const record = aRecord(call, { encoding });

  test.each([
    'status:5xx -path:/health method:POST latency>200ms tag:user-* header.x-id:abc "sorry"',
    'path:/api/pets',
    'path=/api/Pets',
    '-path=/api/pets',
    'path:/*/PETS',
    'key:key-1 -key=key-1',
    'api:PETS api:id-1',
    'tag:blue -tag=blue tag:(user-* blue)',
    'timestamp:2026-01-01 timestamp>2026-01-01T00:00Z timestamp<2026-01-01T00:00:01Z',
    'timestamp<=2026-01-01T00:00:00.000000005Z -timestamp<2026-01-01T00:00:00.000000005Z',
    '-alias:* alias:"" tags:* track_path:* track_path:true',
    'ip:10.0.0.0/8 -ip:10.2.0.0/16 ip:10.1.* ip=10.1.2.3',
    'size:2KiB size>2KB latency:200..250',
    'header.x-id=Abc -header.x-id=abc header.x-id:* -header.x-i:* -header.x-idd:*',
    'header.accept:a header.accept:b -header.folded:* -header.x-body:*',
    'body:rex -body=rex body=Rex -body:post response.body:SORRY -response.body:"503"',
    'response.body="sorry" -response.header.x:*',
    'PETS curl user-7 limit rex 503',
    '-api.example.org api.example.com',
  ])('is selected by %s', (text) => {
    expect(compiled(text)(record)).toBe(true);
  });

  it('is selected by no text but its bytes', () => {
    const umlaut = aRecord({ path: '/É' }, { encoding });

    expect(compiled('path:/É')(umlaut)).toBe(true);
    expect(compiled('path:/é')(umlaut)).toBe(false);
  });
});

it('knows bytes that are no UTF-8 as no character', () => {
  const record = aRecord({ path: Buffer.from([0x2f, 0xff]) });

  expect(record.text('path')).toBe('/\ufffd');
  expect(compiled('path:/\ufffd')(record)).toBe(false);
  expect(compiled('path:/*')(record)).toBe(true);
});

test.each([
  ['aba', 'ab*ba', false],
  ['abba', 'ab*ba', true],
  ['ab', 'ab*ab', false],
  ['a', 'a*', true],
  ['', '*a', false],
  ['xaaabx', '*aab*', true],
  ['abcab', '*ab*cab', true],
  ['abcab', '*abc*cab', false],
  ['abcab', 'ab*c*b', true],
  ['ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz', true],
  ['@[', '`{', false],
])('of the path %j, %j is %j', (path, pattern, expected) => {
  const [first = '', ...others] = pattern.split('*');
  const quoted = [first, ...others].map((part) => (part === '' ? '' : `"${part}"`)).join('*');

  expect(compiled(`path:${quoted}`)(aRecord({ path }))).toBe(expected);
});

it('finds one of many keys, and none that is only like one', () => {
  const keys = Array.from({ length: 1000 }, (_, at) => `Key-${at}`);
  const any = compiled(`key:(${keys.join(' or ')})`);
  const exact = compiled(`key=(${keys.join(' or ')}) or key=other`);

  for (const [key, isAny, isExact] of [
    ['Key-7', true, true],
    ['kEY-999', true, false],
    ['Key-1000', false, false],
    ['Key-', false, false],
    ['', false, false],
    ['other', false, true],
    // Has the hash of `Key-7`.
    ['LFy-7', false, false],
  ] as const) {
    const record = aRecord({ api_key: key });
    expect([any(record), exact(record)]).toEqual([isAny, isExact]);
  }
});

it('compares every bit of a prefix, and none behind it', () => {
  const address = 0xaa_55_aa_55;
  const written = (value: number) =>
    [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join('.');
  for (let prefix = 1; prefix < 32; prefix++) {
    const selects = compiled(`ip:${written(address)}/${prefix}`);
    const flipped = (bit: number) => aRecord({ ip_address: written(address ^ (1 << (32 - bit))) });

    expect(selects(flipped(prefix))).toBe(false);
    expect(selects(flipped(prefix + 1))).toBe(true);
  }
});

it('takes time that grows with the record, not with what is asked of it', () => {
  const record = aRecord({ path: 'a'.repeat(2 ** 20) });
  const start = performance.now();

  expect(compiled(`path:${`*${'a'.repeat(500)}b`.repeat(20)}`)(record)).toBe(false);
  // Compared at every place anew, it would take minutes.
  expect(performance.now() - start).toBeLessThan(5000);
});

it('selects uptime records as well', () => {
  const record = anUptimeRecord({ response_code: 500 });

  expect(compiled('status:500 org:org-alpha time:2024-03-10')(record)).toBe(true);
  expect(compiled('header.x:* or body:* or tag:* or error:*')(record)).toBe(false);
});

it('answers for every record that real gateways wrote', () => {
  const selects = compiled('-(status:>=0 or "nowhere") or time:2024');
  for (const { bytes, encoding, json } of recordFixtures('mixed').concat(recordFixtures('edge'))) {
    if (json === undefined) continue;
    expect(typeof selects(decodeRecord(bytes, encoding))).toBe('boolean');
  }
});

it('has a name for every field, and friendly ones that mean some', () => {
  for (const { name } of fields) expect(subjectsOf(name)).toHaveLength(1);
  for (const [name, meant] of Object.entries(friendlyNames))
    expect(subjectsOf(name)).toHaveLength(meant.length);
});
