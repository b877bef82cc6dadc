import { type Clock, type Log, type Millis, seconds } from '#pump';
import type { FileState, Folder, OpenFile } from '../shared/files/folder.ts';
import { setTornAside, wholeAfter } from '../shared/files/torn.ts';
import { rowsEnd } from './rows-end.ts';

/** A torn end that has not moved for so long is nobody's work in progress. */
const stillness: Millis = seconds(2);

interface Torn extends FileState {
  readonly since: Millis;
}

/**
 * Keeps rows whole where a crash, or a machine without power, left half of one. Nobody was told that those records are
 * safe, so they come again; the torn end must go, or the next row would be glued to it.
 *
 * - At the first look at a file, and when somebody else has written to it, the rows not seen before are scanned.
 * - A torn end is left alone for a moment: another process may be in the middle of its write.
 */
export class Tail {
  readonly #folder: Folder;
  readonly #clock: Clock;
  readonly #log: Log;
  /** Up to here the file is known to consist of whole rows. */
  #whole: FileState = { id: '', size: 0 };
  #torn: Torn | undefined;

  constructor(folder: Folder, clock: Clock, log: Log) {
    this.#folder = folder;
    this.#clock = clock;
    this.#log = log;
  }

  /** Where the file's whole rows end; undefined while it ends in half a row that may still be growing. */
  async settle(file: OpenFile, name: string): Promise<FileState | undefined> {
    const { id, size } = await file.state();
    const known = this.#whole;
    const from = known.id === id && known.size <= size ? known.size : 0;
    const end = from === size ? size : await rowsEnd(file, from, size);
    this.#whole = { id, size: end };
    if (end === size) {
      this.#torn = undefined;
      return this.#whole;
    }
    if (!this.#isStill({ id, size })) return undefined;
    await this.#cut(file, name, { from: end, to: size });
    return this.#whole;
  }

  /** Spares the scan of what we wrote ourselves, unless another process has written too. */
  async grewBy(file: OpenFile, length: number): Promise<void> {
    this.#whole = await wholeAfter(file, this.#whole, length);
  }

  #isStill({ id, size }: FileState): boolean {
    const now = this.#clock.elapsed();
    const torn = this.#torn;
    if (torn?.id !== id || torn.size !== size) {
      this.#torn = { id, size, since: now };
      return false;
    }
    return now - torn.since >= stillness;
  }

  async #cut(
    file: OpenFile,
    name: string,
    range: { readonly from: number; readonly to: number },
  ): Promise<void> {
    await setTornAside(this.#folder, file, name, range);
    this.#torn = undefined;
    this.#log.warn(
      { file: name, bytes: range.to - range.from },
      'Half a row at the end of the file was set aside; its record is written again.',
    );
  }
}
