/** Alone: here the table has more rows, for all that is made of it. */
import { describe, expect, it, vi } from 'vitest';
import { ByteWriter } from '../lib/byte-writer.ts';
import type { RecordFields } from './encode/record-fields.ts';
import type { RecordWriter } from './write/compiled-writer.ts';

/** A field of each kind: among others, in an object that is there, and in one that is new. */
vi.mock('./field-table.ts', async (importOriginal) => {
  const { fieldTable, ...own } = await importOriginal<{
    readonly fieldTable: readonly unknown[];
  }>();
  return {
    ...own,
    fieldTable: [
      ...fieldTable.slice(0, 3),
      ['cluster', 'text', 'Cluster', '36', 'Cluster'],
      ...fieldTable.slice(3),
      ['latency.queue', 'int32', 'Latency.Queue', '19.3', 'Latency.Queue', 'signed'],
      ['cache.hit', 'flag', 'Cache.Hit', '37.1'],
      ['cache.ratio', 'float', 'Cache.Ratio', '37.2', 'Cache.Ratio'],
      ['cache.until', 'time', 'Cache.Until', '37.3', 'Cache.Until'],
      ['groups', 'list', 'Groups', '38', 'Groups'],
    ],
  };
});

const { encodeRecord, decodeRecord } = await import('./testing.ts');
const { fullShape } = await import('./full-shape.ts');
const { fullCsvColumns } = await import('./csv/columns.ts');
const { csvWriter, writeCsvHeader } = await import('./csv/write.ts');
const { jsonWriter } = await import('./json/write.ts');
const { interpretJson } = await import('./json/interpret.ts');
const { goTextWriter } = await import('./go-text/write.ts');
const { compileEdits } = await import('./edit.ts');

const call = {
  path: '/pets',
  cluster: 'eu',
  latency: { total: 9, queue: -7 },
  cache: { hit: true, ratio: 2.5, until: { seconds: 86_400 } },
  groups: ['a', 'b'],
  timestamp: { seconds: 0, zone: 'UTC' },
} as RecordFields;

const documented = {
  path: '/pets',
  cluster: 'eu',
  latency: { total: 9, queue: -7 },
  cache: { hit: true, ratio: 2.5, until: '1970-01-02T00:00:00Z' },
  groups: ['a', 'b'],
};

function written(write: (out: ByteWriter) => void): string {
  const out = new ByteWriter();
  write(out);
  return out.view().toString();
}

describe.each(['msgpack', 'protobuf'] as const)('a new row of the table, in %s', (encoding) => {
  const record = decodeRecord(encodeRecord(call, encoding), encoding);
  const json = (write: RecordWriter, of = record): unknown =>
    JSON.parse(written((out) => write(of, out)));

  it('is read and written as JSON, as a program and value by value', () => {
    expect(json(jsonWriter(fullShape))).toMatchObject(documented);
    expect(json((each, out) => interpretJson(fullShape, each, out))).toMatchObject(documented);
  });

  it('is a column of CSV where it has a header', () => {
    const headers = written((out) => writeCsvHeader(fullCsvColumns, out))
      .trim()
      .split(',');
    const cells = written((out) => csvWriter(fullCsvColumns)(record, out))
      .trim()
      .split(',');
    const row = Object.fromEntries(headers.map((header, index) => [header, cells[index]]));

    expect(headers.slice(2, 4)).toEqual(['Path', 'Cluster']);
    expect(row).toMatchObject({
      Path: '/pets',
      Cluster: 'eu',
      'Latency.Queue': '-7',
      'Cache.Ratio': '2',
      'Cache.Until': '1970-01-02 00:00:00 +0000 UTC',
      Groups: 'a;b',
    });
    expect(row).not.toHaveProperty('Cache.Hit');
  });

  it('stands at its place in Go’s text', () => {
    const text = written((out) => goTextWriter()(record, out));

    expect(text.startsWith('{   /pets eu ')).toBe(true);
    expect(text.endsWith(' {true 2.5 1970-01-02 00:00:00 +0000 UTC} [a b] }')).toBe(true);
  });

  it('can be ignored, alone or with the object that it is in', () => {
    const edit = compileEdits({
      omitDetailedRecording: false,
      maxRecordSize: 0,
      ignoreFields: ['cluster', 'cache'],
      rawRequestDecoded: false,
      rawResponseDecoded: false,
    });

    expect(json(jsonWriter(fullShape), edit?.(record))).toMatchObject({
      cluster: '',
      cache: { hit: false, ratio: 0, until: '0001-01-01T00:00:00Z' },
      groups: ['a', 'b'],
    });
  });
});
