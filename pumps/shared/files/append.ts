import type { FileState, OpenFile } from './folder.ts';

const pieceSize = 256 * 1024;

/**
 * All of it after `before`, or nothing: what a failed write left behind is taken back. Only where another process has
 * written in the meantime it stays, for cutting would take that process's rows too.
 */
export async function appendWhole(
  file: OpenFile,
  before: FileState,
  bytes: Uint8Array,
): Promise<void> {
  let written = 0;
  try {
    // One write takes all of it, unless the disk is nearly full.
    while (written < bytes.length) {
      const taken = await file.append(bytes.subarray(written));
      if (taken === 0) throw new Error('the file system took no byte');
      written += taken;
    }
  } catch (error) {
    const after = await file.state();
    if (after.size === before.size + written) await file.truncate(before.size);
    throw error;
  }
}

/** Copies a part of a file to the end of another. */
export async function copyRange(
  source: OpenFile,
  target: OpenFile,
  range: { readonly from: number; readonly to: number },
): Promise<void> {
  const piece = Buffer.allocUnsafe(Math.min(pieceSize, range.to - range.from));
  let position = range.from;
  while (position < range.to) {
    const length = Math.min(await source.read(piece, position), range.to - position);
    if (length === 0) return;
    await appendWhole(target, await target.state(), piece.subarray(0, length));
    position += length;
  }
}
