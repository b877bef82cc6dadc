import { type AnalyticsRecord, ByteWriter, type CopyValue, writeSqlJson } from '#pump';
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
    case 'named':
      return (record) => value.names[Number(record.integer(value.field))] ?? '';
    case 'float':
      return (record) => record.float(value.field);
    case 'flag':
      return (record) => record.flag(value.field);
    case 'time':
      return (record) => record.time(value.field);
    case 'list':
    case 'city-names':
    case 'graph-types':
    case 'graph-errors': {
      const out = new ByteWriter(1_024);
      return (record) => {
        out.clear();
        writeSqlJson(value, record, out);
        return out.view().toString('utf8');
      };
    }
  }
  return value satisfies never;
}
