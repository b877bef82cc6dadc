import { type Elements, elementAt } from '../lib/elements.ts';
import { freshMemory, type Memory } from '../lib/region-pool.ts';
import type { AnalyticsRecord, Chunk, Undecodable } from './record.ts';

export interface ChunkFormat {
  /** Slots per record. */
  readonly width: number;
  /** Finds the leaves of one element; undefined when it is a record, else why it is none. */
  readonly scan: Visit<string | undefined>;
  /**
   * The same for many at once, where there is a faster way: fills the table, and gives the elements that are left to `scan`,
   * whose rows are empty. Undefined: all are, and the table is as it was.
   */
  readonly scanMany?: (elements: Elements, slots: Int32Array) => readonly number[] | undefined;
  readonly Record: new (...row: Parameters<Visit<unknown>>) => AnalyticsRecord;
}

/** `origin` is where the element begins in the region. */
type Visit<T> = (
  region: Region,
  origin: number,
  size: number,
  slots: Int32Array,
  base: number,
) => T;

/** Memory that many records lie in: a Buffer or a view for each would cost more than a scan. */
export interface Region {
  readonly region: Buffer;
  /** The same for words. */
  readonly view: DataView;
}

/** Stands in a record's first slot when the element is no record. */
const undecodableMark = -1;

/** Scans every element once into one table of offsets, in `memory`: a record is then a few references and numbers. */
export function scanChunk(
  format: ChunkFormat,
  elements: Elements,
  memory: Memory = freshMemory,
): Chunk {
  const { width, scan, Record } = format;
  const { count, places } = elements;
  const { buffer } = elements.region;
  const region = { region: elements.region, view: new DataView(buffer) };
  const table = memory.take(4 * count * width);
  const slots = new Int32Array(table.buffer as ArrayBuffer, 0, count * width);
  const undecodable: Undecodable[] = [];
  const left = format.scanMany?.(elements, slots);
  if (left === undefined) slots.fill(0);
  for (let each = 0; each < (left?.length ?? count); each++) {
    const index = left?.[each] ?? each;
    const base = index * width;
    const origin = places[2 * index] as number;
    const reason = scan(region, origin, places[2 * index + 1] as number, slots, base);
    if (reason === undefined) continue;
    slots[base] = undecodableMark;
    // Copied, for it is kept longer than the chunk, and may be small.
    undecodable.push({ index, bytes: Buffer.from(elementAt(elements, index)), reason });
  }
  return {
    size: count,
    byteLength: buffer.byteLength + places.byteLength + table.length,
    memory: [elements.region, table],
    undecodable,
    record(index) {
      const base = index * width;
      if (index >= count || slots[base] === undecodableMark) return undefined;
      const origin = places[2 * index] as number;
      return new Record(region, origin, places[2 * index + 1] as number, slots, base);
    },
  };
}
