import { expect, it } from 'vitest';
import { ByteWriter } from '#pump';
import { aBatch, type RecordOverrides } from '#pump/testing';
import { columnsFor, documentShape } from './columns.ts';
import { rowsWriter } from './encode.ts';

const columns = columnsFor(documentShape);

function rowOf(fields: RecordOverrides, names?: readonly string[]) {
  const out = new ByteWriter();
  const chosen = columns.filter(({ name }) => names?.includes(name) ?? true);
  rowsWriter(chosen)(aBatch(2, fields, 'seg'), out);
  const lines = out.view().toString('utf8').split('\n');
  expect(lines).toHaveLength(3);
  return JSON.parse(lines[1] ?? '') as Readonly<Record<string, unknown>>;
}

it('is a row with every column, whatever the record lacks', () => {
  const row = rowOf({});

  expect(Object.keys(row).sort()).toEqual(columns.map(({ name }) => name).sort());
  expect(row).toMatchObject({
    ...{ record_id: 'seg:1', tags: [], graphql_stats_RootFields: [], geo_city_names: '' },
    ...{ graphql_stats_Types: '', latency_total: 12, timestamp: '2024-03-10T22:22:00Z' },
  });
  expect(Object.values(row)).not.toContain(null);
});

it('has lists as lists, and what has no type of its own as JSON', () => {
  const row = rowOf({ tags: ['a"', 'null'], geo: { city: { names: { en: 'a"b', de: 'c' } } } });

  expect(row['tags']).toEqual(['a"', 'null']);
  expect(JSON.parse(String(row['geo_city_names']))).toEqual({ de: 'c', en: 'a"b' });
});

it.each([
  [-62_135_596_800, '1970-01-01T00:00:00Z'],
  [0, '1970-01-01T00:00:00Z'],
  [4_294_967_295, '2106-02-07T06:28:15Z'],
  [5_000_000_000, '2106-02-07T06:28:15Z'],
])('has the second %i as %s, which every column of times can hold', (seconds, text) => {
  expect(rowOf({ timestamp: { seconds } })['timestamp']).toBe(text);
});

it.each([[['path', 'tags']], [['record_id', 'timestamp']], [['tags']], [['method']]])(
  'has no other columns than %j',
  (names) => {
    expect(Object.keys(rowOf({}, names))).toEqual(names);
  },
);
