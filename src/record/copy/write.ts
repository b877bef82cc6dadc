import type { ShapeValue } from '../shape.ts';
import type { RecordWriter } from '../write/compiled-writer.ts';
import { compileCopyRow } from './compile.ts';

/** What stands in a column: lists and maps as JSON, where Go has nil as an empty one. */
export type CopyValue = Extract<
  ShapeValue,
  {
    readonly form:
      | 'text'
      | 'integer'
      | 'float'
      | 'flag'
      | 'time'
      | 'list'
      | 'city-names'
      | 'graph-types'
      | 'graph-errors';
  }
>;

/**
 * Writes a record as a line of COPY's text form, which PostgreSQL reads. Bytes that are no UTF-8, and NUL, which its texts
 * cannot hold, become U+FFFD. Made once, when a pump opens.
 */
export const copyWriter = (values: readonly CopyValue[]): RecordWriter => compileCopyRow(values);
