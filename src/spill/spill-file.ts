import { randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { codeOf, type Disk, syncFolder } from './disk.ts';
import { markLength } from './frame.ts';
import { bytesAt, type Extent, type FoundFrame, scanFile } from './scan.ts';

const suffix = '.spill';
const marksSuffix = '.done';
const nameOf = /^(\d+)-([0-9a-f]{16})\.spill$/;
/** A later form has its number in its name: whoever does not know it does not know the name, also before 0.2.0. */
const laterNameOf = /^\d+-[0-9a-f]{16}\.v\d+\.spill$/;

/** What a file of an earlier life still holds. */
export interface Loaded {
  readonly file: SpillFile;
  /** Frames not answered for. */
  readonly frames: readonly FoundFrame[];
  readonly damaged: readonly Extent[];
  /** Bytes of a torn tail that were cut. */
  readonly cut: number;
}

/**
 * One append-only file of frames, and beside it (`.done`) a list of text lines:
 *
 *     synced <end>     all up to here is on disk; written before Redis is told
 *     done <offset>    the frame there is answered for
 *
 * The list is not synced. It survives kill -9; a power failure may take its end away, and then a range is delivered
 * again under the same record ids: a repeat is possible, a loss is not. Both files go when every frame is done.
 */
export class SpillFile {
  readonly path: string;
  readonly mark: Buffer;
  /** Bytes of frames. */
  size: number;
  /** Frames not answered for. Kept by the owner. */
  unfinished = 0;
  /** Nothing more is appended: it is full, of an earlier life, or a write failed. */
  isSealed: boolean;
  isRemoved = false;
  readonly #disk: Disk;
  #handle: FileHandle | undefined;
  /** The marks being written: the file must not go before them, or the last one would come back. */
  #marking: Promise<unknown> = Promise.resolve();

  private constructor(
    disk: Disk,
    file: string,
    { size, isSealed }: { size: number; isSealed: boolean },
  ) {
    this.#disk = disk;
    this.path = file;
    this.mark = Buffer.from(nameOf.exec(path.basename(file))?.[2] ?? '', 'hex');
    this.size = size;
    this.isSealed = isSealed;
  }

  static isName(name: string): boolean {
    return nameOf.test(name);
  }

  /** A file of a newer version's: ours to keep, not to read. */
  static isLaterName(name: string): boolean {
    return laterNameOf.test(name);
  }

  /** Among the names in a folder, marks whose file has gone: a kill came between the two. */
  static marksWithoutFile(names: readonly string[]): readonly string[] {
    const marks = names.filter((name) => name.endsWith(marksSuffix));
    return marks.filter(
      (name) => !names.includes(`${name.slice(0, -marksSuffix.length)}${suffix}`),
    );
  }

  static async create(disk: Disk, folder: string, sequence: number): Promise<SpillFile> {
    const mark = randomBytes(markLength).toString('hex');
    const name = `${String(sequence).padStart(9, '0')}-${mark}${suffix}`;
    const file = new SpillFile(disk, path.join(folder, name), { size: 0, isSealed: false });
    file.#handle = await disk.open(file.path, 'wx');
    try {
      await syncFolder(disk, folder);
    } catch (error) {
      // Nobody would close it any more, and it holds nothing.
      await file.close();
      await disk.unlink(file.path).catch(() => undefined);
      throw error;
    }
    return file;
  }

  /**
   * Opens what an earlier life left, and leaves out what is done. A torn tail is cut, unless somebody only wants to
   * look: then the file may be another instance's, which is writing there.
   */
  static async load(disk: Disk, file: string, { isLooking = false } = {}): Promise<Loaded> {
    const spill = new SpillFile(disk, file, { size: 0, isSealed: true });
    const { synced, done } = await readMarks(disk, spill.#marks);
    const handle = await disk.open(file, 'r');
    try {
      const { size } = await handle.stat();
      const { frames, damaged, end } = await scanFile(handle, { size, mark: spill.mark, synced });
      // Nothing is appended to it any more: where it cannot be cut it is merely ignored.
      if (end < size && !isLooking) await disk.truncate(file, end).catch(() => undefined);
      spill.size = Math.min(end, size);
      const isOpen = ({ offset }: Extent): boolean => !done.has(offset);
      const left = { frames: frames.filter(isOpen), damaged: damaged.filter(isOpen) };
      spill.unfinished = left.frames.length + left.damaged.length;
      return { file: spill, ...left, cut: Math.max(0, size - end) };
    } finally {
      await handle.close();
    }
  }

  get name(): string {
    return path.basename(this.path);
  }

  get #marks(): string {
    return `${this.path.slice(0, -suffix.length)}${marksSuffix}`;
  }

  /**
   * Writes frames; resolves with their offsets when they are on disk. After a failure the file is sealed and ends where
   * it did: a sync that failed once may claim success the next time.
   */
  async append(frames: readonly Buffer[]): Promise<readonly number[]> {
    const handle = this.#handle;
    if (handle === undefined || this.isSealed) throw new Error('the spill file is sealed');
    try {
      const all = Buffer.concat(frames);
      await writeAll(handle, all, this.size);
      await handle.datasync();
      await this.#disk.appendFile(this.#marks, `synced ${this.size + all.length}\n`);
    } catch (error) {
      this.isSealed = true;
      await handle.truncate(this.size).catch(() => undefined);
      throw error;
    }
    return frames.map((frame) => {
      const offset = this.size;
      this.size += frame.length;
      return offset;
    });
  }

  async read(extent: Extent): Promise<Buffer> {
    const handle = await this.#disk.open(this.path, 'r');
    try {
      return await bytesAt(handle, extent);
    } finally {
      await handle.close();
    }
  }

  async markDone({ offset }: Extent): Promise<void> {
    const marking = this.#disk.appendFile(this.#marks, `done ${offset}\n`);
    this.#marking = Promise.allSettled([this.#marking, marking]);
    await marking;
  }

  async close(): Promise<void> {
    this.isSealed = true;
    await this.#handle?.close();
    this.#handle = undefined;
  }

  /** The frames first: marks without frames mean nothing, frames without marks would be delivered again. */
  async remove(): Promise<void> {
    this.isRemoved = true;
    await this.close();
    await this.#marking;
    await this.#disk.unlink(this.path);
    await this.#disk.unlink(this.#marks).catch(() => undefined);
  }
}

async function writeAll(handle: FileHandle, bytes: Buffer, offset: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const { bytesWritten } = await handle.write(
      bytes,
      written,
      bytes.length - written,
      offset + written,
    );
    written += bytesWritten;
  }
}

async function readMarks(
  disk: Disk,
  file: string,
): Promise<{ readonly synced: number; readonly done: ReadonlySet<number> }> {
  let text: string;
  try {
    text = await disk.readFile(file, 'latin1');
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    text = '';
  }
  let synced = 0;
  const done = new Set<number>();
  // Whole lines only: the last one may be torn.
  for (const [, what, value] of text.matchAll(/^(synced|done) (\d+)\n/gm)) {
    if (what === 'done') done.add(Number(value));
    else synced = Math.max(synced, Number(value));
  }
  return { synced, done };
}
