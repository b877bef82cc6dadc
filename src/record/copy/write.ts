import type { RecordWriter } from '../write/compiled-writer.ts';
import { compileCopyRow } from './compile.ts';
import type { CopyValue } from './value.ts';

/**
 * Writes a record as a line of COPY's text form, which PostgreSQL reads. Bytes that are no UTF-8, and NUL, which its texts
 * cannot hold, become U+FFFD. Made once, when a pump opens.
 */
export const copyWriter = (values: readonly CopyValue[]): RecordWriter => compileCopyRow(values);
