import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../lib/byte-writer.ts';
import { compileEdits } from '../edit.ts';
import type { RecordFields } from '../encode/record-fields.ts';
import type { AnalyticsRecord } from '../record.ts';
import type { Shape, ShapeValue } from '../shape.ts';
import { aRecord } from '../testing.ts';
import { jsonWriter } from './write.ts';

const json = (shape: Shape, record: AnalyticsRecord): string => {
  const out = new ByteWriter(16);
  jsonWriter(shape)(record, out);
  return out.view().toString();
};

const valueOf = (value: ShapeValue, fields: RecordFields): string =>
  json([{ key: 'v', value }], aRecord(fields)).slice('{"v":'.length, -1);

const path = { form: 'text', field: 'path' } as const;

describe('texts in JSON', () => {
  it.each([
    ['plain', '"plain"'],
    ['<a&b>', '"\\u003ca\\u0026b\\u003e"'],
    ['"\\/', '"\\"\\\\/"'],
    ['\b\f\n\r\t', '"\\b\\f\\n\\r\\t"'],
    ['\u0000\u001f\u007f', '"\\u0000\\u001f\u007f"'],
    ['\u2028\u2029\u202a', '"\\u2028\\u2029\u202a"'],
    ['héllo 🐶', '"héllo 🐶"'],
    ['x'.repeat(300), `"${'x'.repeat(300)}"`],
  ])('escape %j as Go does', (text, expected) => {
    expect(valueOf(path, { path: text })).toBe(expected);
  });

  it.each([
    [[0xff, 0x61], '"\\ufffda"'],
    [[0xe2, 0x82], '"\\ufffd\\ufffd"'],
    [[0xed, 0xa0, 0x80], '"\\ufffd\\ufffd\\ufffd"'],
    [[0xc3, 0x28], '"\\ufffd("'],
    [[0xf0, 0x9f, 0x90, 0xb6], '"🐶"'],
    [[0xf4, 0x90, 0x80, 0x80], '"\\ufffd\\ufffd\\ufffd\\ufffd"'],
    [[0xc0, 0xaf], '"\\ufffd\\ufffd"'],
  ])('replace each bad byte of %j', (bytes, expected) => {
    expect(valueOf(path, { path: Buffer.from(bytes) })).toBe(expected);
  });
});

describe('values in JSON', () => {
  it.each<[ShapeValue, RecordFields, string]>([
    [
      { form: 'integer', field: 'content_length' },
      { content_length: 2n ** 63n - 1n },
      '9223372036854775807',
    ],
    [{ form: 'integer', field: 'content_length' }, { content_length: -5 }, '-5'],
    [
      { form: 'float', field: 'geo.location.latitude' },
      { geo: { location: { latitude: 1e21 } } },
      '1e+21',
    ],
    [
      { form: 'float', field: 'geo.location.latitude' },
      { geo: { location: { latitude: 1e-7 } } },
      '1e-7',
    ],
    [
      { form: 'float', field: 'geo.location.latitude' },
      { geo: { location: { latitude: -0 } } },
      '-0',
    ],
    [
      { form: 'float', field: 'geo.location.latitude' },
      { geo: { location: { latitude: Infinity } } },
      'null',
    ],
    [{ form: 'flag', field: 'track_path' }, { track_path: true }, 'true'],
    [
      { form: 'time', field: 'timestamp' },
      { timestamp: { seconds: 0, nanos: 120_000, zone: 'UTC' } },
      '"1970-01-01T00:00:00.00012Z"',
    ],
    [{ form: 'list', field: 'tags' }, { tags: null }, 'null'],
    [{ form: 'list', field: 'tags' }, { tags: [] }, '[]'],
    [{ form: 'list', field: 'tags' }, { tags: ['a', '<'] }, '["a","\\u003c"]'],
    [
      { form: 'city-names' },
      { geo: { city: { names: { fr: 'B', en: 'A' } } } },
      '{"en":"A","fr":"B"}',
    ],
    [{ form: 'city-names' }, {}, 'null'],
    [
      { form: 'graph-types' },
      { graphql_stats: { Types: { U: ['id'], A: null } } },
      '{"A":null,"U":["id"]}',
    ],
    [
      { form: 'graph-errors' },
      {
        graphql_stats: {
          Errors: [{ message: 'm', path: ['a', 1, -1, 1.5, null, true, ['x']] }, { message: 'n' }],
        },
      },
      '[{"message":"m","path":["a",1,-1,1.5,null,true,["x"]]},{"message":"n","path":null}]',
    ],
    [{ form: 'base64', field: 'raw_request' }, { raw_request: 'aGk8' }, '"hi\\u003c"'],
    [{ form: 'base64', field: 'raw_request' }, { raw_request: 'aGk8aG!' }, '"hi\\u003c"'],
    [
      { form: 'derived', field: 'path', derive: (utf8) => utf8.subarray(1) },
      { path: '/x"' },
      '"x\\""',
    ],
    [{ form: 'constant', json: '{"ü":1}' }, {}, '{"ü":1}'],
  ])('%o of %o is %s', (value, fields, expected) => {
    expect(valueOf(value, fields)).toBe(expected);
  });
});

describe('shapes', () => {
  it('leave out what depends on a flag that is not set, commas included', () => {
    const shape: Shape = [
      { key: 'a', value: { form: 'constant', json: '1' }, when: 'mcp_stats.is_mcp' },
      { key: 'b', value: { form: 'constant', json: '2' } },
      { key: 'c', value: { form: 'constant', json: '3' }, when: 'mcp_stats.is_mcp' },
    ];

    expect(json(shape, aRecord())).toBe('{"b":2}');
    expect(json(shape, aRecord({ mcp_stats: { is_mcp: true } }))).toBe('{"a":1,"b":2,"c":3}');
  });

  it('see the edits of a record', () => {
    const edit = compileEdits({
      omitDetailedRecording: false,
      maxRecordSize: 0,
      ignoreFields: ['path'],
      rawRequestDecoded: true,
      rawResponseDecoded: false,
    });
    const shape: Shape = [
      { key: 'p', value: path },
      { key: 'r', value: { form: 'text', field: 'raw_request' } },
    ];

    expect(json(shape, edit!(aRecord({ raw_request: 'aGk=' })))).toBe('{"p":"","r":"hi"}');
  });
});
