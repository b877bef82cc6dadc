import { mergeJson } from '../../config/json-merge.ts';
import { readJson } from '../../config/json-text.ts';
import { isObject, typeName } from '../../config/options/json.ts';
import { nearest } from '../../lib/nearest.ts';
import { readRecordId } from '../../operate/record-fate.ts';
import type { RecordFields } from '../../record/encode/record-fields.ts';
import { type Fault, readRecord } from './read-record.ts';

/** Records, and what is expected of them: `{"records": [{…}], "expect": {"es": [{…}]}}`. */
export interface TestFile {
  readonly records: readonly TestRecord[];
  /** By route, in upper case; undefined: nothing is expected, and all is shown. */
  readonly expect: ReadonlyMap<string, Expected> | undefined;
}

export interface TestRecord {
  /** Of the record id, by which a sample decides. */
  readonly segment: string;
  readonly index: number;
  readonly fields: RecordFields;
}

/** `subset`: of a document only what is said is compared. */
export interface Expected {
  readonly match: 'subset' | 'exact';
  readonly documents: readonly unknown[];
}

/** The file, or everything that is wrong with it. */
export function readTestFile(text: string, routes: readonly string[]): TestFile | readonly Fault[] {
  const reading = readJson(text);
  if (!reading.ok) {
    const { line, column, found, expected } = reading.problem;
    return [{ key: `line ${line}, column ${column}`, found, expected }];
  }
  const { value } = mergeJson(reading.node, 'any');
  if (!isObject(value))
    return [{ key: '(top level)', found: typeName(value), expected: 'an object with `records`' }];
  const faults: Fault[] = [];
  for (const key of Object.keys(value))
    if (!['records', 'expect'].includes(key))
      faults.push({ key, found: typeName(value[key]), expected: '`records` or `expect`' });
  const records = recordsOf(value['records'], faults);
  const expect = expectOf(value['expect'], routes, faults);
  return faults.length > 0 ? faults : { records, expect };
}

function recordsOf(raw: unknown, faults: Fault[]): readonly TestRecord[] {
  if (!Array.isArray(raw)) {
    faults.push({ key: 'records', found: typeName(raw), expected: 'a list of records' });
    return [];
  }
  return raw.map((each: unknown, at) => {
    const key = `records[${at}]`;
    const { id, ...rest } = isObject(each) ? each : { id: undefined };
    const fields = readRecord(isObject(each) ? rest : each, key, faults);
    const named = typeof id === 'string' ? readRecordId(id) : undefined;
    if (id !== undefined && named === undefined)
      faults.push({
        key: `${key}.id`,
        found: typeName(id),
        expected: 'a record id, `<segment>:<index>`',
      });
    return { segment: 'test', index: at, ...named, fields };
  });
}

function expectOf(raw: unknown, routes: readonly string[], faults: Fault[]): TestFile['expect'] {
  if (raw === undefined) return undefined;
  const expected = new Map<string, Expected>();
  if (!isObject(raw)) {
    faults.push({ key: 'expect', found: typeName(raw), expected: 'an object: pump → documents' });
    return expected;
  }
  for (const [name, value] of Object.entries(raw)) {
    const key = `expect.${name}`;
    const route = name.toUpperCase();
    if (!routes.includes(route)) {
      const guess = nearest(name, routes);
      const hint = guess === undefined ? '' : `; did you mean "${guess}"?`;
      const there = routes.length === 0 ? 'there is none' : `there are ${routes.join(', ')}`;
      faults.push({
        ...{ key, found: typeName(value) },
        expected: `a pump of calls of the configuration (${there})${hint}`,
      });
      continue;
    }
    const { match = 'subset', documents } = isObject(value) ? value : { documents: value };
    if (match !== 'subset' && match !== 'exact')
      faults.push({
        ...{ key: `${key}.match`, found: typeName(match) },
        expected: '"subset" or "exact"',
      });
    else if (!Array.isArray(documents))
      faults.push({
        ...{ key, found: typeName(documents) },
        expected: 'a list of documents, or an object with `documents` and `match`',
      });
    else expected.set(route, { match, documents });
  }
  return expected;
}
