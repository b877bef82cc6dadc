import {
  type ByteWriter,
  csvWriter,
  fullCsvColumns,
  guardedCsvColumns,
  type RecordWriter,
  writeCsvHeader,
} from '#pump';
import type { Options } from './options.ts';

/** The names of the 42 columns: the first row of a file. */
export function encodeHeader(out: ByteWriter): void {
  writeCsvHeader(fullCsvColumns, out);
}

/** Writes one record as one row. Bytes that are no UTF-8 stay what they are, as in the reference. */
export const rowWriter = ({ formulas }: Pick<Options, 'formulas'>): RecordWriter =>
  csvWriter(formulas === 'text' ? guardedCsvColumns : fullCsvColumns);
