import type { AnalyticsRecord, Chunk, Undecodable } from './record.ts';

export interface ChunkFormat {
  /** Slots per record. */
  readonly width: number;
  /** Finds the leaves of one element; undefined when it is a record, else why it is none. */
  readonly scan: Visit<string | undefined>;
  readonly record: Visit<AnalyticsRecord>;
}

/**
 * `view` is over the whole buffer that `bytes` is a slice of, where it begins at `bytes.byteOffset`: elements share few
 * large buffers, and a view for each would cost more than a scan.
 */
type Visit<T> = (bytes: Buffer, view: DataView, slots: Int32Array, base: number) => T;

/** What an element's buffer costs beside its bytes. */
const bufferCost = 128;

/** Stands in a record's first slot when the element is no record. */
const undecodableMark = -1;

/** Scans every element once into one table of offsets: a record is then a few references and a number. */
export function scanChunk(format: ChunkFormat, elements: readonly Uint8Array[]): Chunk {
  const { width, scan, record } = format;
  const buffers = elements.map(asBuffer);
  const views = viewsOf(buffers);
  const slots = new Int32Array(buffers.length * width);
  const undecodable: Undecodable[] = [];
  let byteLength = slots.byteLength + buffers.length * bufferCost;
  for (let index = 0; index < buffers.length; index++) {
    const bytes = buffers[index] as Buffer;
    byteLength += bytes.length;
    const base = index * width;
    const reason = scan(bytes, views[index] as DataView, slots, base);
    if (reason === undefined) continue;
    slots[base] = undecodableMark;
    undecodable.push({ index, bytes, reason });
  }
  return {
    size: buffers.length,
    byteLength,
    undecodable,
    record(index) {
      const bytes = buffers[index];
      const base = index * width;
      return bytes === undefined || slots[base] === undecodableMark
        ? undefined
        : record(bytes, views[index] as DataView, slots, base);
    },
  };
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function viewsOf(buffers: readonly Buffer[]): readonly DataView[] {
  let view: DataView = new DataView(new ArrayBuffer(0));
  return buffers.map(({ buffer }) => {
    if (buffer !== view.buffer) view = new DataView(buffer);
    return view;
  });
}
