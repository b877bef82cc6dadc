/** Fields that are not known go on in JSON, and what is redacted elsewhere is redacted in them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noRules, type RecordRules } from '../config/record-rules.ts';
import { ByteWriter } from '../lib/byte-writer.ts';
import { bytes } from '../lib/units.ts';
import { encodeProtobuf } from '../record/encode/protobuf.ts';
import { fullShape, ownShape } from '../record/full-shape.ts';
import { jsonWriter } from '../record/json/write.ts';
import { type AnalyticsRecord } from '../record/record.ts';
import { aRecord, decodeRecord } from '../record/testing.ts';
import { Alike } from './alike.ts';
import { openAlterations } from './alter.ts';
import { secretSamples } from './redact/corpus.testing.ts';
import { leaksIn } from './redact/deep-decode.testing.ts';
import { allPresets } from './redact/texts.testing.ts';

type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Buffer
  | readonly Value[]
  | Map<string, Value>;

/** MessagePack, in its longest forms: the shortest are the gateway's business. */
function packed(value: Value): Buffer {
  const sized = (code: number, size: number, ...rest: readonly Uint8Array[]): Buffer => {
    const head = Buffer.of(code, 0, 0, 0, 0);
    head.writeUInt32BE(size, 1);
    return Buffer.concat([head, ...rest]);
  };
  if (value === null) return Buffer.of(0xc0);
  if (typeof value === 'boolean') return Buffer.of(value ? 0xc3 : 0xc2);
  if (typeof value === 'string') return sized(0xdb, Buffer.byteLength(value), Buffer.from(value));
  if (Buffer.isBuffer(value)) return sized(0xc6, value.length, value);
  if (typeof value === 'number' || typeof value === 'bigint') {
    const number = Buffer.alloc(9);
    if (typeof value === 'bigint') {
      number[0] = 0xd3;
      number.writeBigInt64BE(value, 1);
    } else {
      number[0] = 0xcb;
      number.writeDoubleBE(value, 1);
    }
    return number;
  }
  if (value instanceof Map)
    return sized(
      0xdf,
      value.size,
      ...[...value].flatMap(([key, inner]) => [packed(key), packed(inner)]),
    );
  return sized(0xdd, value.length, ...value.map(packed));
}

const map = (entries: Readonly<Record<string, Value>>): Map<string, Value> =>
  new Map(Object.entries(entries));
const record = (entries: Readonly<Record<string, Value>>): AnalyticsRecord =>
  decodeRecord(packed(map({ Path: '/here', ...entries })));

const passing: RecordRules = {
  ...noRules,
  fields: { include: [], exclude: [], rename: {}, constants: {}, unknown: true },
};
const redacting: RecordRules = {
  ...passing,
  redact: { ...allPresets, hashKey: undefined, decodedBytes: bytes(allPresets.decodedBytes) },
};

async function alterOf(rules: RecordRules) {
  const found: number[] = [];
  const alterations = await openAlterations(
    {
      ...{ records: 'analytics', rules, route: 'A', alike: new Alike() },
      edits: { omitDetailedRecording: false, ignoreFields: [] },
      news: { redacted: (values) => found.push(values), redactedWhole: () => found.push(1) },
    },
    undefined,
  );
  return { alter: (each: AnalyticsRecord) => alterations?.alter(each) ?? each, found };
}

const write = jsonWriter([...fullShape, ...ownShape]);
function document(each: AnalyticsRecord): string {
  const out = new ByteWriter();
  write(each, out);
  return out.view().toString();
}
const unknownIn = (each: AnalyticsRecord): unknown =>
  (JSON.parse(document(each)) as { unknown: unknown }).unknown;

const { alter } = await alterOf(passing);

describe('fields that are not known', () => {
  it('go on with their types', () => {
    const date = Buffer.of(0xd6, 0xff, 0x65, 0, 0, 0);
    const before = packed(
      map({
        Path: '/here',
        Text: 'a "text" </b> \u2028 🐶',
        ...{ Yes: true, Nothing: null, Float: 0.5, Large: 2n ** 62n, Small: -5n },
        Bytes: Buffer.of(1, 2, 255),
        List: [1, ['x'], map({ a: null })],
        Geo: map({ City: map({ Area: 'north' }), Planet: 'earth' }),
        ...{ __proto__x: 1, Endless: Number.POSITIVE_INFINITY },
      }),
    );
    // One entry more, in a form that the helper has not.
    const more = Buffer.concat([before, packed('When'), date]);
    more.writeUInt32BE(before.readUInt32BE(1) + 1, 1);
    const altered = alter(decodeRecord(more));
    expect(unknownIn(altered)).toEqual({
      Text: 'a "text" </b> \u2028 🐶',
      ...{ Yes: true, Nothing: null, Float: 0.5, Large: 2 ** 62, Small: -5 },
      Bytes: 'AQL/',
      List: [1, ['x'], { a: null }],
      Geo: { City: { Area: 'north' }, Planet: 'earth' },
      ...{ __proto__x: 1, Endless: null },
      When: '2023-09-12T06:06:56Z',
    });
    expect(document(altered)).toContain('"Large":4611686018427387904');
    expect(altered.text('path')).toBe('/here');
    // What is left of it is a record like any other: done once more it is the same.
    expect(document(alter(decodeRecord(altered.bytes)))).toBe(document(altered));
  });

  it('of protobuf go on by their numbers', () => {
    const more = [
      0xa2, 0x06, 2, 0x68, 0x69, 0xa8, 0x06, 0x96, 0x01, 0xa8, 0x06, 1, 0x9a, 0x01, 2, 0x48, 7,
    ];
    const element = Buffer.concat([encodeProtobuf({ path: '/here' }), Buffer.from(more)]);
    const altered = alter(decodeRecord(element, 'protobuf'));
    expect(unknownIn(altered)).toEqual({ '#100': 'hi', '#101': [150, 1], '#19': { '#9': 7 } });
    expect(altered.text('path')).toBe('/here');
  });

  it.each(['msgpack', 'protobuf'] as const)('are none in a record of today (%s)', (encoding) => {
    const today = aRecord({ path: '/here' }, { encoding });
    expect(alter(today)).toBe(today);
    expect(unknownIn(today)).toBeNull();
  });

  it('that claim to be ours make no document that is not JSON', () => {
    for (const said of ['{"a":', '{"a":1}\n{"b":2}', '"', '']) {
      const altered = alter(record({ SluiceUnknown: said }));
      expect(unknownIn(altered)).toBe(said === '' ? null : said);
      expect(document(altered)).not.toContain('\n');
    }
  });

  const value = fc.letrec<{ value: Value }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, true, false),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) => each + 0),
      fc.string({ unit: 'grapheme' }),
      fc.uint8Array().map((each) => Buffer.from(each)),
      fc.array(tie('value'), { maxLength: 4 }),
      fc
        .array(fc.tuple(fc.string(), tie('value')), { maxLength: 4 })
        .map((entries) => new Map(entries)),
    ),
  })).value;
  const plain = (each: Value): unknown => {
    if (Buffer.isBuffer(each)) return each.toString('base64');
    if (each instanceof Map)
      return Object.fromEntries([...each].map(([key, inner]) => [key, plain(inner)]));
    if (Array.isArray(each)) return (each as readonly Value[]).map(plain);
    return Object.is(each, -0) ? 0 : each;
  };

  it('say what the gateway said, whatever that is (property)', () => {
    fc.assert(
      fc.property(value, (each) => {
        const { Future: found } = unknownIn(alter(record({ Future: each }))) as { Future: unknown };
        expect(found).toEqual(plain(each));
      }),
    );
  });

  it('nested without end have one', () => {
    const deep = Buffer.concat([
      ...[Buffer.of(0x82), packed('Path'), packed('/here'), packed('Deep')],
      Buffer.alloc(50_000, 0x91),
      Buffer.of(1),
    ]);
    expect(document(alter(decodeRecord(deep))).length).toBeLessThan(10_000);
  });
});

describe('what is redacted', async () => {
  const { alter: redact, found } = await alterOf(redacting);
  const inRecords = secretSamples().flatMap(({ name, fields, secrets }) =>
    Object.entries(fields)
      .filter((entry): entry is [string, string] => typeof entry[1] === 'string')
      .map(([field, text]) => ({ name: `${name} (${field})`, text, secrets })),
  );

  /** Of these secrets those that can still be found. */
  const leftIn = (altered: AnalyticsRecord, secrets: readonly string[]) =>
    new Set([
      ...leaksIn(Buffer.from(document(altered)), secrets),
      ...leaksIn(Buffer.from(altered.bytes), secrets),
    ]);

  it.each(inRecords)('is in no field that is not known: $name', ({ text, secrets }) => {
    // A text that says nothing of its secret keeps it in any field: in one that is not known no more than in one that is.
    const elsewhere = leftIn(redact(record({ Alias: text })), secrets);
    const places = [
      { Future: text },
      { Future: [map({ inner: text })] },
      { Geo: map({ Area: text }) },
    ];
    for (const entries of places) {
      const altered = redact(record(entries));
      JSON.parse(document(altered));
      for (const secret of leftIn(altered, secrets)) expect([...elsewhere]).toContain(secret);
    }
  });

  it('is in no payload that is not known', () => {
    const payloads = inRecords.filter(({ name }) => /raw_/.test(name));
    expect(payloads.length).toBeGreaterThan(50);
    for (const { text, secrets } of payloads) {
      expect([...leftIn(redact(record({ RawTrailers: text })), secrets)]).toEqual([]);
      expect([
        ...leftIn(redact(record({ RawTrailers: Buffer.from(text, 'base64') })), secrets),
      ]).toEqual([]);
    }
  });

  it('is counted', () => {
    found.length = 0;
    redact(record({ Future: map({ password: 'hunter-of-secrets' }) }));
    expect(found).toEqual([1]);
  });
});
