import { describe, expect, it } from 'vitest';
import { decoders } from '../../src/record/decoders.ts';
import { recordEncodings, type Size, sizes } from '../cell.ts';
import { benchElement, benchRecord } from './record.ts';

const indexes = Array.from({ length: 200 }, (_, index) => index * 7);
const meanOf = (size: Size): number =>
  indexes.reduce((sum, index) => sum + benchElement(index, size, 'msgpack').length, 0) /
  indexes.length;

describe('a record of the bench', () => {
  it('depends on its number alone', () => {
    const encoded = (order: readonly number[]): readonly string[] =>
      order.map((index) => benchElement(index, '10KB', 'msgpack').toString('latin1'));

    expect(encoded(indexes.toReversed()).toReversed()).toEqual(encoded(indexes));
  });

  it('has the size it is named for', () => {
    expect(meanOf('1KB')).toBeGreaterThan(1_000);
    expect(meanOf('1KB')).toBeLessThan(1_300);
    expect(meanOf('10KB')).toBeGreaterThan(9_000);
    expect(meanOf('10KB')).toBeLessThan(11_000);
  });

  it.each(sizes.flatMap((size) => recordEncodings.map((encoding) => [size, encoding] as const)))(
    'of %s comes back from %s as it was',
    (size, encoding) => {
      const decoder = decoders.find(({ name }) => name === encoding)!;
      const chunk = decoder.decode(indexes.map((index) => benchElement(index, size, encoding)));

      for (const [position, index] of indexes.entries()) {
        const fields = benchRecord(index, size);
        const record = chunk.record(position)!;
        expect({
          path: record.text('raw_path'),
          key: record.text('api_key'),
          request: record.text('raw_request'),
          response: record.text('raw_response'),
          country: record.text('geo.country.iso_code'),
          time: record.integer('latency.total'),
          tags: record.list('tags'),
        }).toEqual({
          path: fields.raw_path,
          key: fields.api_key,
          request: fields.raw_request,
          response: fields.raw_response,
          country: fields.geo?.country?.iso_code ?? '',
          time: fields.latency?.total,
          tags: fields.tags,
        });
      }
    },
  );

  it('has escapes, places and bodies among it', () => {
    const records = indexes.map((index) => benchRecord(index, '10KB'));

    expect(records.some(({ raw_path: path }) => String(path).includes('"b",<c>'))).toBe(true);
    expect(records.some(({ geo }) => geo?.country !== undefined)).toBe(true);
    expect(records.every(({ raw_response: response }) => String(response).length > 100)).toBe(true);
  });
});
