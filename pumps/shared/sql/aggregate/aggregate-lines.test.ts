import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFold, type Variant } from '#pump';
import { aBatch } from '#pump/testing';
import { freshRows } from '../copy-text.ts';
import { haveOwnIds, type RowRules } from './aggregate-ids.ts';
import { countLines, linesOf } from './aggregate-lines.ts';
import { rowsOf } from './aggregate-rows.ts';

const oddTexts = [
  ...['', 'a', 'key.1', '/a/b', 'tab\tand\\back', 'line\nfeed\r', 'nul\0', 'ü', '日本', '😀 ok'],
  ...['x'.repeat(40), 'long-'.repeat(600), 'ü'.repeat(1_400), '\\'.repeat(1_500)],
];
const text = fc.oneof(fc.constantFrom(...oddTexts), fc.string({ maxLength: 12, unit: 'binary' }));
const count = fc.oneof(fc.nat(500), fc.constantFrom(0, 1e9, 2 ** 31, 1e12));

const call = fc.record({
  ...{
    org_id: fc.constantFrom('org', 'org-2', 'Größe\\', '日本'.repeat(20)),
    api_id: text,
    api_name: text,
    api_version: text,
  },
  ...{ api_key: text, alias: text, oauth_id: text, path: text },
  tags: fc.array(text, { maxLength: 3 }),
  response_code: fc.constantFrom(200, 302, 404, 418, 500, 599, 999, -1),
  ...{ request_time: count, latency: fc.record({ total: count, upstream: count }) },
  network: fc.record({ open_connections: count, bytes_in: count }),
  timestamp: fc.record({
    seconds: fc.constantFrom(1_710_109_320, 1_710_109_321, 1_710_112_999, -62_135_596_800),
    nanos: fc.constantFrom(0, 500_000_000, 123_456_789, 999),
  }),
  track_path: fc.constant(true),
});

/** Lines without zeros at the end of a fraction, in the order of their ids. */
const read = (pieces: Iterable<Uint8Array>): readonly string[] =>
  Buffer.concat([...pieces])
    .toString()
    .split('\n')
    .map((line) => line.replace(/(:\d\d)\.?(\d*?)0*\+00/, '$1.$2+00'))
    .sort();

const foldFor = (variant: Variant) =>
  createFold({ variant, tracksAllPaths: true, ignoredTagPrefixes: [], bucketMinutes: 60 });

describe('lines for COPY', () => {
  it('hold what rows hold, whatever texts and numbers are in them', () => {
    const rules: RowRules = { isByApi: false, dialect: 'postgres' };
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 20 }), (calls) => {
        const { entries } = aBatch(calls.length, (index) => calls[index] ?? {});
        const aggregates = foldFor('rest')(entries);
        if (aggregates.length === 0 || !haveOwnIds(aggregates, rules)) return;

        const rows = rowsOf(aggregates, rules);
        expect(read(linesOf(aggregates, rules))).toEqual(read(freshRows(rows).lines()));
        expect(countLines(aggregates)).toBe(rows.length);
      }),
      { numRuns: 200 },
    );
  });

  it.each(['日'.repeat(60_000), '\\'.repeat(60_000), '\ud800'.repeat(60_000)])(
    'have room for a key, a path and a name of 60,000 odd characters',
    (odd) => {
      const rules: RowRules = { isByApi: false, dialect: 'postgres' };
      for (const fields of [{ api_key: odd }, { path: odd }, { api_name: odd }, { org_id: odd }]) {
        const { entries } = aBatch(2, fields);
        const aggregates = foldFor('rest')(entries);
        const rows = rowsOf(aggregates, rules);
        expect(read(linesOf(aggregates, rules))).toEqual(read(freshRows(rows).lines()));
      }
    },
  );

  it('come in pieces, each of whole lines', () => {
    const { entries } = aBatch(1_500, (index) => ({ path: `/${index}`, org_id: 'o' }));
    const aggregates = foldFor('rest')(entries);
    const pieces = [...linesOf(aggregates, { isByApi: false, dialect: 'postgres' })];

    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces.every((piece) => piece.at(-1) === 0x0a)).toBe(true);
    expect(read(pieces).length - 1).toBe(countLines(aggregates));
  });

  it('are not for aggregates whose rows may have the same id', () => {
    const start = 1_710_108_000;
    const of = (orgId: string, apiId = '') => ({ start, orgId, apiId });
    const rules = (isByApi: boolean): RowRules => ({ isByApi, dialect: 'postgres' });

    expect(haveOwnIds([of('a'), of('b'), of('ca')], rules(false))).toBe(true);
    expect(haveOwnIds([of('a'), of('b'), of('aapiid')], rules(false))).toBe(false);
    expect(haveOwnIds([of('a', 'api'), of('b', 'api')], rules(true))).toBe(false);
    expect(haveOwnIds([of('a', 'api-1'), of('a', 'api-2')], rules(true))).toBe(true);
  });
});
