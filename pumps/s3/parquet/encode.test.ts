import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteWriter, jsonWriter, type Shape } from '#pump';
import { aBatch, type BatchOverrides } from '#pump/testing';
import { documentShape } from '../encode.ts';
import { codecOf } from './codec.ts';
import { parquetWriter } from './encode.ts';
import * as library from './library.ts';
import { layoutOf, rowsOf } from './read.testing.ts';

const { signal } = new AbortController();

interface Wanted {
  readonly document?: Shape;
  readonly withIds?: boolean;
  readonly codec?: Parameters<typeof codecOf>[0];
}

async function fileOf(
  size: number,
  fields: BatchOverrides = {},
  { document = documentShape, withIds = false, codec = 'snappy' }: Wanted = {},
): Promise<Buffer> {
  const write = parquetWriter({ library, document, withIds, codec: codecOf(codec) });
  const file = await write(aBatch(size, fields, 'seg').entries, signal);
  if (file === undefined) throw new Error('it was aborted');
  return file;
}

async function rowOf(fields: BatchOverrides, document?: Shape) {
  const [row = {}] = await rowsOf(await fileOf(1, fields, document && { document }));
  return row;
}

const typesOf = (file: Buffer): Readonly<Record<string, string>> =>
  Object.fromEntries(
    layoutOf(file).schema.map(({ name, type, converted_type, num_children = 0 }) => [
      name,
      converted_type ?? type ?? `struct of ${num_children}`,
    ]),
  );

describe('a file of records', () => {
  it('has a row for each, with every field as the struct it stands in', async () => {
    const geo = {
      ...{ country: { iso_code: 'GB' }, location: { latitude: 51.5, longitude: -0.1 } },
      city: { geoname_id: 7, names: { en: 'a"b' } },
    };
    const file = await fileOf(2, (index) => ({ path: `/${index}`, tags: ['a', 'ü'], geo }));
    const rows = await rowsOf(file);

    expect(rows).toHaveLength(2);
    expect(rows[1]).toMatchObject({
      ...{ method: 'GET', path: '/1', response_code: 200n, track_path: false, tags: ['a', 'ü'] },
      timestamp: new Date('2024-03-10T22:22:00Z'),
      latency: { total: 12n },
      geo: {
        ...{ country: { iso_code: 'GB' }, location: { latitude: 51.5, longitude: -0.1 } },
        city: { geoname_id: 7n, names: '{"en":"a\\"b"}' },
      },
      graphql_stats: { Variables: '', Types: null, Errors: null },
    });
    expect(Object.keys(rows[0] ?? {})).toEqual(documentShape.map(({ key }) => key));
  });

  it('has the types that the fields of a record have', async () => {
    expect(typesOf(await fileOf(1))).toMatchObject({
      ...{ method: 'UTF8', response_code: 'INT64', timestamp: 'TIMESTAMP_MICROS' },
      ...{ expireAt: 'TIMESTAMP_MICROS', tags: 'LIST', element: 'UTF8', track_path: 'BOOLEAN' },
      ...{ latency: 'struct of 3', total: 'INT64', latitude: 'DOUBLE', names: 'UTF8' },
    });
  });

  it('begins with the record’s id where that is wanted', async () => {
    const rows = await rowsOf(await fileOf(2, {}, { withIds: true }));

    expect(rows.map((row) => Object.entries(row)[0])).toEqual([
      ['record_id', 'seg:0'],
      ['record_id', 'seg:1'],
    ]);
  });

  it.each([
    ['snappy', 'SNAPPY'],
    ['gzip', 'GZIP'],
    ['none', 'UNCOMPRESSED'],
    ...('zstdCompressSync' in zlib ? [['zstd', 'ZSTD'] as const] : []),
  ] as const)('is compressed as %s says', async (codec, name) => {
    const file = await fileOf(50, { raw_response: 'x'.repeat(1_000) }, { codec });

    expect(layoutOf(file).codecs).toEqual([name]);
    expect(await rowsOf(file)).toHaveLength(50);
    expect(file.includes('x'.repeat(500))).toBe(codec === 'none');
  });

  it('has groups of rows of a few megabytes, none of them empty', async () => {
    const file = await fileOf(12, (index) => ({
      raw_response: 'x'.repeat(index === 5 ? 5_000_000 : 1_000_000),
    }));

    expect(layoutOf(file).groups).toEqual([4, 1, 1, 4, 2]);
    expect(await rowsOf(file)).toHaveLength(12);
  });

  it('is not made to its end where nobody waits for it any more', async () => {
    const write = parquetWriter({
      ...{ library, document: documentShape, withIds: false, codec: codecOf('snappy') },
    });

    expect(await write(aBatch(1).entries, AbortSignal.abort())).toBeUndefined();
  });
});

describe('a value', () => {
  it.each([
    [-62_135_596_800, null],
    [-2_208_988_801, null],
    [-2_208_988_800, '1900-01-01T00:00:00.000Z'],
    [253_402_300_799, '9999-12-31T23:59:59.000Z'],
    [253_402_300_800, null],
    [9_223_372_036_854_775_807n, null],
  ])('of a time is one that readers take: second %d is %s', async (seconds, text) => {
    const { timestamp } = await rowOf({ timestamp: { seconds } });

    expect(timestamp).toEqual(text === null ? null : new Date(text));
  });

  it('of an integer is of any size that a gateway writes', async () => {
    const largest = 9_223_372_036_854_775_807n;
    const row = await rowOf({ response_code: largest, content_length: -largest - 1n });

    expect(row).toMatchObject({ response_code: largest, content_length: -largest - 1n });
  });

  it('is nothing where a list is none, and an empty list where it is empty', async () => {
    expect(await rowOf({ tags: null })).toMatchObject({ tags: null });
    expect(await rowOf({ tags: [] })).toMatchObject({ tags: [] });
    expect(await rowOf({ tags: [''] })).toMatchObject({ tags: [''] });
  });

  it('is the same as in JSON, whatever a record holds', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 30 });
    const integer = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    const fields = {
      ...{ method: text, path: text, raw_request: text, response_code: integer, alias: text },
      ...{ tags: fc.option(fc.array(text, { maxLength: 4 })), track_path: fc.boolean() },
      latency: fc.record({ total: integer, upstream: integer }),
      geo: fc.record({
        location: fc.record({ latitude: fc.double({ min: -180, max: 180, noNaN: true }) }),
      }),
    };
    const record = fc.record(fields);
    const document = documentShape.filter(({ key }) => Object.hasOwn(fields, key));
    const writeJson = jsonWriter(document);
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 60 }), async (records) => {
        const { entries } = aBatch(records.length, (index) => records[index] ?? {});
        const write = parquetWriter({ library, document, withIds: false, codec: codecOf('none') });
        const rows = await rowsOf((await write(entries, signal)) ?? Buffer.alloc(0));
        const lines = entries.map((entry) => {
          const out = new ByteWriter();
          writeJson(entry.record, out);
          return exact(out.view().toString());
        });
        expect(rows.map(plain)).toEqual(lines.map(plain));
      }),
      { numRuns: 50 },
    );
  });
});

/** JSON with its integers exact. */
const exact = (json: string): unknown =>
  JSON.parse(
    json.replaceAll(/(?<=":)-?\d{16,}(?=[,}])/g, (digits) => `"${digits}n"`),
    (_, value: unknown) =>
      typeof value === 'string' && /^-?\d{16,}n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
  );

/** All numbers of one kind. */
function plain(value: unknown): unknown {
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

describe('the columns that are wanted', () => {
  it('are those of the document, whatever they are called', async () => {
    const document: Shape = [
      { key: 'toString', value: { form: 'text', field: 'path' } },
      {
        key: 'constructor',
        value: {
          form: 'object',
          entries: [{ key: 'valueOf', value: { form: 'text', field: 'method' } }],
        },
      },
      { key: 'environment', value: { form: 'constant', json: '"a \\"b\\""' } },
    ];
    const row = await rowOf({ path: '/a' }, document);

    expect(Object.entries(row)).toEqual([
      ['toString', '/a'],
      ['constructor', { valueOf: 'GET' }],
      ['environment', 'a "b"'],
    ]);
  });

  it('are at least one: records without a field are there with their ids', async () => {
    const empty: Shape = [{ key: 'latency', value: { form: 'object', entries: [] } }];

    for (const document of [[], empty])
      expect(await rowOf({}, document)).toEqual({ record_id: 'seg:0' });
  });

  it('say nothing of a record that does not have them', async () => {
    const document: Shape = [
      { key: 'errors', value: { form: 'text', field: 'alias' }, when: 'track_path' },
    ];

    expect(await rowOf({ alias: 'a', track_path: true }, document)).toEqual({ errors: 'a' });
    expect(await rowOf({ alias: 'a', track_path: false }, document)).toEqual({ errors: null });
  });
});
