import type { ByteWriter } from '../../lib/byte-writer.ts';
import type { RecordWriter } from '../compiled/compiled-writer.ts';
import { compileCsvRow } from '../compiled/csv.ts';
import type { AnalyticsRecord } from '../record.ts';
import type { CsvColumn } from './csv-columns.ts';
import { writeCsvText } from './interpret-csv.ts';

const [comma, lineFeed] = [0x2c, 0x0a];

/** The line of headers. */
export function writeCsvHeader(columns: readonly CsvColumn[], out: ByteWriter): void {
  columns.forEach(({ header }, index) => {
    if (index > 0) out.byte(comma);
    writeCsvText(header, out);
  });
  out.byte(lineFeed);
}

const compiled = new WeakMap<readonly CsvColumn[], RecordWriter>();

/**
 * One row, quoted as Go's encoding/csv does (tyk-pump.md, "csv"); bytes that are no UTF-8 stay what they are. Columns
 * are compiled when they are first used, and must not change after.
 */
export function writeCsvRow(
  columns: readonly CsvColumn[],
  record: AnalyticsRecord,
  out: ByteWriter,
): void {
  let write = compiled.get(columns);
  if (write === undefined) {
    write = compileCsvRow(columns);
    compiled.set(columns, write);
  }
  write(record, out);
}
