import { type Log, mebibytes } from '#pump';
import type { FileState, Folder, OpenFile } from '../shared/files/folder.ts';
import { setTornAside, wholeAfter } from '../shared/files/torn.ts';

const lineFeed = 0x0a;
const pieceSize = 64 * 1024;
/** Far more than a batch: what has no line end for so long was written by nobody like us. */
const longestTear = mebibytes(64);

/**
 * Keeps lines whole where a crash left a part of one. Nobody was told that its record is safe, so it comes again; the torn end
 * must go, or the next line would be glued to it.
 */
export class Tail {
  readonly #folder: Folder;
  readonly #log: Log;
  /** Up to here the file is known to consist of whole lines. */
  #whole: FileState = { id: '', size: 0 };

  constructor(folder: Folder, log: Log) {
    this.#folder = folder;
    this.#log = log;
  }

  /** The file, which ends with a whole line now; whether nobody has written to it since we did. */
  async settle(file: OpenFile, name: string): Promise<FileState & { readonly isOurs: boolean }> {
    const { id, size } = await file.state();
    const known = this.#whole;
    const isOurs = known.id === id && known.size === size;
    const end = isOurs ? size : await endOfLines(file, size);
    if (end < size) await this.#cut(file, name, { from: end, to: size });
    this.#whole = { id, size: end };
    return { ...this.#whole, isOurs };
  }

  /** Spares the look at what we wrote ourselves. */
  async grewBy(file: OpenFile, length: number): Promise<void> {
    this.#whole = await wholeAfter(file, this.#whole, length);
  }

  async #cut(
    file: OpenFile,
    name: string,
    range: { readonly from: number; readonly to: number },
  ): Promise<void> {
    await setTornAside(this.#folder, file, name, range);
    this.#log.warn(
      { file: name, bytes: range.to - range.from },
      'Part of a line at the end of the file was set aside; its record is written again.',
    );
  }
}

/** Behind the last line end; looked for from the end. */
async function endOfLines(file: OpenFile, size: number): Promise<number> {
  const piece = Buffer.allocUnsafe(Math.min(pieceSize, size));
  for (let end = size; end > 0; ) {
    if (size - end > longestTear)
      throw new Error('The file ends in more than 64 MiB without a line end: it is none of ours.');
    const start = Math.max(0, end - piece.length);
    const part = piece.subarray(0, end - start);
    await readWhole(file, part, start);
    const at = part.lastIndexOf(lineFeed);
    if (at >= 0) return start + at + 1;
    end = start;
  }
  return 0;
}

async function readWhole(file: OpenFile, target: Buffer, position: number): Promise<void> {
  for (let got = 0; got < target.length; ) {
    const length = await file.read(target.subarray(got), position + got);
    if (length === 0) throw new Error('the file became shorter while it was read');
    got += length;
  }
}
