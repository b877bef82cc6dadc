import { access, constants, mkdir, open, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { folderMode, type Millis, makeFolder, millis } from '#pump';

/** Which file it is, whatever its name, and how long. */
export interface FileState {
  readonly id: string;
  readonly size: number;
}

/** An open file, as far as we need one. */
export interface OpenFile {
  state(): Promise<FileState>;
  /** When it was written to. */
  modified(): Promise<Millis>;
  /** Fills `target` with what the file has from `position` on; the number of bytes got. */
  read(target: Uint8Array, position: number): Promise<number>;
  /** One write at the end of the file; may take less than all. */
  append(bytes: Uint8Array): Promise<number>;
  truncate(size: number): Promise<void>;
  /** Returns once the content is on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The folder of the files. */
export interface Folder {
  /** Opens for appending; makes the folder and the file where they are missing. */
  open(name: string): Promise<OpenFile>;
  /** Makes the names of new files survive a power cut. */
  sync(): Promise<void>;
  /** Fails where a file of this name could not be written. */
  probe(name: string): Promise<void>;
}

/** A folder of the file system; empty is the working directory. `mode` is that of new files. */
export function diskFolder(path: string, mode: number): Folder {
  const folder = join(path, '.');
  const disk = { mkdir: (made: string) => mkdir(made, { mode: folderMode(mode) }), stat };
  return {
    async open(name) {
      await makeFolder(disk, folder);
      return diskFile(join(folder, name), mode);
    },
    async sync() {
      const handle = await open(folder, 'r');
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    },
    async probe(name) {
      await makeFolder(disk, folder);
      await access(folder, constants.W_OK | constants.X_OK);
      await probeFile(join(folder, name));
      const { bavail } = await statfs(folder);
      if (bavail === 0) throw noSpace();
    },
  };
}

/** What the next write would say. */
function noSpace(): Error {
  return Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
}

/** A pipe or a device can be written to, and has no end that could be mended. */
function noFile(): Error {
  return Object.assign(new Error('ENXIO: it is no regular file'), { code: 'ENXIO' });
}

/** A missing file is fine: it will be made. */
async function probeFile(path: string): Promise<void> {
  try {
    const handle = await open(path, constants.O_WRONLY | constants.O_APPEND);
    await handle.close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

async function diskFile(path: string, mode: number): Promise<OpenFile> {
  // The system finds the end for each write, so that two processes never write over each other.
  const handle = await open(path, 'a+', mode);
  return {
    async state() {
      const about = await handle.stat();
      if (!about.isFile()) throw noFile();
      const { dev, ino, size } = about;
      return { id: `${dev}:${ino}`, size };
    },
    modified: async () => millis(Math.floor((await handle.stat()).mtimeMs)),
    async read(target, position) {
      const { bytesRead } = await handle.read(target, 0, target.length, position);
      return bytesRead;
    },
    async append(bytes) {
      const { bytesWritten } = await handle.write(bytes);
      return bytesWritten;
    },
    truncate: (size) => handle.truncate(size),
    sync: () => handle.datasync(),
    close: () => handle.close(),
  };
}
