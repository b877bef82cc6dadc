import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutate, mutation, samplesOf } from '../arbitrary.testing.ts';
import { decoders } from '../decoders.ts';
import { compileEdits } from '../edit.ts';
import type { TextField } from '../fields.ts';
import type { AnalyticsRecord, Decoder } from '../record.ts';
import { aRecord } from '../testing.ts';
import type { Hash } from './bytes-memo.ts';
import { TextMemo } from './text-memo.ts';

const edit = compileEdits({
  omitDetailedRecording: false,
  maxRecordSize: 3,
  ignoreFields: ['host', 'mcp_stats'],
  rawRequestDecoded: true,
  rawResponseDecoded: false,
});
const fields: readonly TextField[] = [
  ...(['method', 'host', 'path', 'api_key', 'raw_request', 'raw_response'] as const),
  ...(['user_agent', 'mcp_stats.primitive_name', 'geo.country.iso_code'] as const),
];

/** Whatever is in these bytes, as it is and edited. */
function recordsIn(bytes: Buffer, decoder: Decoder): AnalyticsRecord[] {
  const record = decoder.decode([bytes]).record(0);
  return record === undefined ? [] : [record, edit?.(record) ?? record];
}

/** All equal, so that the bytes must tell. */
const weak: Hash = () => 7;
/** Few different ones. */
const poor: Hash = (_, __, size) => size & 3;

describe('a memo of texts', () => {
  it.each(decoders)(
    'gives what the text of any $name record gives, however poor its hash',
    (one) => {
      const memos = [undefined, weak, poor].flatMap((hash) =>
        fields.map((field) => ({
          field,
          memo: new TextMemo({
            field,
            make: (record) => record.text(field),
            most: 16,
            ...(hash && { hash }),
          }),
        })),
      );
      const mutations = fc.array(mutation, { maxLength: 3 });
      fc.assert(
        fc.property(fc.constantFrom(...samplesOf(one)), mutations, (sample, changes) => {
          for (const record of recordsIn(mutate(sample, changes), one))
            for (const { field, memo } of memos)
              for (const text of [memo.of(record), memo.of(record)])
                if (text !== record.text(field)) expect({ field, text }).toBe(record.text(field));
        }),
        { numRuns: 2_000 },
      );
    },
  );

  it.each([0, 1, 3, 4, 5, 31, 32, 255, 256, 1024, 1025, 70_000])(
    'tells texts of %i bytes apart that differ in one of them',
    (size) => {
      const memo = new TextMemo({ field: 'path', make: (record) => record.text('path') });
      const text = 'x'.repeat(size);
      const places = [0, 1, 2, 3, 4, size >> 1, size - 5, size - 4, size - 2, size - 1];
      const others = places
        .filter((at) => at >= 0 && at < size)
        .map((at) => `${text.slice(0, at)}y${text.slice(at + 1)}`);
      for (const encoding of ['msgpack', 'protobuf'] as const)
        for (const path of [text, ...others, `${text}x`])
          for (const record of [aRecord({ path }, { encoding }), aRecord({ path }, { encoding })])
            expect(memo.of(record)).toBe(path);
    },
  );

  const counting = (parts: { readonly most?: number; readonly hash?: Hash } = {}) => {
    let made = 0;
    const memo = new TextMemo({ field: 'path', make: () => ++made, ...parts });
    return (path: string) => memo.of(aRecord({ path }));
  };

  it('makes something of a text once', () => {
    const numberOf = counting();

    expect(['/a', '/b', '/a', '/a', '/b'].map(numberOf)).toEqual([1, 2, 1, 1, 2]);
  });

  it('makes it again where it cannot tell the text by its bytes alone', () => {
    const longPath = `/${'x'.repeat(2_000)}`;
    const numberOf = counting();

    expect([longPath, longPath].map(numberOf)).toEqual([1, 2]);
  });

  it('keeps a few texts of equal hash, and makes the others each time', () => {
    const numberOf = counting({ hash: weak });
    const paths = Array.from({ length: 20 }, (_, index) => `/${index}`);

    const first = paths.map(numberOf);
    const again = paths.map(numberOf);

    expect(again.slice(0, 16)).toEqual(first.slice(0, 16));
    expect(again.slice(16)).toEqual([21, 22, 23, 24]);
  });

  it('keeps what it has when it gets more room', () => {
    const numberOf = counting();
    const paths = Array.from({ length: 3_000 }, (_, index) => `/${index}`);

    const first = paths.map(numberOf);

    expect(paths.map(numberOf)).toEqual(first);
    const long = Array.from({ length: 100 }, (_, index) => `/${'x'.repeat(900)}${index}`);
    const others = long.map(numberOf);
    expect([...paths, ...long].map(numberOf)).toEqual([...first, ...others]);
  });

  it('forgets everything when it is full, and goes on', () => {
    const numberOf = counting({ most: 8 });
    const eight = Array.from({ length: 8 }, (_, index) => `/${index}`);

    expect([...eight, ...eight].map(numberOf).slice(8)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(numberOf('/one more')).toBe(9);
    expect(numberOf('/0')).toBe(10);
  });

  it('forgets everything when the texts together are too long', () => {
    const numberOf = counting({ most: 32 });
    const path = (index: number) => `/${'x'.repeat(1_000)}${index}`;

    expect([0, 1, 0, 1, 2].map(path).map(numberOf)).toEqual([1, 2, 1, 2, 3]);
    expect(numberOf(path(0))).toBe(4);
  });

  it('has bytes of its own: those of the records may become others', () => {
    const memo = new TextMemo({ field: 'path', make: (record) => record.text('path') });
    const record = aRecord({ path: '/before' });
    memo.of(record);

    const { buffer, byteOffset, length } = record.bytes;
    const bytes = Buffer.from(buffer, byteOffset, length);
    bytes.write('/behind', bytes.indexOf('/before'));

    expect(memo.of(record)).toBe('/behind');
    expect(memo.of(aRecord({ path: '/before' }))).toBe('/before');
  });

  it('can be told to forget', () => {
    let made = 0;
    const memo = new TextMemo({ field: 'path', make: () => ++made });
    memo.of(aRecord());

    memo.forget();

    expect(memo.of(aRecord())).toBe(2);
  });
});
