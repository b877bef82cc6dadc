import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileEdits } from '../record/edit.ts';
import { decodeRecord, encodeRecord } from '../record/testing.ts';
import { queries, recordFieldsIn } from './arbitrary.testing.ts';
import { compileQuery } from './compile.ts';
import { modelSelects } from './model.testing.ts';
import { parseQuery } from './parse.ts';
import { printQuery } from './print.ts';
import { renderProblem } from './problem.ts';

describe.each(['msgpack', 'protobuf'] as const)('a query over records in %s', (encoding) => {
  it('selects what it means', () => {
    fc.assert(
      fc.property(
        queries,
        fc.array(recordFieldsIn(encoding), { minLength: 1, maxLength: 4 }),
        (query, all) => {
          const selects = compileQuery(query);
          for (const fields of all) {
            const record = decodeRecord(encodeRecord(fields, encoding), encoding);
            expect(selects(record)).toBe(modelSelects(query, fields, encoding));
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('selects the same of a record whose payloads are decoded already', () => {
    const edit = compileEdits({
      omitDetailedRecording: false,
      maxRecordSize: 0,
      ignoreFields: [],
      rawRequestDecoded: true,
      rawResponseDecoded: true,
    });
    const selects = ['header.x-id:*', 'body:a', '"/health"'].map(compiled);
    fc.assert(
      fc.property(recordFieldsIn(encoding), (fields) => {
        const record = decodeRecord(encodeRecord(fields, encoding), encoding);
        for (const each of selects) expect(each(edit?.(record) ?? record)).toBe(each(record));
      }),
    );
  });
});

function compiled(text: string) {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(text);
  return compileQuery(parsed.query);
}

it('a printed query is read as the same', () => {
  fc.assert(
    fc.property(queries, (query) => {
      expect(parseQuery(printQuery(query))).toEqual({ ok: true, query });
    }),
    { numRuns: 1000 },
  );
});

const pieces = fc.constantFrom(
  ...['status', ':', '=', '>=', '5xx', '(', ')', '"', '\\', '*', '-', '|', 'or', 'and', 'not', ' '],
  ...[
    'latency',
    'header.',
    'x-id',
    'ip',
    '10.0.0.0/8',
    '2026-01-01',
    '..',
    '200ms',
    'tag',
    '!=',
    '&',
  ],
  ...['\u0000', '\u202e', '\ud800', 'é', '\\u{41}', '\n'],
);

it('reads any text without an end of its own, and says what is wrong where', () => {
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      const text = parts.join('');
      const parsed = parseQuery(text);
      if (parsed.ok) {
        expect(parseQuery(printQuery(parsed.query))).toEqual(parsed);
        return;
      }
      expect(parsed.problems.length).toBeGreaterThan(0);
      for (const problem of parsed.problems) {
        expect(problem.at).toBeLessThanOrEqual(text.length);
        const lines = renderProblem(text, problem).split('\n');
        expect(lines).toHaveLength(2);
        expect(lines.join('')).toMatch(/^[\x20-\x7e\u00a1-\u017f]*$/);
      }
    }),
    { numRuns: 1000 },
  );
});
