import {
  type ByteWriter,
  csvColumnsOf,
  csvWriter,
  type DocumentWriter,
  guardedColumns,
  type Shape,
  type WrongName,
  writeCsvHeader,
} from '#pump';
import type { Options } from './options.ts';

/** What a file begins with, and what stands below it. */
export interface Table {
  /** The names of the columns: the first row. */
  readonly writeHeader: (out: ByteWriter) => void;
  /** A record as a row. Bytes that are no UTF-8 stay what they are, as in the reference. */
  readonly writeRow: DocumentWriter;
}

export function tableOf(document: Shape, { formulas }: Pick<Options, 'formulas'>): Table {
  const columns = csvColumnsOf(document);
  return {
    writeHeader: (out) => writeCsvHeader(columns, out),
    writeRow: csvWriter(formulas === 'text' ? guardedColumns(columns) : columns),
  };
}

/** Columns of objects are called as others may be called by themselves. */
export function* columnsTwice(document: Shape): Iterable<WrongName> {
  const names = csvColumnsOf(document).map(({ header }) => header);
  for (const [at, name] of names.entries())
    if (names.indexOf(name) < at) yield { name, expected: 'a name that no other column has' };
}
