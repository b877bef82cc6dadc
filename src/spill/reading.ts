import type { Range, ReadRange, SourceList } from '../purge/lease/lease.ts';
import type { Chunk } from '../record/record.ts';
import { codeOf } from './disk.ts';
import { type Frame, readFrame } from './frame.ts';
import type { Extent } from './scan.ts';
import type { SpillFile } from './spill-file.ts';

/** A range on disk, or a stretch of a file that was one. */
export interface Spilled extends Extent {
  readonly file: SpillFile;
  readonly range: Range;
  /** No frame can be found here any more. */
  readonly isDamaged: boolean;
}

/** A dead letter keeps this much of a damaged stretch. */
const mostDamagedBytes = 1024 * 1024;

export interface ReadSpilled {
  readonly read: ReadRange;
  /** What could not be read as it was written; undefined: nothing. */
  readonly damage: string | undefined;
}

/**
 * Reads a range back. Whatever has happened to the file the answer is a range: what cannot be read is listed as
 * undecodable, with the reason, and so becomes a dead letter. Rejects only where another attempt may succeed.
 */
export async function readSpilled(spilled: Spilled, wanted: Range): Promise<ReadSpilled> {
  const { file, offset, length, isDamaged } = spilled;
  let bytes: Buffer;
  try {
    bytes = await file.read({ offset, length: isDamaged ? mostSaved(length) : length });
  } catch (error) {
    if (codeOf(error) !== 'EIO' && codeOf(error) !== 'ENOENT') throw error;
    return damagedRange(spilled, wanted, Buffer.alloc(0), String(codeOf(error)));
  }
  const frame = isDamaged ? undefined : readFrame(file.mark, bytes);
  if (frame === undefined) return damagedRange(spilled, wanted, bytes, 'checksum');
  const vanished = wanted.count - frame.elements.length;
  const chunk = wanted.list.decoder.decode(frame.elements);
  return frame.damaged.size === 0
    ? { read: { chunk, vanished }, damage: undefined }
    : {
        read: { chunk: withoutDamaged(chunk, frame, spilled), vanished },
        damage: `${frame.damaged.size} of ${frame.elements.length} records`,
      };
}

const mostSaved = (length: number): number => Math.min(length, mostDamagedBytes);

/** One undecodable element stands for the stretch; the other records are gone. */
function damagedRange(spilled: Spilled, wanted: Range, bytes: Buffer, cause: string): ReadSpilled {
  const { segment, start, count } = wanted;
  const what = spilled.isDamaged
    ? 'a stretch of unknown records'
    : `range ${segment}:${start} of ${count} records`;
  const reason = `${what} is damaged on disk (${cause}, ${placeOf(spilled)})`;
  const chunk: Chunk = {
    size: 1,
    byteLength: bytes.length,
    memory: [],
    record: () => undefined,
    undecodable: [{ index: 0, bytes: bytes.subarray(0, mostDamagedBytes), reason }],
  };
  return { read: { chunk, vanished: count - 1 }, damage: reason };
}

/** A damaged element must not be taken for a record, even if it still decodes. */
function withoutDamaged(chunk: Chunk, { elements, damaged }: Frame, spilled: Spilled): Chunk {
  const reason = `damaged on disk (checksum, ${placeOf(spilled)})`;
  return {
    ...chunk,
    record: (index) => (damaged.has(index) ? undefined : chunk.record(index)),
    undecodable: [
      ...chunk.undecodable.filter(({ index }) => !damaged.has(index)),
      ...[...damaged].map((index) => ({
        index,
        bytes: elements[index] ?? Buffer.alloc(0),
        reason,
      })),
    ],
  };
}

/** Names no folder: a dead letter may be read elsewhere. */
const placeOf = ({ file, offset }: Spilled): string => `${file.name} at ${offset}`;

/** A stretch without a frame as a range of one: what it was is not known. */
export function damagedStretch(file: SpillFile, extent: Extent, list: SourceList): Spilled {
  const segment = `damaged-${file.name}-${extent.offset}`;
  const range = { list, segment, start: 0, count: 1, bytes: extent.length, claimedAt: 0 };
  return { file, ...extent, range, isDamaged: true };
}
