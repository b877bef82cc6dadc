import type { FileHandle } from 'node:fs/promises';
import {
  type FrameRange,
  frameLength,
  markLength,
  prefixLength,
  readFrame,
  readHead,
  readPrefix,
} from './frame.ts';

/** Where something lies in a file. */
export interface Extent {
  readonly offset: number;
  readonly length: number;
}

export interface FoundFrame extends Extent {
  readonly range: FrameRange;
}

export interface Scan {
  readonly frames: readonly FoundFrame[];
  /** Stretches that were written and synced once and are no frames any more. */
  readonly damaged: readonly Extent[];
  /** Where the next frame would go; what lies behind it is a torn tail. */
  readonly end: number;
}

const window = 1024 * 1024;

/**
 * Finds the frames of a file, looking at their heads alone: elements are checked when they are read. Up to `synced` all
 * was on disk before Redis was told, so what cannot be read there is damage. Behind it lies at most what a crash
 * interrupted: complete frames count (Redis may have been told before a power failure took the mark away), a tail that
 * is none was never acknowledged and is cut.
 */
export async function scanFile(
  handle: FileHandle,
  { size, mark, synced }: { readonly size: number; readonly mark: Buffer; readonly synced: number },
): Promise<Scan> {
  const frames: FoundFrame[] = [];
  const damaged: Extent[] = [];
  let at = 0;
  while (at < Math.max(size, synced)) {
    const found = await frameAt(handle, mark, at, size, synced);
    if (found !== undefined) {
      frames.push(found);
      at += found.length;
      continue;
    }
    const next = await nextFrame(handle, mark, at + 1, size, synced);
    if (next === undefined) break;
    damaged.push({ offset: at, length: next - at });
    at = next;
  }
  if (at < synced) damaged.push({ offset: at, length: synced - at });
  return { frames, damaged, end: Math.max(at, synced) };
}

async function frameAt(
  handle: FileHandle,
  mark: Buffer,
  offset: number,
  size: number,
  synced: number,
): Promise<FoundFrame | undefined> {
  const prefix = readPrefix(mark, await bytesAt(handle, { offset, length: prefixLength }));
  if (prefix === undefined || offset + frameLength(prefix) > size) return undefined;
  const length = frameLength(prefix);
  const isPromised = offset + length <= synced;
  const wanted = isPromised ? prefixLength + prefix.headLength : length;
  const bytes = await bytesAt(handle, { offset, length: wanted });
  const head = readHead(prefix, bytes);
  if (head === undefined) return undefined;
  // A power failure may leave the head of an interrupted frame and zeros where its elements were to be.
  if (!isPromised && readFrame(mark, bytes)?.damaged.size !== 0) return undefined;
  return { offset, length, range: head.range };
}

/** The first place from `from` on where a frame begins. */
async function nextFrame(
  handle: FileHandle,
  mark: Buffer,
  from: number,
  size: number,
  synced: number,
): Promise<number | undefined> {
  for (let at = from; at < size; at += window) {
    const bytes = await bytesAt(handle, { offset: at, length: window + markLength - 1 });
    for (let hit = bytes.indexOf(mark); hit >= 0; hit = bytes.indexOf(mark, hit + 1))
      if ((await frameAt(handle, mark, at + hit, size, synced)) !== undefined) return at + hit;
  }
  return undefined;
}

/** Fewer bytes than asked for only at the file's end. */
export async function bytesAt(handle: FileHandle, { offset, length }: Extent): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
