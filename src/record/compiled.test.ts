import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordFiles, recordFixtures } from '../../test/fixtures/records.ts';
import { ByteWriter } from '../lib/byte-writer.ts';
import { fieldsOf, mutate, mutation, samplesOf } from './arbitrary.testing.ts';
import { compileBson } from './bson/compile.ts';
import { bsonShapeOf } from './bson/from-shape.ts';
import { interpretBson } from './bson/interpret.ts';
import type { BsonShape } from './bson/shape.ts';
import { storedShape } from './bson/stored-shape.ts';
import { compileCopyRow } from './copy/compile.ts';
import { interpretCopyRow } from './copy/interpret.ts';
import type { CopyValue } from './copy/value.ts';
import { csvColumnsOf, fullCsvColumns, guardedCsvColumns } from './csv/columns.ts';
import { compileCsvRow } from './csv/compile.ts';
import { interpretCsvRow } from './csv/interpret.ts';
import { decoders } from './decoders.ts';
import { compileEdits, type Edits } from './edit.ts';
import { topLevelFields } from './fields.ts';
import { fullShape, ownShape } from './full-shape.ts';
import { compileGoText } from './go-text/compile.ts';
import { interpretGoText } from './go-text/interpret.ts';
import { compileShape } from './json/compile.ts';
import { interpretJson } from './json/interpret.ts';
import { compilePoint } from './line-protocol/compile.ts';
import { interpretPoint } from './line-protocol/interpret.ts';
import { type PointValue, preparePoint } from './line-protocol/shape.ts';
import type { AnalyticsRecord } from './record.ts';
import type { Shape, ShapeEntry } from './shape.ts';
import { aRecord, encodeRecord } from './testing.ts';
import type { RecordWriter } from './write/compiled-writer.ts';

/** All there is, keys to be escaped and conditions included. */
const entries: Shape = [
  ...fullShape,
  { key: 'if <mcp>', value: { form: 'text', field: 'host' }, when: 'mcp_stats.is_mcp' },
  { key: 'if tracked', value: { form: 'object', entries: fullShape }, when: 'track_path' },
  { key: 'decoded', value: { form: 'base64', field: 'raw_request' } },
  { key: 'tail', value: { form: 'derived', field: 'path', derive: (utf8) => utf8.subarray(1) } },
  { key: 'é\u2028', value: { form: 'constant', json: '{"ü":["🐶"]}' } },
  { key: 'again', value: { form: 'text', field: 'path' } },
  { key: 'nested', value: { form: 'object', entries: [] } },
];
const shapes = fc.array(fc.constantFrom<ShapeEntry>(...entries), { maxLength: 12 }).chain((shape) =>
  fc.boolean().map((isNested): Shape => {
    const inner: ShapeEntry = { key: 'in', value: { form: 'object', entries: shape } };
    return isNested ? [...shape.slice(3), inner] : shape;
  }),
);

/** Those that some writer treats specially, and their neighbours in number or in bits. */
const tellingBytes = Array.from({ length: 0x100 }, (_, byte) => byte).filter(
  (byte) => byte < 0x40 || (byte & 0xf) > 0xa || (byte & 0x3f) < 3,
);

const edits: fc.Arbitrary<Edits> = fc.record({
  omitDetailedRecording: fc.boolean(),
  maxRecordSize: fc.constantFrom(0, 0, 5),
  ignoreFields: fc.subarray([...topLevelFields], { maxLength: 6 }),
  rawRequestDecoded: fc.boolean(),
  rawResponseDecoded: fc.boolean(),
});

function written(write: RecordWriter, record: AnalyticsRecord, capacity = 16): Buffer {
  const out = new ByteWriter(capacity);
  out.ascii('before');
  write(record, out);
  out.ascii('after');
  return out.take();
}

let turns = 0;

/** Into a buffer that must grow, into one that must at some other place each time, and into one with room to spare. */
function expectSame(compiled: RecordWriter, interpreted: RecordWriter, record: AnalyticsRecord) {
  const expected = written(interpreted, record);
  turns++;
  for (const capacity of [16, (turns * 37) % 6_000, 100_000]) {
    const actual = written(compiled, record, capacity);
    // Asked only where it fails: asking is slow, and this runs often.
    if (!actual.equals(expected))
      expect(actual.toString('latin1')).toBe(expected.toString('latin1'));
  }
}

const compiledFull = compileShape(fullShape);
const compiledGoText = compileGoText();
/** All that is stored, and what few store. */
const documentShape: BsonShape = [
  ...storedShape,
  ...bsonShapeOf(ownShape),
  { key: 'fixed', value: { form: 'constant', text: 'é\0' } },
  { key: 'types', value: { form: 'field', field: 'graphql_stats.Types' } },
  { key: 'rootfields', value: { form: 'field', field: 'graphql_stats.RootFields' } },
  { key: 'errors', value: { form: 'field', field: 'graphql_stats.Errors' } },
  { key: 'failed', value: { form: 'computed', compute: (record) => record.flag('track_path') } },
];
const compiledBson = compileBson(documentShape);
const moreColumns = csvColumnsOf([
  ...[...fullShape, ...ownShape].reverse(),
  { key: 'fixed', value: { form: 'constant', json: '"é, \\"x\\""' } },
]);
const rows = [fullCsvColumns, guardedCsvColumns, moreColumns].map((columns) => ({
  columns,
  compiled: compileCsvRow(columns),
}));

function expectSameRows(record: AnalyticsRecord, some = rows): void {
  for (const { columns, compiled } of some)
    expectSame(compiled, (each, out) => interpretCsvRow(columns, each, out), record);
}

const pointValues: Readonly<Record<string, PointValue>> = {
  ...Object.fromEntries(
    (['path', 'host', 'method', 'user_agent', 'api_key', 'geo.country.iso_code'] as const).map(
      (field) => [field, { form: 'text', field }],
    ),
  ),
  size: { form: 'integer', field: 'content_length' },
  total: { form: 'integer', field: 'latency.total' },
  'at, "once"': { form: 'time', field: 'timestamp' },
  é: { form: 'unknown' },
};
const points = (['strict', 'tyk'] as const).map((dialect) => {
  const shape = { measurement: 'all calls', tags: pointValues, fields: pointValues };
  const point = preparePoint(shape, dialect);
  return { point, compiled: compilePoint(point) };
});

function expectSamePoints(record: AnalyticsRecord): void {
  for (const { point, compiled } of points)
    expectSame(compiled, (each, out) => interpretPoint(point, each, out), record);
}

/** Every leaf of the full document, and one of them twice. */
const leavesOf = (shape: Shape): readonly CopyValue[] =>
  shape.flatMap(({ value }) => {
    if (value.form === 'object') return leavesOf(value.entries);
    const has = (...forms: readonly string[]): boolean => forms.includes(value.form);
    return has('constant', 'base64', 'derived', 'json') ? [] : [value as CopyValue];
  });
const copyValues = [...leavesOf(fullShape), { form: 'list', field: 'tags' } as const];
const compiledCopy = compileCopyRow(copyValues);

function expectSameLines(record: AnalyticsRecord): void {
  expectSame(compiledCopy, (each, out) => interpretCopyRow(copyValues, each, out), record);
}

function expectSameJson(shape: Shape, record: AnalyticsRecord, compiled = compileShape(shape)) {
  expectSame(compiled, (each, out) => interpretJson(shape, each, out), record);
}

function expectAllSame(record: AnalyticsRecord): void {
  expectSame(compiledGoText, interpretGoText, record);
  expectSame(compiledBson, (each, out) => interpretBson(documentShape, each, out), record);
  expectSameJson(fullShape, record, compiledFull);
  expectSameRows(record, rows.slice(0, 1));
  expectSamePoints(record);
  expectSameLines(record);
}

const poisons = [0xc3, 0x22, 0x00, 0x91, 0xff, 0x0a, 0xca, 0x7f];

/** Somewhere in a larger region whose other bytes would show in a text, a number, a list or a flag. */
const decoded = (bytes: Uint8Array, encoding: 'msgpack' | 'protobuf') => {
  turns++;
  const origin = turns % 29;
  const region = new ArrayBuffer(origin + bytes.length + (turns % 11));
  Buffer.from(region).fill(poisons[turns % poisons.length] as number);
  const element = Buffer.from(region, origin, bytes.length);
  element.set(bytes);
  return decoders
    .find(({ name }) => name === encoding)!
    .decode([element])
    .record(0);
};

describe('compiled writers', () => {
  it.each(recordFiles)('write the records of %s like the interpreters', (file) => {
    for (const { bytes, encoding } of recordFixtures(file)) {
      const record = decoded(bytes, encoding);
      if (record === undefined) continue;
      expectAllSame(record);
      expectSameRows(record);
    }
  });

  describe.each(['msgpack', 'protobuf'] as const)('for %s', (encoding) => {
    it('write random records in random shapes with random edits like the interpreters', () => {
      fc.assert(
        fc.property(fieldsOf, shapes, edits, (fields, shape, options) => {
          const record = decoded(encodeRecord(fields, encoding), encoding)!;
          const edit = compileEdits(options);
          expectAllSame(record);
          expectSameJson(shape, record);
          if (edit === undefined) return;
          expectAllSame(edit(record));
          expectSameJson(shape, edit(record));
          expectAllSame(edit(edit(record)));
        }),
        { numRuns: 150 },
      );
    });

    it('write changed records like the interpreters', () => {
      fc.assert(
        fc.property(
          fc.constantFrom(...samplesOf({ name: encoding })),
          fc.array(mutation, { minLength: 1, maxLength: 4 }),
          edits,
          (sample, mutations, options) => {
            const record = decoded(mutate(sample, mutations), encoding);
            if (record === undefined) return;
            expectAllSame(record);
            expectAllSame(compileEdits(options)?.(record) ?? record);
          },
        ),
        { numRuns: 1_000 },
      );
    });

    it('write every byte at every place of a text like the interpreters', () => {
      const shape: Shape = [{ key: 'path', value: { form: 'text', field: 'path' } }];
      const compiled = compileShape(shape);
      for (const byte of tellingBytes) {
        for (const size of [1, 2, 3, 4, 8, 11, 17]) {
          const texts = Array.from({ length: size }, (_, at) =>
            Buffer.alloc(size, 'x').fill(byte, at, at + 1),
          );
          for (const path of texts) {
            const record = decoded(encodeRecord({ path, tags: ['y', path] }, encoding), encoding);
            // Protobuf texts are valid UTF-8.
            if (record === undefined) continue;
            expectSameJson(shape, record, compiled);
            expectSamePoints(record);
            expectSameLines(record);
            expectSameRows(record, rows.slice(0, 1));
          }
        }
      }
    });

    it('write every kind of number like the interpreters', () => {
      const edges = [0, 7, 8, 15, 16, 31, 32, 52, 53, 62, 63].flatMap((bits) =>
        [-1n, 0n, 1n].flatMap((near) => [2n ** BigInt(bits) + near, -(2n ** BigInt(bits)) + near]),
      );
      const tens = Array.from({ length: 19 }, (_, digits) => 10n ** BigInt(digits));
      for (const number of [...edges, ...tens, ...tens.map((ten) => ten - 1n)]) {
        const value = BigInt.asIntN(64, number);
        const nanos = Number(BigInt.asUintN(30, number)) % 1_000_000_000;
        const record = aRecord(
          {
            content_length: value,
            request_time: value,
            month: BigInt.asIntN(31, value),
            timestamp: { seconds: BigInt.asIntN(encoding === 'msgpack' ? 64 : 50, value), nanos },
            latency: { total: value, upstream: Number(BigInt.asIntN(32, value)) },
            geo: {
              city: { geoname_id: BigInt.asIntN(encoding === 'msgpack' ? 64 : 32, value) },
              location: { latitude: Number(value), longitude: -0 },
            },
          },
          { encoding },
        );
        expectAllSame(record);
      }
    });
  });

  it('write tags of protobuf with other fields between them like the interpreters', () => {
    const parts = [{ tags: ['a', 'b,'] }, { alias: 'x' }, { tags: ['', 'é'] }, { tags: ['c'] }];
    for (let count = 1; count <= parts.length; count++) {
      const bytes = parts.slice(0, count).map((fields) => encodeRecord(fields, 'protobuf'));
      const record = decoded(Buffer.concat(bytes), 'protobuf')!;

      expectAllSame(record);
      expect(record.list('tags')).toHaveLength([2, 2, 4, 5][count - 1]!);
    }
  });

  it('write texts around the sizes where native code takes over like the interpreters', () => {
    for (const size of [511, 512, 513, 2_000]) {
      for (const special of [
        '',
        ',',
        '"',
        '\n',
        '\r',
        '<',
        '&',
        '\\\\',
        '\x1f',
        'é',
        '\u2028',
        ' ',
      ]) {
        for (const at of [0, 1, 300, 305, 310, 315, size - 1]) {
          const text = `${'x'.repeat(at)}${special}${'y'.repeat(size - at)}`.slice(0, size);
          const record = aRecord({ raw_request: text, path: text, tags: [text] });
          expectAllSame(record);
          expectSameRows(record);
        }
      }
    }
  });

  it('write the names of a city like the interpreters', () => {
    const texts = [
      '',
      'x',
      'London, "UK"',
      'São Paulo',
      'São, Paulo',
      'São\r',
      'Évora',
      '\u00a0é',
      '\\.',
      '\\é',
      '=1',
      ' y',
      '<&>',
      '\u2028',
      'x'.repeat(40),
    ];
    for (const key of texts) {
      for (const name of texts) {
        const maps = [{}, { [key]: name }, { b: name, [key]: 'z' }];
        for (const names of maps) {
          const record = aRecord({ geo: { city: { names } } });
          expectAllSame(record);
          expectSameRows(record);
        }
        // Bytes that are no UTF-8 in place of the name.
        const bytes = encodeRecord({ geo: { city: { names: { [key]: 'qqqq' } } } });
        bytes.fill(0xc3, bytes.indexOf('qqqq'), bytes.indexOf('qqqq') + 2);
        expectAllSame(decoded(bytes, 'msgpack')!);
      }
    }
  });

  it('write floats like the interpreters', () => {
    const wrapped = [-0.1, -1.5, -609_551_616, -609_551_617, 2 ** 31 - 1, 2 ** 31];
    const floats = [
      ...wrapped,
      0,
      -0,
      1,
      -1,
      0.5,
      -23.5475,
      1e-5,
      123_456.75,
      1e6,
      1e21,
      -1e21,
      2 ** 63,
      NaN,
    ];
    for (const latitude of [...floats, Infinity, -Infinity, 5e-324]) {
      for (const encoding of ['msgpack', 'protobuf'] as const) {
        const fields = { geo: { location: { latitude, longitude: -latitude } } };
        expectAllSame(decoded(encodeRecord(fields, encoding), encoding)!);
      }
    }
  });

  it('have room for a text that grows as much as any and stands there often', () => {
    const value: ShapeEntry['value'] = { form: 'text', field: 'path' };
    const shape = Array.from({ length: 9 }, (_, index) => ({ key: `${index}`, value }));
    const record = decoded(encodeRecord({ path: '\x01'.repeat(3_000) }), 'msgpack')!;

    expectSameJson(shape, record);
  });

  it('leave very large records to the interpreters', () => {
    expectAllSame(aRecord({ raw_request: '"é<x>,\n'.repeat(20_000), path: 'x'.repeat(70_000) }));
  });
});
