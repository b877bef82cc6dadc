import { type AnalyticsRecord, ByteWriter, type CopyValue, jsonWriter } from '#pump';
import type { SqlRow, SqlValue } from '../value.ts';
import type { RecordColumn } from './record-columns.ts';

/** A function that gives a record's row. */
export function rowMaker(columns: readonly RecordColumn[]): (record: AnalyticsRecord) => SqlRow {
  const makers = columns.map(({ value }) => maker(value));
  return (record) => makers.map((make) => make(record));
}

function maker(value: CopyValue): (record: AnalyticsRecord) => SqlValue {
  switch (value.form) {
    case 'text':
      return (record) => record.text(value.field);
    case 'integer':
      return (record) => record.integer(value.field);
    case 'float':
      return (record) => record.float(value.field);
    case 'flag':
      return (record) => record.flag(value.field);
    case 'time':
      return (record) => record.time(value.field);
    case 'list':
      return jsonText(value, (record) => record.list(value.field) === null, '[]');
    case 'city-names':
      return jsonText(value, (record) => record.cityNames() === null, '{}');
    case 'graph-types':
      return jsonText(value, (record) => record.graphTypes() === null, '{}');
    case 'graph-errors':
      return jsonText(value, (record) => record.graphErrors() === null, '[]');
  }
  return value satisfies never;
}

/** JSON of one value: of a document that has no other, what is behind its key. Where Go has nil, what is empty. */
function jsonText(
  value: CopyValue,
  isNil: (record: AnalyticsRecord) => boolean,
  empty: string,
): (record: AnalyticsRecord) => string {
  const write = jsonWriter([{ key: '', value }]);
  const out = new ByteWriter(1_024);
  return (record) => {
    if (isNil(record)) return empty;
    out.clear();
    write(record, out);
    return out.view().toString('utf8', '{"":'.length, out.length - '}'.length);
  };
}
