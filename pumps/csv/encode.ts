import {
  type AnalyticsRecord,
  type ByteWriter,
  fullCsvColumns,
  writeCsvHeader,
  writeCsvRow,
} from '#pump';

/** The names of the 42 columns: the first row of a file. */
export function encodeHeader(out: ByteWriter): void {
  writeCsvHeader(fullCsvColumns, out);
}

/** One record as one row. Bytes that are no UTF-8 stay what they are, as in the reference. */
export function encodeRow(record: AnalyticsRecord, out: ByteWriter): void {
  writeCsvRow(fullCsvColumns, record, out);
}
