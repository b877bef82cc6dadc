import type { MakeDirectoryOptions } from 'node:fs';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { folderMode, makeFolder as make } from '../lib/make-folder.ts';

/** The file operations the spill uses: a test may fail or stop at each of them. */
export type Disk = Pick<
  typeof fs,
  | 'appendFile'
  | 'mkdir'
  | 'open'
  | 'readdir'
  | 'readFile'
  | 'rename'
  | 'rm'
  | 'rmdir'
  | 'stat'
  | 'truncate'
  | 'unlink'
  | 'writeFile'
>;

export const systemDisk: Disk = fs;

/** The same with permissions of what is made: of files, and of folders that whoever may read the files may search. */
export function withMode(disk: Disk, mode: number): Disk {
  const ofFolder = folderMode(mode);
  return {
    ...disk,
    mkdir: ((folder: string, options?: MakeDirectoryOptions) =>
      disk.mkdir(folder, { ...options, mode: ofFolder })) as Disk['mkdir'],
    open: (file, flags) => disk.open(file, flags, mode),
    appendFile: (file, data) => disk.appendFile(file, data, { mode }),
    writeFile: (file, data) => disk.writeFile(file, data, { mode }),
  };
}

/** Makes a folder that is still there after a power failure: each new name is synced into the folder above it. */
export async function makeFolder(disk: Disk, folder: string): Promise<void> {
  const first = await make(disk, folder);
  if (first === undefined) return;
  for (let at = folder; ; at = path.dirname(at)) {
    await syncFolder(disk, path.dirname(at));
    if (at === path.resolve(first) || at === first || at === path.dirname(at)) return;
  }
}

/** Makes the names in a folder durable. */
export async function syncFolder(disk: Disk, folder: string): Promise<void> {
  const handle = await disk.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The names in a folder; none where it is not there. */
export async function namesIn(disk: Disk, folder: string): Promise<readonly string[]> {
  try {
    return await disk.readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
    throw error;
  }
}

/** Removes a folder if it is empty. */
export async function removeIfEmpty(disk: Disk, folder: string): Promise<void> {
  await disk.rmdir(folder).catch(() => undefined);
}

export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
