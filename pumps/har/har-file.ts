import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { harHead, harTail, type Millis } from '#pump';

const tail = Buffer.from(harTail);
/** A name is tried again with the next number where somebody has it. */
const mostNumber = 9999;

/** A HAR that grows. Between two writes it is complete: each overwrites the end, and writes it again behind what is new. */
export class HarFile {
  readonly path: string;
  readonly begunAt: Millis;
  entries = 0;
  readonly #handle: FileHandle;
  /** Where the end begins. */
  #end: number;

  private constructor(path: string, handle: FileHandle, begunAt: Millis) {
    this.path = path;
    this.begunAt = begunAt;
    this.#handle = handle;
    this.#end = harHead.length;
  }

  /** A new file, which nobody else has: `<name>-20261201T100000Z-0001.har`. */
  static async begin(
    folder: string,
    name: string,
    { mode, now }: { readonly mode: number; readonly now: Millis },
  ): Promise<HarFile> {
    const time = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '');
    for (let number = 1; ; number++) {
      const path = join(folder, `${name}-${time}-${String(number).padStart(4, '0')}.har`);
      try {
        const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
        const file = new HarFile(path, await open(path, flags, mode), now);
        await file.#put(Buffer.from(harHead + harTail), 0);
        return file;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || number >= mostNumber) throw error;
      }
    }
  }

  get size(): number {
    return this.#end + tail.length;
  }

  /** Writes entries, and returns once they are on the disk. Rejects where they could not be written: then the file is as it was. */
  async append(entries: readonly string[]): Promise<void> {
    const text = Buffer.from(`${this.entries === 0 ? '' : ',\n'}${entries.join(',\n')}`);
    try {
      await this.#put(Buffer.concat([text, tail]), this.#end);
    } catch (error) {
      await this.#handle.truncate(this.#end);
      await this.#put(tail, this.#end);
      throw error;
    }
    this.#end += text.length;
    this.entries += entries.length;
  }

  /** Whether the name is still this file’s: it may have been moved or deleted. */
  async isThere(): Promise<boolean> {
    return (await this.#handle.stat()).nlink > 0;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  async #put(bytes: Buffer, position: number): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      const { bytesWritten } = await this.#handle.write(
        bytes,
        done,
        bytes.length - done,
        position + done,
      );
      if (bytesWritten === 0) throw new Error('the file system took no byte');
      done += bytesWritten;
    }
    await this.#handle.datasync();
  }
}
