import type { ByteWriter } from '../../lib/byte-writer.ts';
import { compileGoText } from '../compiled/go-text.ts';
import type { AnalyticsRecord } from '../record.ts';

const write = compileGoText();

/** The record as Go prints a struct: values only, in the order of declaration (tyk-pump.md, "stdout"). */
export const writeGoText = (record: AnalyticsRecord, out: ByteWriter): void => write(record, out);
