import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../lib/byte-writer.ts';
import type { Elements } from '../lib/elements.ts';
import { fieldsOf, mutate, mutation, samplesOf } from './arbitrary.testing.ts';
import { fullCsvColumns } from './csv/columns.ts';
import { csvWriter } from './csv/write.ts';
import { decoders } from './decoders.ts';
import { compileEdits } from './edit.ts';
import { fullShape } from './full-shape.ts';
import { goTextWriter } from './go-text/write.ts';
import { jsonWriter } from './json/write.ts';
import type { AnalyticsRecord, Decoder } from './record.ts';
import { decodeRecord, encodeRecord } from './testing.ts';

const writeRow = csvWriter(fullCsvColumns);
const writeText = goTextWriter();
const writeDocument = jsonWriter(fullShape);

/** Reads every field in every way there is, and gives the record as JSON. */
function readAll(record: AnalyticsRecord): string {
  for (const field of ['timestamp', 'expireAt'] as const)
    expect(record.seconds(field)).toBe(record.time(field).seconds);
  const out = new ByteWriter();
  writeRow(record, out);
  writeText(record, out);
  out.clear();
  writeDocument(record, out);
  const json = out.view().toString();
  JSON.parse(json);
  return json;
}

const edit = compileEdits({
  omitDetailedRecording: false,
  maxRecordSize: 7,
  ignoreFields: ['geo', 'tags'],
  rawRequestDecoded: true,
  rawResponseDecoded: true,
})!;

/** In the middle of memory whose bytes around it are a flag that is set, and texts that go on and on. */
function surround(bytes: Uint8Array): Elements {
  const region = Buffer.allocUnsafeSlow(bytes.length + 40)
    .fill(0xc3, 0, 20)
    .fill(0xdb, 20);
  region.set(bytes, 20);
  return { region, count: 1, places: Int32Array.of(20, bytes.length) };
}

/** The element alone, and the same with foreign bytes around it in the same memory. */
function decodeTwice(decoder: Decoder, bytes: Uint8Array): void {
  const alone = decoder.decode([bytes]);
  const within = decoder.scan(surround(bytes));
  const record = alone.record(0);
  const twin = within.record(0);
  expect(within.undecodable.map(({ reason }) => reason)).toEqual(
    alone.undecodable.map(({ reason }) => reason),
  );
  if (record === undefined || twin === undefined) {
    expect(record).toBe(twin);
    return;
  }
  expect(twin.size).toBe(bytes.length);
  expect(twin.bytes).toEqual(record.bytes);
  expect(readAll(twin)).toBe(readAll(record));
  readAll(edit(record));
}

describe.each(decoders)('the $name decoder', (decoder) => {
  it('reads or refuses random bytes, and never beyond them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => decodeTwice(decoder, bytes)),
      {
        numRuns: 2_000,
      },
    );
  });

  it('reads or refuses records with changed bytes, and never beyond them', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...samplesOf(decoder)),
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        (sample, mutations) => decodeTwice(decoder, mutate(sample, mutations)),
      ),
      { numRuns: 2_000 },
    );
  });

  it('refuses every record that is cut short, or reads what is left', () => {
    const sample = samplesOf(decoder)[0]!;
    for (let size = 0; size < sample.length; size++) decodeTwice(decoder, sample.subarray(0, size));
  });
});

describe('hostile elements', () => {
  const refused = (name: Decoder['name'], bytes: Uint8Array): readonly string[] =>
    decoders
      .find((decoder) => decoder.name === name)!
      .decode([bytes])
      .undecodable.map(({ reason }) => reason);
  const text = (value: string): Buffer =>
    Buffer.concat([Buffer.of(0xa0 | value.length), Buffer.from(value)]);

  it('with lists nested a million deep are skipped where nobody asks for them', () => {
    const deep = Buffer.concat([
      Buffer.of(0x81),
      text('Zzz'),
      Buffer.alloc(1_000_000, 0x91),
      Buffer.of(0xc0),
    ]);

    expect(refused('msgpack', deep)).toEqual([]);
  });

  it('with lists nested a million deep in the path of an error are refused', () => {
    const error = Buffer.concat([
      Buffer.of(0x91, 0x81),
      text('Path'),
      Buffer.alloc(1_000_000, 0x91),
      Buffer.of(0xc0),
    ]);
    const deep = Buffer.concat([
      Buffer.of(0x81),
      text('GraphQLStats'),
      Buffer.of(0x81),
      text('Errors'),
      error,
    ]);

    expect(refused('msgpack', deep)).toEqual(['the path of an error is nested too deeply']);
  });

  it('that promise four billion items are refused at once', () => {
    const many = Buffer.from([0xff, 0xff, 0xff, 0xff]);

    expect(refused('msgpack', Buffer.concat([Buffer.of(0xdd), many]))).toHaveLength(1);
    expect(refused('msgpack', Buffer.concat([Buffer.of(0xdf), many]))).toHaveLength(1);
    expect(
      refused('msgpack', Buffer.concat([Buffer.of(0x81), text('Tags'), Buffer.of(0xdd), many])),
    ).toHaveLength(1);
  });

  it('with groups nested a million deep are refused', () => {
    expect(refused('protobuf', Buffer.alloc(2_000_000, Buffer.from([0xfb, 0x07])))).toEqual([
      'groups are nested too deeply',
    ]);
  });
});

describe.each(['msgpack', 'protobuf'] as const)('a record through %s', (encoding) => {
  it('comes back as it went', () => {
    fc.assert(
      fc.property(fieldsOf, (fields) => {
        const record = decodeRecord(encodeRecord(fields, encoding), encoding);

        expect(record.text('method')).toBe(fields.method);
        expect(record.text('path')).toBe(fields.path);
        expect(Buffer.from(record.utf8('path')).toString()).toBe(fields.path);
        expect(BigInt(record.integer('content_length'))).toBe(fields.content_length);
        expect(record.integer('response_code')).toBe(fields.response_code);
        expect(record.time('timestamp').seconds).toBe(fields.timestamp.seconds);
        expect(record.time('timestamp').nanos).toBe(fields.timestamp.nanos);
        expect(record.text('raw_request')).toBe(fields.raw_request);
        expect(record.integer('geo.city.geoname_id')).toBe(fields.geo.city.geoname_id);
        expect(record.float('geo.location.latitude')).toBe(fields.geo.location.latitude);
        expect(record.list('tags') ?? []).toEqual(fields.tags);
        expect(record.flag('track_path')).toBe(fields.track_path);
        expect(record.list('graphql_stats.RootFields') ?? []).toEqual(
          fields.graphql_stats.RootFields,
        );
        expect(
          [...(record.graphTypes() ?? [])].map(([key, value]) => [key, value ?? []]).sort(),
        ).toEqual(Object.entries(fields.graphql_stats.Types).sort());
        expect(record.graphErrors()?.map(({ message }) => message)).toEqual(
          fields.graphql_stats.Errors.map(({ message }) => message),
        );
        expect(record.integer('graphql_stats.OperationType')).toBe(
          fields.graphql_stats.OperationType,
        );
        expect(record.text('mcp_stats.primitive_name')).toBe(fields.mcp_stats.primitive_name);
      }),
    );
  });
});
