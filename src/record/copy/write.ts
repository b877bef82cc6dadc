import type { IntegerField } from '../fields.ts';
import type { ShapeValue } from '../shape.ts';
import type { RecordWriter } from '../write/compiled-writer.ts';
import { compileCopyRow } from './compile.ts';

/** What stands in a column: lists and maps as JSON, where Go has nil as an empty one. */
export type CopyValue =
  | PlainValue
  /** The text of a number, by its place; of one that has none, the empty text. */
  | { readonly form: 'named'; readonly field: IntegerField; readonly names: readonly string[] };

export type PlainValue = Extract<
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
