import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../lib/byte-writer.ts';
import { fieldsOf, mutate, mutation, samplesOf } from '../arbitrary.testing.ts';
import { storedShape } from '../bson/stored-shape.ts';
import { bsonWriter } from '../bson/write.ts';
import { fullCsvColumns } from '../csv/columns.ts';
import { csvWriter } from '../csv/write.ts';
import { decoders } from '../decoders.ts';
import { fullShape } from '../full-shape.ts';
import { goTextWriter } from '../go-text/write.ts';
import { jsonWriter } from '../json/write.ts';
import type { AnalyticsRecord } from '../record.ts';
import type { Shape } from '../shape.ts';
import { slotOf } from '../slots.ts';
import { aRecord, encodeRecord } from '../testing.ts';
import type { RecordWriter } from '../write/compiled-writer.ts';
import { Draft } from './draft.ts';
import { Rewriter } from './rewriter.ts';

const writeJson = jsonWriter(fullShape);
const writers: readonly RecordWriter[] = [
  writeJson,
  csvWriter(fullCsvColumns),
  goTextWriter(),
  bsonWriter(storedShape),
];

function written(write: RecordWriter, record: AnalyticsRecord): string {
  const out = new ByteWriter();
  write(record, out);
  return out.take().toString('latin1');
}

const allOf = (record: AnalyticsRecord): readonly string[] =>
  writers.map((write) => written(write, record));

const jsonOf = (record: AnalyticsRecord, write = writeJson): Record<string, unknown> =>
  JSON.parse(Buffer.from(written(write, record), 'latin1').toString()) as Record<string, unknown>;

const utf8 = (text: string): Buffer => Buffer.from(text);

/** What a gateway would never write: our own fields. */
const ownShape: Shape = [
  { key: 'weight', value: { form: 'float', field: 'sample_weight' } },
  { key: 'template', value: { form: 'text', field: 'path_template' } },
  { key: 'browser', value: { form: 'text', field: 'client.browser' } },
  { key: 'os', value: { form: 'text', field: 'client.os' } },
];

const rewriter = new Rewriter();
const draft = new Draft();

describe.each(decoders)('a record written anew in $name', (decoder) => {
  const { name: encoding } = decoder;
  const decode = (bytes: Uint8Array): AnalyticsRecord | undefined =>
    decoder.decode([bytes]).record(0);

  function same(bytes: Uint8Array): void {
    const record = decode(bytes);
    if (record === undefined) return;
    draft.begin(record);
    expect(allOf(rewriter.rewrite(record, draft))).toEqual(allOf(record));
  }

  it('says the same where nothing is set', () => {
    for (const sample of samplesOf(decoder)) same(sample);
    fc.assert(fc.property(fieldsOf, (fields) => same(encodeRecord(fields, encoding))));
    const samples = samplesOf(decoder);
    fc.assert(
      fc.property(fc.nat(), fc.array(mutation, { maxLength: 4 }), (at, mutations) =>
        same(mutate(samples[at % samples.length] ?? Buffer.alloc(0), mutations)),
      ),
    );
  });

  it('has the texts, lists and numbers that were set, and no other change', () => {
    const texts = ['method', 'path', 'raw_request', 'alias', 'geo.country.iso_code'] as const;
    const change = fc.record({
      text: fc.constantFrom(...texts),
      value: fc.string({ unit: 'grapheme', maxLength: 70_000, size: 'medium' }),
      tags: fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 20 }),
      geoname: fc.nat(),
      latitude: fc.double({ noNaN: true, noDefaultInfinity: true }),
      errors: fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fieldsOf, change, (fields, { text, value, tags, geoname, latitude, errors }) => {
        const record = aRecord(fields, { encoding });
        draft.begin(record);
        draft.setText(slotOf[text], utf8(value));
        draft.setList(slotOf.tags, tags.map(utf8));
        draft.setNumber('geo.city.geoname_id', geoname);
        draft.setNumber('geo.location.latitude', latitude);
        draft.setErrors(errors.map((message) => ({ message, path: null })));
        expect(draft.isChanged).toBe(true);
        expect(Buffer.from(draft.text(slotOf[text])).toString()).toBe(value);
        const rewritten = rewriter.rewrite(record, draft);
        expect(rewritten.text(text)).toBe(value);
        expect(rewritten.list('tags') ?? []).toEqual(tags);
        expect(rewritten.integer('geo.city.geoname_id')).toBe(geoname);
        expect(rewritten.float('geo.location.latitude')).toBe(latitude);
        expect(rewritten.graphErrors()?.map(({ message }) => message) ?? []).toEqual(errors);

        const [before, after] = [jsonOf(record), jsonOf(rewritten)];
        const touched = new Set(['tags', 'geo', 'graphql_stats', text.split('.')[0]]);
        for (const key of Object.keys(before))
          if (!touched.has(key)) expect(after[key]).toEqual(before[key]);
      }),
    );
  });

  it('holds none of the bytes that were replaced, also where the field comes twice', () => {
    const bytes = encodeRecord({ alias: 'the-secret', tags: ['secret-tag'] }, encoding);
    // The map of a record has more than fifteen keys: 0xde and a count.
    const twice =
      encoding === 'protobuf'
        ? [bytes, bytes]
        : [Buffer.of(0xde, 0, 2 * bytes.readUInt16BE(1)), bytes.subarray(3), bytes.subarray(3)];
    const record = decode(Buffer.concat(twice));
    if (record === undefined) throw new Error('no record');
    draft.begin(record);
    draft.setText(slotOf.alias, utf8(''));
    draft.setList(slotOf.tags, []);
    const rewritten = Buffer.from(rewriter.rewrite(record, draft).bytes).toString('latin1');
    expect(rewritten).not.toContain('secret');
  });

  it('has our own fields, which only those who ask for them see', () => {
    const record = aRecord({}, { encoding });
    draft.begin(record);
    draft.setNumber('sample_weight', 2.5);
    draft.setText(slotOf.path_template, utf8('/pets/{id}'));
    draft.setText(slotOf['client.browser'], utf8('Firefox'));
    const rewritten = rewriter.rewrite(record, draft);
    expect(jsonOf(rewritten, jsonWriter(ownShape))).toEqual({
      weight: 2.5,
      template: '/pets/{id}',
      browser: 'Firefox',
      os: '',
    });
    expect(allOf(rewritten)).toEqual(allOf(record));
    // They survive another time.
    draft.begin(rewritten);
    draft.setText(slotOf['client.os'], utf8('Linux'));
    expect(jsonOf(rewriter.rewrite(rewritten, draft), jsonWriter(ownShape))).toMatchObject({
      browser: 'Firefox',
      os: 'Linux',
    });
  });

  it('is forgotten by the draft with the next record', () => {
    draft.begin(aRecord({}, { encoding }));
    draft.setText(slotOf.alias, utf8('mine'));
    draft.begin(aRecord({ alias: 'other' }, { encoding }));
    expect(draft.isChanged).toBe(false);
    expect(Buffer.from(draft.text(slotOf.alias)).toString()).toBe('other');
  });

  it('stays as it is while thousands more are written', () => {
    const records = Array.from({ length: 3000 }, (_, index) => {
      const record = aRecord({ path: `/${index}` }, { encoding });
      draft.begin(record);
      draft.setText(slotOf.alias, Buffer.alloc(index % 500, 0x61));
      return rewriter.rewrite(record, draft);
    });
    for (const [index, record] of records.entries()) {
      expect(record.text('path')).toBe(`/${index}`);
      expect(record.text('alias')).toHaveLength(index % 500);
    }
  });
});

it('redacts what protobuf cannot hold', () => {
  const record = aRecord({ alias: 'a' }, { encoding: 'protobuf' });
  draft.begin(record);
  draft.setText(slotOf.alias, Buffer.of(0x73, 0xff, 0xfe));
  draft.setList(slotOf.tags, [Buffer.of(0xc3)]);
  const rewritten = rewriter.rewrite(record, draft);
  expect(rewritten.text('alias')).toBe('[redacted]');
  expect(rewritten.list('tags')).toEqual(['[redacted]']);
});
