import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldsOf, mutate, mutation, samplesOf } from '../arbitrary.testing.ts';
import { decoders } from '../decoders.ts';
import { compileEdits } from '../edit.ts';
import type { FlagField, IntegerField } from '../fields.ts';
import type { AnalyticsRecord } from '../record.ts';
import { aRecord } from '../testing.ts';
import { flagReader, integerReader } from './readers.ts';

const integers = (
  [
    ...(['content_length', 'month', 'response_code', 'request_time', 'latency.total'] as const),
    ...(['geo.city.geoname_id', 'network.bytes_in', 'graphql_stats.OperationType'] as const),
  ] satisfies readonly IntegerField[]
).map((field) => ({ field, read: integerReader(field) }));
const flags = (
  ['track_path', 'graphql_stats.IsGraphQL', 'mcp_stats.is_mcp'] satisfies readonly FlagField[]
).map((field) => ({ field, read: flagReader(field) }));

const edit = compileEdits({
  omitDetailedRecording: true,
  maxRecordSize: 0,
  ignoreFields: ['month', 'latency', 'track_path'],
  rawRequestDecoded: false,
  rawResponseDecoded: false,
});

function expectSame(record: AnalyticsRecord): void {
  for (const { field, read } of integers)
    if (read(record) !== record.integer(field)) expect(read(record)).toBe(record.integer(field));
  for (const { field, read } of flags)
    if (read(record) !== record.flag(field)) expect(read(record)).toBe(record.flag(field));
}

describe('prepared readers', () => {
  it.each(decoders)('read of any $name record what it says itself', (decoder) => {
    const { name } = decoder;
    const mutations = fc.array(mutation, { maxLength: 3 });
    fc.assert(
      fc.property(fc.constantFrom(...samplesOf({ name })), mutations, (sample, changes) => {
        const record = decoder.decode([mutate(sample, changes)]).record(0);
        if (record === undefined) return;
        expectSame(record);
        if (edit !== undefined) expectSame(edit(record));
      }),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(fieldsOf, (fields) => expectSame(aRecord(fields, { encoding: name }))),
      { numRuns: 200 },
    );
  });

  it.each([0, 127, 128, 255, 256, 16_383, 16_384, 65_535, 65_536, -1, 2 ** 40])(
    'know the number %d in every encoding',
    (request_time) => {
      for (const { name } of decoders) expectSame(aRecord({ request_time }, { encoding: name }));
    },
  );
});
