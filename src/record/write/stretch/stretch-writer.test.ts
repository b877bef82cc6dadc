import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordFiles, recordFixtures } from '../../../../test/fixtures/records.ts';
import { ByteWriter } from '../../../lib/byte-writer.ts';
import { elementsOf } from '../../../lib/elements.ts';
import { literalOf } from '../../../lib/literal.ts';
import { fieldsOf, mutate, mutation, samplesOf } from '../../arbitrary.testing.ts';
import { fullCsvColumns, guardedCsvColumns } from '../../csv/columns.ts';
import { compileCsvRow } from '../../csv/compile.ts';
import { interpretCsvRow } from '../../csv/interpret.ts';
import { compileEdits, type Edits } from '../../edit.ts';
import { encodeMsgpack } from '../../encode/msgpack.ts';
import { topLevelFields } from '../../fields.ts';
import { fullShape } from '../../full-shape.ts';
import { compileShape } from '../../json/compile.ts';
import { interpretJson } from '../../json/interpret.ts';
import { msgpackDecoder } from '../../msgpack/decoder.ts';
import { list, struct, text, type Write } from '../../msgpack/write-value.ts';
import { protobufDecoder } from '../../protobuf/decoder.ts';
import type { Shape, ShapeEntry } from '../../shape.ts';
import { encodeRecord } from '../../testing.ts';
import { rfc3339Halves } from '../../time/text.ts';
import type { DocumentWriter, RecordWriter } from '../compiled-writer.ts';
import { kinds } from '../kinds.ts';
import { leaf } from '../leaf.ts';
import { programOf, type Token } from '../program.ts';
import type { Frame, Numbered } from './documents.ts';
import { openStretchWriter } from './stretch-writer.ts';

const msgpack = { encoding: 'msgpack', plan: undefined } as const;
/** Values of all kinds that most records have. */
const usualTokens: readonly Token[] = [
  ...['{', leaf.text('path', kinds.jsonText), leaf.text('user_agent', kinds.csvText)],
  ...[leaf.integer('response_code'), leaf.integer('month', kinds.month), leaf.flag('track_path')],
  ...[leaf.time('timestamp', rfc3339Halves), leaf.float('geo.location.latitude', kinds.wholeFloat)],
  ...[
    leaf.list('tags', kinds.jsonList, 'null', msgpack)!,
    leaf.names(kinds.jsonNames, 'null'),
    '}',
  ],
];
const usual = encodeMsgpack({ path: '/usual', tags: ['a', 'b'] });
/** As many as are worth the way. */
const enough = Array.from({ length: 8 }, () => usual);

/** Side by side in one region, as a reply of Redis has them. */
function entriesOf(parts: readonly Uint8Array[], edits?: Edits): readonly Numbered[] {
  const chunk = msgpackDecoder.scan(elementsOf(parts));
  const edit = edits && compileEdits(edits);
  return parts.flatMap((_, index) => {
    const record = chunk.record(index);
    return record === undefined ? [] : [{ record: edit?.(record) ?? record, index }];
  });
}

const frames: readonly (Frame<Numbered> | undefined)[] = [
  undefined,
  { head: () => head, tail: literalOf('"}}\n'), end: literalOf('\n') },
  { head: () => head, end: literalOf('') },
];
const head = literalOf('{"create":{"_id":"segment:');

interface Way {
  readonly compiled: DocumentWriter;
  readonly interpret: RecordWriter;
}

/** What one would have written by itself, record by record, and where each ends. */
function plainly(
  entries: readonly Numbered[],
  interpret: RecordWriter,
  frame: Frame<Numbered> | undefined,
) {
  const out = new ByteWriter();
  out.ascii('before');
  const ends = entries.map(({ record, index }) => {
    if (frame !== undefined) out.literal(frame.head({ record, index }));
    if (frame?.tail !== undefined) {
      out.ascii(String(index));
      out.literal(frame.tail);
    }
    interpret(record, out);
    if (frame !== undefined) out.literal(frame.end);
    return out.length;
  });
  return { bytes: out.take(), ends };
}

let turns = 0;

/** A way at a time with another frame and another buffer: they are asked very often. */
function expectSame(entries: readonly Numbered[], { compiled, interpret }: Way): void {
  turns++;
  const frame = frames[turns % frames.length];
  const expected = plainly(entries, interpret, frame);
  const out = new ByteWriter((turns * 37) % 6_000);
  out.ascii('before');
  const ends: number[] = [];
  compiled.many(entries, out, { ...(frame && { frame }), ends });
  const actual = out.take();
  // Asked only where it fails: asking is slow.
  if (!actual.equals(expected.bytes))
    expect(actual.toString('latin1')).toBe(expected.bytes.toString('latin1'));
  if (ends.some((end, index) => end !== expected.ends[index])) expect(ends).toEqual(expected.ends);
  expect(ends).toHaveLength(entries.length);
}

const asJson = (shape: Shape): Way => ({
  compiled: compileShape(shape),
  interpret: (record, out) => interpretJson(shape, record, out),
});
const asRows = (columns: typeof fullCsvColumns): Way => ({
  compiled: compileCsvRow(columns),
  interpret: (record, out) => interpretCsvRow(columns, record, out),
});

const entry = (key: string, field: 'path' | 'method' | 'host'): ShapeEntry => ({
  key,
  value: { form: 'text', field },
});
/** Without floats, which are exceptions where they are no whole numbers. */
const shortShape: Shape = [
  { ...entry('if mcp', 'host'), when: 'mcp_stats.is_mcp' },
  { key: 'when', value: { form: 'object', entries: fullShape.slice(0, 6) }, when: 'track_path' },
  ...fullShape.filter(({ key }) => key !== 'geo' && !key.includes('stats')),
  entry('again', 'path'),
];
/** Of what may be missing without being an exception. */
const withoutPayloads = asJson(
  fullShape.filter(({ key }) => ['method', 'host', 'path', 'ip_address', 'tags'].includes(key)),
);
const json = [asJson(fullShape), asJson(shortShape)];
const ways = [...json, asRows(fullCsvColumns), asRows(guardedCsvColumns)];

function expectAllSame(entries: readonly Numbered[]): void {
  for (const way of ways) expectSame(entries, way);
}

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
const changes = fc.array(mutation, { maxLength: 3 });

describe('documents of many records', () => {
  it('are written by the module, of what gateways write', () => {
    const written = recordFiles
      .flatMap((file) => recordFixtures(file))
      .filter(({ encoding, isHandmade, json }) => encoding === 'msgpack' && !isHandmade && json);
    const entries = entriesOf(written.map(({ bytes }) => bytes));
    const alone: number[] = [];
    const out = new ByteWriter();
    const to = openStretchWriter()!.write(
      {
        ...{ entries, out, frame: undefined, ends: undefined },
        write: (record) => alone.push(entries.findIndex((entry) => entry.record === record)),
      },
      0,
      { plan: undefined, program: programOf(usualTokens, { isMsgpack: true, growth: 6 }) },
    );

    expect(entries.length).toBeGreaterThan(100);
    expect(to).toBe(entries.length);
    // A city with more names than one.
    const names = written.map(({ name }) => name);
    expect(alone.map((at) => names[at])).toEqual(['full', 'geo']);
  });

  it.each(recordFiles)('are those of the interpreters, of the records of %s', (file) => {
    const parts = recordFixtures(file)
      .filter(({ encoding }) => encoding === 'msgpack')
      .map(({ bytes }) => bytes);
    expectAllSame(entriesOf([...parts, ...enough]));
    // One alone is in another place of the memory.
    for (const bytes of parts) expectAllSame(entriesOf([...enough, bytes]));
  });

  it('are those of the interpreters, of random records with random edits', () => {
    fc.assert(
      fc.property(fc.array(fieldsOf, { maxLength: 6 }), edits, (records, options) => {
        const parts = [...records.map((fields) => encodeMsgpack(fields)), ...enough];
        expectAllSame(entriesOf(parts));
        expectAllSame(entriesOf(parts, options));
      }),
      { numRuns: 150 },
    );
  });

  it('are those of the interpreters, of changed records', () => {
    const sampled = fc.tuple(fc.constantFrom(...samplesOf({ name: 'msgpack' })), changes);
    fc.assert(
      fc.property(fc.array(sampled, { maxLength: 12 }), (records) => {
        const parts = records.map(([sample, mutations]) => mutate(sample, mutations));
        expectAllSame(entriesOf([...enough, ...parts]));
      }),
      { numRuns: 500 },
    );
  });

  it('have every byte at every place of a text', () => {
    for (const byte of tellingBytes)
      for (const size of [1, 3, 8, 16, 17, 35]) {
        const parts = Array.from({ length: size }, (_, at) => {
          const path = Buffer.alloc(size, 'x').fill(byte, at, at + 1);
          return encodeRecord({ path, tags: ['y', path] }, 'msgpack');
        });
        expectAllSame(entriesOf([...parts, ...enough]));
      }
  });

  it('have every letter that is more than a byte, whole and cut, at the borders of 16 bytes', () => {
    const letters = [
      'é',
      '\u0085',
      '\u00a0',
      '\u2028',
      '\u2029',
      '\u3000',
      '漢',
      '🐶',
      '\ufeff',
      '＝',
    ];
    const odd = [
      [0xc0, 0x80],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xe0, 0x9f, 0xbf],
    ];
    const all = [
      ...letters.map((letter) => Buffer.from(letter)),
      ...odd.map((one) => Buffer.from(one)),
    ];
    for (const letter of all)
      for (let kept = 1; kept <= letter.length; kept++) {
        const parts = Array.from({ length: 34 }, (_, at) => {
          const path = Buffer.concat([
            ...[Buffer.alloc(at, 'x'), letter.subarray(0, kept), Buffer.alloc(at % 3, 'y')],
          ]);
          return encodeRecord({ path, host: path, tags: [path] }, 'msgpack');
        });
        expectAllSame(entriesOf(parts));
      }
  });

  it('have every kind of number', () => {
    const edges = [0, 7, 8, 15, 16, 30, 31, 32, 52, 53, 62, 63].flatMap((bits) =>
      [-1n, 0n, 1n].flatMap((near) => [2n ** BigInt(bits) + near, -(2n ** BigInt(bits)) + near]),
    );
    const tens = Array.from({ length: 19 }, (_, digits) => 10n ** BigInt(digits));
    const parts = [...edges, ...tens, ...tens.map((ten) => ten - 1n)].map((number) => {
      const value = BigInt.asIntN(64, number);
      return encodeMsgpack({
        ...{ content_length: value, request_time: value, month: BigInt.asIntN(31, value) },
        timestamp: { seconds: value, nanos: Number(BigInt.asUintN(30, number)) % 1_000_000_000 },
        latency: { total: value, upstream: Number(BigInt.asIntN(32, value)) },
        geo: {
          city: { geoname_id: value },
          location: { latitude: Number(value), longitude: -0 },
        },
      });
    });
    expectAllSame(entriesOf(parts));
    const months = Array.from({ length: 16 }, (_, month) => encodeMsgpack({ month: month - 1 }));
    expectAllSame(entriesOf(months));
  });

  it('have floats', () => {
    const floats = [
      ...[0, -0, 0.5, -0.1, -1.5, 1e-5, 123_456.75, 1e9 - 1, 1e9, -1e9, -609_551_616, 1e21],
      ...[2 ** 31, 2 ** 63, NaN, Infinity, -Infinity, 5e-324],
    ];
    const parts = floats.map((latitude) =>
      encodeMsgpack({ geo: { location: { latitude, longitude: -latitude } } }),
    );
    expectAllSame(entriesOf(parts));
  });

  it('have the names of a city', () => {
    const texts = [
      ...['', 'x', 'London, "UK"', 'São Paulo', 'São, Paulo', 'São\r', 'Évora', '\u00a0é', '\\.'],
      ...['\\é', '=1', ' y', '<&>', '\u2028', 'x'.repeat(40), '漢字'],
    ];
    const parts = texts.flatMap((key) =>
      texts.flatMap((name) => {
        const maps = [{}, { [key]: name }, { b: name, [key]: 'z' }];
        // And bytes that are no UTF-8 in place of the name.
        const bad = encodeMsgpack({ geo: { city: { names: { [key]: 'qqqq' } } } });
        bad.fill(0xc3, bad.indexOf('qqqq'), bad.indexOf('qqqq') + 2);
        return [...maps.map((names) => encodeMsgpack({ geo: { city: { names } } })), bad];
      }),
    );
    expectAllSame(entriesOf(parts));
  });

  it('have times that go on, back, and nowhere near', () => {
    const seconds = [
      0, 0, 1, 0, 1_760_000_000, 1_760_000_000, -1, 253_402_300_799, 253_402_300_800,
    ];
    const all = [...seconds, -62_167_219_201, 2 ** 53 - 1, -(2 ** 53) + 1, 2 ** 53];
    const parts = all.flatMap((at) =>
      [0, 1, 120_000_000, 999_999_999].map((nanos) =>
        encodeMsgpack({
          timestamp: { seconds: at, nanos },
          expireAt: { seconds: at + 60, nanos: 0 },
        }),
      ),
    );
    expectAllSame(entriesOf(parts));
  });

  it('are as many and as large as there is no room for at a time', () => {
    const many = Array.from({ length: 2_500 }, (_, index) => encodeMsgpack({ path: `/${index}` }));
    expectAllSame(entriesOf(many));
    const fat = encodeMsgpack({ path: '"\x01'.repeat(900), user_agent: 'x'.repeat(1_800) });
    expectAllSame(entriesOf(Array.from({ length: 500 }, () => fat)));
    const huge = encodeMsgpack({ raw_request: '<'.repeat(1_100_000) });
    const wide = encodeMsgpack({ raw_request: '<'.repeat(190_000) });
    const small = Array.from({ length: 600 }, () => usual);
    expectAllSame(entriesOf([usual, huge, ...small, wide, ...small, wide]));
    expectAllSame(entriesOf(Array.from({ length: 12 }, () => wide)));
  });

  it('leave out payloads that none of them has, wherever these lie in their records', () => {
    const keys = ['Method', 'Host', 'Path', 'RawRequest', 'RawResponse', 'IPAddress', 'Tags'];
    const sizes = fc.constantFrom(0, 1, 900, 1_023, 1_024, 1_025, 4_000, 40_000);
    const record = fc
      .tuple(fc.shuffledSubarray(keys, { minLength: 2 }), sizes, sizes)
      .map(([order, request, response]) => {
        const values: Readonly<Record<string, Write>> = {
          ...{ Method: text('GET'), Host: text('h'.repeat(40)), Path: text('/a "b"') },
          RawRequest: text('q'.repeat(request)),
          RawResponse: text('p'.repeat(response)),
          ...{ IPAddress: text('10.0.0.1'), Tags: list(['a', 'b'], text) },
        };
        const out = new ByteWriter();
        struct(Object.fromEntries(order.map((key) => [key, values[key]!])))(out);
        return out.take();
      });
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 40 }), (records) => {
        const entries = entriesOf([...records, ...enough]);
        for (const way of [withoutPayloads, ...ways]) expectSame(entries, way);
      }),
      { numRuns: 100 },
    );
  });

  it('stand in their order, wherever their records lie', () => {
    const entries = entriesOf(
      Array.from({ length: 60 }, (_, at) => encodeMsgpack({ path: `/${at}` })),
    );
    const others = entriesOf(enough, { ...noEdits, ignoreFields: ['path'] });
    const protobuf = protobufDecoder.decode([encodeRecord({ path: '/p' }, 'protobuf')]).record(0)!;
    const mixed = [
      ...[
        ...entries,
        ...others,
        ...entries.toReversed(),
        ...entries.filter((_, at) => at % 3 === 0),
      ],
      ...others.flatMap((other) => [other, entries[3]!, { record: protobuf, index: 2 ** 40 }]),
      ...entries.map(({ record }) => ({ record, index: 2 ** 32 })),
      ...entries.map(({ record }, at) => ({ record, index: 2 ** 32 - 60 + at })),
    ];
    expectAllSame(mixed);
    expectAllSame([]);
  });

  it('have the head of each', () => {
    const entries = entriesOf(Array.from({ length: 100 }, () => usual));
    const heads = ['a', 'é'.repeat(300), 'x'.repeat(1_100), ''].map(literalOf);
    const frame: Frame<Numbered> = {
      head: ({ index }) => heads[Math.floor(index / 20) % heads.length] ?? head,
      end: literalOf(';'),
    };
    const [way] = ways;
    const out = new ByteWriter(16);
    out.ascii('before');
    way!.compiled.many(entries, out, { frame });

    expect(out.view().equals(plainly(entries, way!.interpret, frame).bytes)).toBe(true);
  });

  it('are those of any number of shapes', () => {
    const entries = entriesOf(Array.from({ length: 20 }, () => usual));
    const shapes = Array.from(
      { length: 120 },
      (_, at): Shape => [
        ...[{ key: `shape ${at}`, value: { form: 'constant', json: '1' } as const }],
        ...fullShape,
      ],
    ).map(asJson);
    for (const way of [...shapes, ...shapes, ...ways]) expectSame(entries, way);
  });
});

const noEdits: Edits = {
  ...{ omitDetailedRecording: false, maxRecordSize: 0, ignoreFields: [] },
  ...{ rawRequestDecoded: false, rawResponseDecoded: false },
};
