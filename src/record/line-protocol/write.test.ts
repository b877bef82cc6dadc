import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../lib/byte-writer.ts';
import type { RecordFields } from '../encode/record-fields.ts';
import { aRecord } from '../testing.ts';
import type { LineDialect, PointShape } from './shape.ts';
import { pointWriter } from './write.ts';

function lineOf(
  fields: RecordFields,
  shape: Partial<PointShape>,
  dialect: LineDialect = 'strict',
): string {
  const out = new ByteWriter();
  const whole = { measurement: 'calls', tags: {}, fields: {}, ...shape };
  pointWriter(whole, dialect)(aRecord(fields), '17', out);
  return out.view().toString('utf8');
}

const text = { form: 'text', field: 'path' } as const;
const time = { form: 'time', field: 'timestamp' } as const;
const integer = { form: 'integer', field: 'request_time' } as const;

it('writes tags and fields in the order of their bytes', () => {
  const line = lineOf(
    { path: '/pets' },
    { tags: { b: text, a: integer, T: time }, fields: { y: text, x: integer, Z: time } },
  );

  expect(line).toBe(
    'calls,T=2024-03-10T22:22:00Z,a=12,b=/pets Z="2024-03-10 22:22:00 +0000 UTC",x=12i,y="/pets" 17\n',
  );
});

describe('a field', () => {
  it.each([
    ['', '""'],
    ['a "b" \\', '"a \\"b\\" \\\\"'],
    ['a,b c=d', '"a,b c=d"'],
    ['two\nlines\0', '"two\nlines\0"'],
    ['日本 🐶', '"日本 🐶"'],
    [Buffer.from([0x61, 0xff, 0xc3]), '"a\ufffd\ufffd"'],
  ])('holds %j as it is', (path, expected) => {
    expect(lineOf({ path }, { fields: { f: text } })).toBe(`calls f=${expected} 17\n`);
  });

  it.each([
    [-1, '-1i'],
    [0, '0i'],
    [9_223_372_036_854_775_807n, '9223372036854775807i'],
  ])('holds the integer %s', (request_time, expected) => {
    expect(lineOf({ request_time }, { fields: { f: integer } })).toBe(`calls f=${expected} 17\n`);
  });
});

describe('a tag', () => {
  it.each([
    ['a, b=c', ',t=a\\,\\ b\\=c'],
    ['two\nlines', ',t=two\\nlines'],
    ['"quoted" inside', ',t=\\"quoted\\"\\ inside'],
    ['back\\slash', ',t=back\\\\slash'],
    ['<&>', ',t=\\u003c\\u0026\\u003e'],
    ['', ''],
  ])('is %j as JSON without quotes, escaped, in both dialects', (path, expected) => {
    for (const dialect of ['strict', 'tyk'] as const)
      expect(lineOf({ path }, { tags: { t: text }, fields: { f: integer } }, dialect)).toBe(
        `calls${expected} f=12i 17\n`,
      );
  });

  it.each([
    ['end\\', ',t=end', ',t=end\\\\'],
    ['end"', ',t=end\\"', ',t=end\\'],
    ['\\', '', ',t=\\\\'],
    ['"', ',t=\\"', ',t=\\'],
  ])('that is %j never escapes what follows, unless Tyk’s does', (path, strict, tyk) => {
    const shape = { tags: { t: text }, fields: { f: integer } };

    expect(lineOf({ path }, shape)).toBe(`calls${strict} f=12i 17\n`);
    expect(lineOf({ path }, shape, 'tyk')).toBe(`calls${tyk} f=12i 17\n`);
  });
});

it('escapes names', () => {
  const line = lineOf(
    {},
    { measurement: 'a b', tags: { 'x,=': integer }, fields: { 'y z\n': integer } },
  );

  expect(line).toBe('a\\ b,x\\,\\==12 y\\ z\\n=12i 17\n');
});

it('has null for unknown tags, and nothing or an empty value for unknown fields', () => {
  const unknown = { form: 'unknown' } as const;
  const shape = { tags: { t: unknown }, fields: { a: unknown, f: integer } };

  expect(lineOf({}, shape)).toBe('calls,t=null f=12i 17\n');
  expect(lineOf({}, shape, 'tyk')).toBe('calls,t=null a=,f=12i 17\n');
});
