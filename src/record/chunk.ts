import type { AnalyticsRecord, Chunk, Undecodable } from './record.ts';

/** Finds the leaves of one element; undefined when it is a record, else why it is none. */
type Scan = (bytes: Buffer, slots: Int32Array, base: number) => string | undefined;

export interface ChunkFormat {
  /** Slots per record. */
  readonly width: number;
  readonly scan: Scan;
  readonly view: (bytes: Buffer, slots: Int32Array, base: number) => AnalyticsRecord;
}

/** Stands in a record's first slot when the element is no record. */
const undecodableMark = -1;

/** Scans every element once into one table of offsets: a record is then two references and a number. */
export function scanChunk(format: ChunkFormat, elements: readonly Uint8Array[]): Chunk {
  const { width, scan, view } = format;
  const buffers = elements.map(asBuffer);
  const slots = new Int32Array(buffers.length * width);
  const undecodable: Undecodable[] = [];
  let byteLength = slots.byteLength;
  buffers.forEach((bytes, index) => {
    byteLength += bytes.length;
    const base = index * width;
    const reason = scan(bytes, slots, base);
    if (reason === undefined) return;
    slots[base] = undecodableMark;
    undecodable.push({ index, bytes, reason });
  });
  return {
    size: buffers.length,
    byteLength,
    undecodable,
    record(index) {
      const bytes = buffers[index];
      const base = index * width;
      return bytes === undefined || slots[base] === undecodableMark
        ? undefined
        : view(bytes, slots, base);
    },
  };
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
