import { expect, it } from 'vitest';
import { ByteWriter } from '../../lib/byte-writer.ts';
import { aRecord } from '../testing.ts';
import type { CopyValue } from './value.ts';
import { copyWriter } from './write.ts';

type Fields = NonNullable<Parameters<typeof aRecord>[0]>;

function lineOf(fields: Fields, ...values: readonly CopyValue[]): string {
  const out = new ByteWriter();
  copyWriter(values)(aRecord(fields), out);
  return out.view().toString('utf8');
}

const path: CopyValue = { form: 'text', field: 'path' };

it.each([
  ['/plain', '/plain'],
  ['', ''],
  ['a\tb\nc\rd\\e', String.raw`a\tb\nc\rd\\e`],
  [String.raw`\N`, String.raw`\\N`],
  [String.raw`\.`, String.raw`\\.`],
  ['nul\0', 'nul\ufffd'],
  ['bell\u0007 "quoted" <b>', 'bell\u0007 "quoted" <b>'],
  ['grüße 🐶', 'grüße 🐶'],
  [Buffer.from([0x61, 0xff, 0xc3, 0x62]), 'a\ufffd\ufffdb'],
])('writes %j as COPY reads it', (text, expected) => {
  expect(lineOf({ path: text }, path, path)).toBe(`${expected}\t${expected}\n`);
});

it('writes numbers, flags and times, in UTC and cut to microseconds', () => {
  const line = lineOf(
    {
      response_code: -1,
      track_path: true,
      geo: { location: { latitude: 52.5 } },
      timestamp: { seconds: 1_710_109_320, nanos: 117_004_999 },
      expireAt: { seconds: -62_135_596_800 },
    },
    { form: 'integer', field: 'response_code' },
    { form: 'flag', field: 'track_path' },
    { form: 'float', field: 'geo.location.latitude' },
    { form: 'time', field: 'timestamp' },
    { form: 'time', field: 'expireAt' },
  );

  expect(line).toBe('-1\ttrue\t52.5\t2024-03-10 22:22:00.117004+00\t0001-01-01 00:00:00+00\n');
});

it.each([
  [2, 'Mutation'],
  [0, ''],
  [7, ''],
  [-1, ''],
])('writes the name of a number: %d is %j', (number, name) => {
  const value: CopyValue = {
    form: 'named',
    field: 'graphql_stats.OperationType',
    names: ['', 'Query', 'Mutation'],
  };

  expect(lineOf({ graphql_stats: { OperationType: number } }, value)).toBe(`${name}\n`);
});

it('writes years before Christ', () => {
  const time: CopyValue = { form: 'time', field: 'timestamp' };

  expect(lineOf({ timestamp: { seconds: -62_135_596_801, nanos: 5e8 } }, time)).toBe(
    '0001-12-31 23:59:59.5+00 BC\n',
  );
});

it('writes lists and maps as JSON, and empty ones for nil', () => {
  const values: readonly CopyValue[] = [
    { form: 'list', field: 'tags' },
    { form: 'city-names' },
    { form: 'graph-types' },
    { form: 'graph-errors' },
  ];

  expect(lineOf({}, ...values)).toBe('[]\t{}\t{}\t[]\n');
  expect(
    lineOf(
      {
        tags: ['a', 'b\\"c'],
        geo: { city: { names: { en: 'Köln' } } },
        graphql_stats: {
          Types: { User: ['id'], Order: null },
          Errors: [{ message: 'no\n', path: null }],
        },
      },
      ...values,
    ),
  ).toBe(
    String.raw`["a","b\\\\\\"c"]` +
      '\t{"en":"Köln"}\t{"Order":[],"User":["id"]}\t' +
      String.raw`[{"message":"no\\n","path":[]}]` +
      '\n',
  );
});
