import type { RecordWriter } from '../write/compiled-writer.ts';
import { compileGoText } from './compile.ts';

/**
 * Writes a record as Go prints a struct: values only, in the order of declaration (tyk-pump.md, "stdout"). Made once, when
 * a pump opens.
 */
export const goTextWriter = (): RecordWriter => compileGoText();
