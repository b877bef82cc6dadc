import type { ByteWriter } from '../../lib/byte-writer.ts';
import type { DocumentWriter } from '../write/compiled-writer.ts';
import type { CsvColumn } from './columns.ts';
import { compileCsvRow } from './compile.ts';
import { writeCsvText } from './interpret.ts';

const [comma, lineFeed] = [0x2c, 0x0a];

/** The line of headers. */
export function writeCsvHeader(columns: readonly CsvColumn[], out: ByteWriter): void {
  columns.forEach(({ header }, index) => {
    if (index > 0) out.byte(comma);
    writeCsvText(header, out);
  });
  out.byte(lineFeed);
}

/**
 * Writes a record as a row, quoted as Go's encoding/csv does (tyk-pump.md, "csv"); bytes that are no UTF-8 stay what they
 * are. Made once, when a pump opens, for columns that do not change after.
 */
export const csvWriter = (columns: readonly CsvColumn[]): DocumentWriter => compileCsvRow(columns);
