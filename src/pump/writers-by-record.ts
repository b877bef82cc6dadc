import type { ByteWriter } from '../lib/byte-writer.ts';
import type { CsvColumn } from '../record/csv/columns.ts';
import { csvWriter } from '../record/csv/write.ts';
import { goTextWriter } from '../record/go-text/write.ts';
import { jsonWriter } from '../record/json/write.ts';
import { pointWriter } from '../record/line-protocol/write.ts';
import type { AnalyticsRecord } from '../record/record.ts';
import type { Shape } from '../record/shape.ts';

/**
 * What the kit had before its writers were made once: functions that look for the writer at each record. Plugins written
 * for apiVersion 1 may call them, so they stay as long as that does; no pump of ours does.
 */

const writerOfShape = keptBy(jsonWriter);
const writerOfColumns = keptBy(csvWriter);
const goText = goTextWriter();

/** @deprecated `jsonWriter(shape)`, made once, is the same and faster. */
export const writeJson = (shape: Shape, record: AnalyticsRecord, out: ByteWriter): void =>
  writerOfShape(shape)(record, out);

/** @deprecated `csvWriter(columns)`, made once, is the same and faster. */
export const writeCsvRow = (
  columns: readonly CsvColumn[],
  record: AnalyticsRecord,
  out: ByteWriter,
): void => writerOfColumns(columns)(record, out);

/** @deprecated `goTextWriter()`, made once, is the same. */
export const writeGoText = (record: AnalyticsRecord, out: ByteWriter): void => goText(record, out);

/** @deprecated It is called `pointWriter` now. */
export const createPointWriter = pointWriter;

/** Makes one for each key, and the same again for the same one. */
function keptBy<Key extends object, Kept>(make: (key: Key) => Kept): (key: Key) => Kept {
  const kept = new WeakMap<Key, Kept>();
  return (key) => {
    const found = kept.get(key);
    if (found !== undefined) return found;
    const made = make(key);
    kept.set(key, made);
    return made;
  };
}
