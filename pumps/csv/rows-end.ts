import type { OpenFile } from '../shared/files/folder.ts';

const quote = 0x22;
const lineFeed = 0x0a;
const pieceSize = 256 * 1024;

/**
 * Where the last whole row before `size` ends. A line feed ends a row unless it stands between quotes, so a file that
 * ends with one may still be torn. `from` is a place where a row ends for certain.
 */
export async function rowsEnd(file: OpenFile, from: number, size: number): Promise<number> {
  const piece = Buffer.allocUnsafe(Math.min(pieceSize, size - from));
  let isQuoted = false;
  let end = from;
  let position = from;
  while (position < size) {
    const length = Math.min(await file.read(piece, position), size - position);
    if (length === 0) break;
    for (let at = 0; at < length; at++) {
      const byte = piece[at];
      if (byte === quote) isQuoted = !isQuoted;
      else if (byte === lineFeed && !isQuoted) end = position + at + 1;
    }
    position += length;
  }
  return end;
}
