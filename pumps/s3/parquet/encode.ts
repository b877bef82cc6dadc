import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SchemaElement } from 'hyparquet';
import { type Entry, mebibytes, type Shape } from '#pump';
import type { Codec } from './codec.ts';
import { columnsOf } from './columns.ts';
import type * as Library from './library.ts';

/** Of these records' bytes one row group is made: as much as stands in memory as values, and keeps the thread busy, at once. */
const groupBytes = mebibytes(4);

export interface ParquetParts {
  readonly library: Pick<typeof Library, 'ByteWriter' | 'ParquetWriter'>;
  readonly document: Shape;
  readonly withIds: boolean;
  readonly codec: Codec;
}

/** Makes a file of Parquet of records; undefined where the signal aborts before it is whole. */
export function parquetWriter({
  library,
  document,
  withIds,
  codec: { name, compressors },
}: ParquetParts): (entries: readonly Entry[], signal: AbortSignal) => Promise<Buffer | undefined> {
  const columns = columnsOf(document, withIds);
  const schema: SchemaElement[] = [
    { name: 'record', num_children: columns.length },
    ...columns.flatMap(({ elements }) => elements),
  ];
  return async (entries, signal) => {
    const writer = new library.ByteWriter();
    const about = { writer, schema, codec: name, compressors, createdBy: 'sluice' };
    const file = new library.ParquetWriter(about);
    for (const group of groupsOf(entries)) {
      const columnData = columns.map((column) => ({
        name: column.name,
        data: group.map((entry) => column.read(entry)),
      }));
      // Into memory, it is done when it returns.
      await file.write({ columnData, rowGroupSize: group.length });
      await nextTurn();
      if (signal.aborted) return undefined;
    }
    await file.finish();
    const { buffer, byteOffset, byteLength } = writer.getBytes();
    return Buffer.from(buffer, byteOffset, byteLength);
  };
}

function* groupsOf(entries: readonly Entry[]): Iterable<readonly Entry[]> {
  let begin = 0;
  let bytes = 0;
  for (const [index, { record }] of entries.entries()) {
    if (index > begin && bytes + record.size > groupBytes) {
      yield entries.slice(begin, index);
      begin = index;
      bytes = 0;
    }
    bytes += record.size;
  }
  yield entries.slice(begin);
}
