import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../lib/byte-writer.ts';
import { fieldsOf } from '../arbitrary.testing.ts';
import { encodeMsgpack } from '../encode/msgpack.ts';
import type { RecordFields } from '../encode/record-fields.ts';
import { fullShape } from '../full-shape.ts';
import { aRecord, decodeRecord } from '../testing.ts';
import { type CsvColumn, csvColumnsOf, fullCsvColumns, guardedColumns } from './columns.ts';
import { csvHeaders, csvReader } from './read.ts';
import { csvRows } from './rows.ts';
import { csvWriter, writeCsvHeader } from './write.ts';

/** Everything a record has, as `fields` can name it. */
const everyColumn = csvColumnsOf(fullShape);

function fileOf(columns: readonly CsvColumn[], records: readonly RecordFields[]): Buffer {
  const out = new ByteWriter();
  writeCsvHeader(columns, out);
  const write = csvWriter(columns);
  for (const fields of records) write(aRecord(fields), out);
  return out.take();
}

async function rowsOf(file: Buffer, cuts: readonly number[] = [], longest = 2 ** 20) {
  const places = [0, ...cuts.map((cut) => cut % (file.length + 1)), file.length];
  places.sort((left, right) => left - right);
  const rows = [];
  const chunks = places.slice(1).map((end, at) => file.subarray(places[at], end));
  for await (const row of csvRows(
    (async function* () {
      yield* await Promise.resolve(chunks);
    })(),
    longest,
  ))
    rows.push(row);
  return rows;
}

const readerOf = (headers: readonly string[]) => {
  const reader = csvReader(headers);
  if (reader.reason !== undefined) throw new Error(reader.reason);
  return reader;
};

/** The records of a file, read and written again. */
async function again(file: Buffer, columns: readonly CsvColumn[], cuts: readonly number[]) {
  const [header, ...rows] = await rowsOf(file, cuts);
  const reader = readerOf(csvHeaders(header?.bytes ?? Buffer.alloc(0)) ?? []);
  const out = new ByteWriter();
  writeCsvHeader(columns, out);
  const write = csvWriter(columns);
  for (const { bytes, reason } of rows) {
    const { fields, reason: why } =
      bytes === undefined ? { reason, fields: undefined } : reader.read(bytes);
    if (fields === undefined) throw new Error(why);
    write(decodeRecord(encodeMsgpack(fields)), out);
  }
  return out.take();
}

/** Texts of what CSV, lists and spreadsheets have a meaning for. */
const odd = fc.string({
  unit: fc.constantFrom('a', 'b', '"', ',', '\n', '\r', ';', ':', ' ', '=', "'", 'é', '\\', '.'),
  maxLength: 12,
});
const oddFields = fc.record({
  method: odd,
  path: odd,
  listen_path: odd,
  user_agent: fc.oneof(odd, fc.uint8Array({ maxLength: 8 })),
  month: fc.integer({ min: -1, max: 13 }),
  latency: fc.record({ total: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) }),
  tags: fc.array(odd, { maxLength: 4 }),
  geo: fc.record({
    city: fc.record({ names: fc.dictionary(odd, odd, { maxKeys: 4 }) }),
    location: fc.record({ latitude: fc.double(), longitude: fc.double() }),
  }),
  graphql_stats: fc.record({
    Types: fc.dictionary(odd, fc.array(odd, { maxLength: 3 }), { maxKeys: 4 }),
    Errors: fc.array(fc.record({ message: odd }), { maxLength: 3 }),
    HasErrors: fc.boolean(),
  }),
});

describe('rows read back', () => {
  it.each([
    ['of Tyk', fullCsvColumns],
    ['with a guard against formulas', guardedColumns(fullCsvColumns)],
    ['of every field', everyColumn],
    ['in another order', [...fullCsvColumns].reverse()],
    ['some of them', fullCsvColumns.filter((_, at) => at % 4 === 0)],
  ])('give the same rows again: columns %s, cut anywhere', async (_, columns) => {
    const records = fc.array(fc.oneof(oddFields, fieldsOf), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(records, fc.array(fc.nat(), { maxLength: 6 }), async (fields, cuts) => {
        const file = fileOf(columns, fields);
        expect((await again(file, columns, cuts)).toString('latin1')).toBe(file.toString('latin1'));
      }),
      { numRuns: 100 },
    );
  });

  it('keep what CSV keeps, and what it cuts as it has cut it', async () => {
    const file = fileOf(fullCsvColumns, [
      {
        path: 'a,"b"\r\nc',
        content_length: -1,
        tags: ['x;y', 'z'],
        geo: {
          city: { names: { de: 'A;B', en: 'C' } },
          location: { latitude: -77.03, longitude: 51.9 },
        },
      },
    ]);
    const [header, row] = await rowsOf(file);
    const read = readerOf(csvHeaders(header?.bytes as Buffer) ?? []).read(row?.bytes as Buffer);
    expect(read.fields).toMatchObject({
      path: Buffer.from('a,"b"\r\nc'),
      content_length: -1,
      tags: ['x', 'y', 'z'].map((tag) => Buffer.from(tag)),
      geo: {
        city: { names: { de: 'A;B', en: 'C' } },
        location: { latitude: -77, longitude: 51 },
      },
      latency: { total: 12, upstream: 10, gateway: 2 },
      expireAt: { seconds: 1_710_112_920, nanos: 0 },
    });
  });

  it('may end with CRLF, and keep the numbers of their lines', async () => {
    const rows = await rowsOf(Buffer.from('a,"b\nc"\r\n\r\n"d""",\r\n"\r"\r\n'));
    expect(rows.map(({ number, bytes }) => [number, bytes?.toString()])).toEqual([
      [1, 'a,"b\nc"'],
      [3, ''],
      [4, '"d""",'],
      [5, '"\r"'],
    ]);
  });

  it('are refused one by one where they are broken or too long', async () => {
    const file = `a"b\n"a"b\n"a\r"\n"a"\rb\n"${'x\n'.repeat(50)}"\n${'y'.repeat(60)}\nwhole\n`;
    for (const cuts of [[], [3, 9, 40, 90], Array.from({ length: file.length }, (_, at) => at)])
      expect(
        (await rowsOf(Buffer.from(file), cuts, 50)).map(({ number, bytes, reason }) => [
          number,
          bytes?.toString() ?? reason,
        ]),
      ).toEqual([
        [1, 'has a quote where none may stand: it is no CSV'],
        [2, 'has a quote where none may stand: it is no CSV'],
        [3, '"a\r"'],
        [4, 'has a quote where none may stand: it is no CSV'],
        [5, 'is longer than 64 MiB'],
        [56, 'is longer than 64 MiB'],
        [57, 'whole'],
      ]);
  });

  it('are no rows where they may be half of one', async () => {
    expect(await rowsOf(Buffer.from('a\n"b\nc'))).toMatchObject([
      { number: 1, reason: '' },
      {
        number: 2,
        bytes: undefined,
        reason: 'has a quote that does not end: nothing from here on is read',
      },
    ]);
    const [, last] = await rowsOf(Buffer.from('a\nb'));
    expect(last?.bytes).toBeUndefined();
    expect(last?.reason).toContain('has no line end');
  });
});

describe('headers', () => {
  it.each([
    ['Method,Foo,TimeStamp,"Bar ""x"""', 'no column of a record: "Foo", "Bar \\"x\\""'],
    ['TimeStamp,unknown', 'no column of a record: "unknown"'],
    ['TimeStamp,TimeStamp', 'more than once: "TimeStamp"'],
    ['Path,path,TimeStamp', 'more than once: "path"'],
    ['Method,Path', 'has no column "TimeStamp": its rows are no records'],
  ])('%s are refused by name', (line, reason) => {
    expect(csvReader(csvHeaders(Buffer.from(line)) ?? [])).toEqual({ reason });
  });

  it.each(['', 'no json', '","', 'method;path'])('are none of %j', (line) => {
    expect(csvHeaders(Buffer.from(line))).toBeUndefined();
  });

  it('may name what Sluice had added, which is passed over', () => {
    const row = Buffer.from('/x,2024-03-10 22:22:00 +0000 UTC,Firefox,2,/a');
    const headers = ['path_template', 'TimeStamp', 'client.browser', 'sample_weight', 'path'];
    expect(readerOf(headers).read(row).fields).toEqual({
      timestamp: { seconds: 1_710_109_320, nanos: 0 },
      path: Buffer.from('/a'),
    });
  });
});

describe('cells', () => {
  const time = '2024-03-10 22:22:00 +0000 UTC';
  it.each([
    ['ContentLength', '-1', 'an unsigned 64-bit integer'],
    ['ContentLength', '', 'an unsigned 64-bit integer'],
    ['ContentLength', '18446744073709551616', 'an unsigned 64-bit integer'],
    ['Latency.Total', '9223372036854775808', 'a 64-bit integer'],
    ['GeoData.Location.Latitude', '1.5', 'an unsigned 64-bit integer'],
    ['Month', 'march', 'the English name of a month'],
    ['TrackPath', 'constructor', 'true or false'],
    ['ExpireAt', 'secret', 'a time, such as 2026-01-31 12:00:00 +0000 UTC'],
    ['GeoData.City.Names', 'secret', 'language:name, separated by ";"'],
    ['graphql_stats.Types', 'secret', 'type:field, separated by ";"'],
  ])('under %s are not %j, and their value is not told', (header, cell, expected) => {
    const read = readerOf(['TimeStamp', header]).read(Buffer.from(`${time},${cell}`));
    expect(read).toEqual({ reason: `"${header}": expected ${expected}` });
  });

  it('are as many as there are headers', () => {
    const { read } = readerOf(['TimeStamp', 'Path', 'Method']);
    expect(read(Buffer.from(`${time},/a`)).reason).toBe('has 2 cells, expected 3');
    expect(read(Buffer.from(`${time},/a,GET,${','.repeat(100_000)}`)).reason).toBe(
      'has more cells, expected 3',
    );
  });
});
